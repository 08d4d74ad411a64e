import dataclasses
import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from index.bundle import open_index
from index.library import find_folder
from index.settings import Settings
from qa.answer import answer_question
from qa.sources import list_sources
from web.app import create_app

pytestmark = [pytest.mark.model, pytest.mark.server]

QUESTION = "What do the two countries do about semiconductors?"
JSON = {"content-type": "application/json"}


class BrokenIndex:
    """An index whose use is a bug."""

    def get(self):
        raise ZeroDivisionError


@pytest.fixture(scope="module")
def index(settings):
    return open_index(settings)


def to_json(answered):
    """Return a dataclass as a client sees it, without what differs from run to run."""
    fields = json.loads(json.dumps(dataclasses.asdict(answered)))
    return {name: value for name, value in fields.items() if name != "timing_ms"}


def test_an_answer_is_the_core_s_own(client, index, settings):
    found = client.post("/api/ask", json={"question": QUESTION, "k": 3, "source": "paper"}).json()
    del found["timing_ms"]
    assert found == to_json(answer_question(index, QUESTION, settings, k=3, source="paper"))


def test_five_passages_come_unless_asked_otherwise(client):
    assert len(client.post("/api/ask", json={"question": QUESTION}).json()["passages"]) == 5


def test_a_passage_is_its_document_s_text_to_the_letter(client, index):
    best, *_ = client.post("/api/ask", json={"question": QUESTION}).json()["passages"]
    text = index.corpus.load_document(best["document"]["id"]).text
    assert best["text"] == text[best["locator"]["start"] : best["locator"]["end"]]


def test_sources_are_the_core_s_own(client, index):
    assert client.get("/api/sources").json() == to_json(list_sources(index))


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"question": ""}, "the question is empty"),
        ({"question": " \n"}, "the question is empty"),
        ({"question": "a" * 10_000}, "the question is 10,000 characters long"),
        ({"question": "?!"}, "the question is not text"),
        ({"question": "a\x00b"}, "the question is not text"),
        ({"question": "\ud800"}, "the question is not text"),
        ({"question": "a", "k": 0}, "k is 0"),
        ({"question": "a", "k": 101}, "k is 101"),
        ({"question": "a", "k": "5"}, "k: Input should be a valid integer"),
        ({"question": "a", "k": True}, "k: Input should be a valid integer"),
        ({"question": "a", "k": 1.5}, "k: Input should be a valid integer"),
        ({"question": "a", "source": "web"}, "source: Input should be 'paper', 'references' or 'all'"),
        ({"question": 5}, "question: Input should be a valid string"),
        ({}, "question: Field required"),
        ({"question": "a", "earlier": "b"}, "earlier: Input should be a valid tuple"),
        ({"question": "a", "earlier": [{"answer": "b"}]}, "earlier.0.question: Field required"),
        ({"question": "a", "earlier": [{"question": "b", "by": "me"}]}, "earlier.0.by: Unexpected keyword argument"),
        (
            {"question": "a", "earlier": [{"question": "b"}, {"question": ""}]},
            "of earlier turn 2, the question is empty",
        ),
        (
            {"question": "a", "earlier": [{"question": "b", "answer": "c" * 10_001}]},
            "the answer of earlier turn 1 is 10,001 characters long",
        ),
        (
            {"question": "a", "earlier": [{"question": "b", "answer": "\x00"}]},
            "the answer of earlier turn 1 is not text",
        ),
        ({"question": "a", "earlier": [{"question": "b"}] * 101}, "101 turns are named as earlier"),
    ],
)
def test_a_bad_question_is_named(client, body, message):
    found = client.post("/api/ask", content=json.dumps(body), headers=JSON)
    assert (found.status_code, found.json()["error"]["kind"]) == (422, "bad_question")
    assert found.json()["error"]["message"] == message


def test_an_unknown_field_is_named(client):
    found = client.post("/api/ask", json={"question": "a", "top": 3}).json()["error"]["message"]
    assert found.startswith("top: ")


@pytest.mark.parametrize(
    "body", ["", "hello", "[1]", "null", '"a"', '{"question": "a"', '{"question": "a", "\\ud800": 1}']
)
def test_a_body_that_is_no_json_object_is_told_what_to_send(client, body):
    found = client.post("/api/ask", content=body, headers=JSON)
    assert (found.status_code, found.json()["error"]["kind"]) == (422, "bad_request")
    assert '{"question": "…"}' in found.json()["error"]["hint"]


def test_a_body_of_another_type_is_told_which_to_send(client):
    found = client.post("/api/ask", content='{"question": "a"}', headers={"content-type": "text/plain"})
    assert found.status_code == 422
    assert "Content-Type: application/json" in found.json()["error"]["hint"]


def test_json_nested_too_deep_to_read_is_a_bad_request(client):
    found = client.post("/api/ask", content="[" * 60_000, headers=JSON)
    assert (found.status_code, found.json()["error"]["kind"]) == (400, "bad_request")


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [("GET", "/api/nothing", 404, "not_found"), ("GET", "/api/ask", 405, "wrong_method")],
)
def test_a_wrong_address_is_an_error_in_json(client, method, path, status, kind):
    found = client.request(method, path)
    assert (found.status_code, found.json()["error"]["kind"]) == (status, kind)


def test_a_wrong_method_is_told_the_right_one(client):
    assert client.get("/api/ask").headers["allow"] == "POST"


def test_health_names_the_index(client, index):
    found = client.get("/healthz").json()
    assert (found["status"], found["index"]) == ("ok", index.manifest.id)


@pytest.mark.parametrize(("method", "path"), [("GET", "/healthz"), ("GET", "/api/sources"), ("POST", "/api/ask")])
def test_without_an_index_the_answer_says_how_to_make_one(serving, tmp_path, method, path):
    with serving(create_app(Settings(home=tmp_path))) as url:
        found = httpx.request(method, f"{url}{path}", json={"question": "a"} if method == "POST" else None)
    assert (found.status_code, found.json()["error"]["kind"]) == (503, "no_index")
    assert "ibid build" in found.json()["error"]["hint"]


def test_a_crash_says_nothing_of_its_inside(serving, settings):
    app = create_app(settings)
    app.state.live = BrokenIndex()
    with serving(app) as url:
        found = httpx.get(f"{url}/healthz")
    assert (found.status_code, found.json()["error"]["kind"]) == (500, "crash")
    assert "ZeroDivision" not in found.text


def test_a_rebuilt_index_answers_without_a_restart(serving, settings, tmp_path):
    folder = tmp_path / "index"
    shutil.copytree(find_folder(settings), folder, symlinks=True)
    with serving(create_app(dataclasses.replace(settings, index=folder))) as url:
        before = httpx.get(f"{url}/healthz").json()["index"]
        swap_index(folder, "0123456789ab")
        after = httpx.get(f"{url}/healthz").json()["index"]
    assert before != after == "0123456789ab"


def swap_index(folder, identity):
    """Put a copy of the bundle in force under another name, as a build does."""
    bundle = folder / (folder / "current").read_text(encoding="utf-8").strip()
    copy = folder / f"bundle-{identity}-99"
    shutil.copytree(bundle, copy)
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    (copy / "manifest.json").write_text(json.dumps(manifest | {"id": identity}), encoding="utf-8")
    (folder / "current.new").write_text(copy.name, encoding="utf-8")
    (folder / "current.new").replace(folder / "current")


def test_many_ask_at_once_and_each_gets_its_own_answer(client):
    questions = [f"What happened in {year}?" for year in range(2010, 2034)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda q: client.post("/api/ask", json={"question": q}).json()["question"], questions))
    assert found == questions


def test_the_schema_documents_every_error_of_every_address(client):
    schema = client.get("/openapi.json").json()
    errors = {
        path: {status for status, answer in operation["responses"].items() if refers_to_error(answer)}
        for path, item in schema["paths"].items()
        for operation in item.values()
    }
    assert errors == {
        "/api/ask": {"400", "404", "413", "422", "500", "503"},
        "/api/audit": {"400", "404", "500", "503"},
        "/api/cite": {"400", "404", "422", "500", "503"},
        "/api/papers": {"400", "500"},
        "/api/sources": {"400", "500", "503"},
        "/healthz": {"400", "500", "503"},
    }


def refers_to_error(answer):
    return answer["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorReport"}


def test_the_schema_bounds_what_can_be_asked(client):
    asked = client.get("/openapi.json").json()["components"]["schemas"]["Asked"]
    assert (asked["properties"]["k"]["minimum"], asked["properties"]["k"]["maximum"]) == (1, 100)
    assert asked["properties"]["source"]["enum"] == ["paper", "references", "all"]
    assert asked["additionalProperties"] is False


def test_the_audit_comes_over_http_as_the_command_prints_it(client):
    audit = client.get("/api/audit").json()
    assert [marker["marker"] for marker in audit["markers"] if marker["verdict"] == "missing"] == ["[23]"]
    assert audit["pattern"].startswith("From [5] on, entries run one ahead")


def test_the_audit_of_no_such_paper_is_an_error(client):
    answer = client.get("/api/audit", params={"paper": "no such paper"})
    assert (answer.status_code, answer.json()["error"]["kind"]) == (404, "no_paper")


def test_a_conversation_keeps_the_numbers_of_its_sources(client):
    body = {"question": "How much will Toyota invest in North Carolina?", "numbered": ["some-reference"]}
    answer = client.post("/api/ask", json=body).json()
    assert [source["number"] for source in answer["sources"]] == [2]
    body["numbered"] = ["a", "a"]
    assert client.post("/api/ask", json=body).json()["error"]["kind"] == "bad_question"


TOYOTA = {
    "question": "How much will Toyota invest in North Carolina?",
    "answer": "Toyota has committed to invest US$13.9 billion to build a battery plant in North Carolina.",
}


def test_a_question_that_leaves_something_open_is_completed_from_the_turn_before(client):
    answer = client.post("/api/ask", json={"question": "and when will it make batteries?", "earlier": [TOYOTA]}).json()
    assert answer["question"] == "and when will it make batteries?"
    assert "Toyota" in answer["read_as"]
    assert "from late 2025" in answer["passages"][0]["text"]


def test_a_question_that_stands_alone_is_asked_as_it_is(client):
    body = {"question": QUESTION, "k": 1}
    alone, after = (client.post("/api/ask", json={**body, "earlier": turns}).json() for turns in ([], [TOYOTA]))
    assert after["read_as"] is None
    assert after["passages"] == alone["passages"]


def test_the_schema_bounds_the_turns_before(client):
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["Asked"]["properties"]["earlier"]["maxItems"] == 100
    assert schemas["AskedBefore"]["properties"]["answer"]["maxLength"] == 10_000
    assert schemas["AskedBefore"]["required"] == ["question"]
