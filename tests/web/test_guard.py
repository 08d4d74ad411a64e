import dataclasses

import httpx
import pytest

from web.app import LOCAL_HOSTS, create_app
from web.guard import BODY_MAX_BYTES

pytestmark = [pytest.mark.model, pytest.mark.server]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]:8000"])
def test_a_name_of_this_machine_is_served(client, host):
    assert client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "0.0.0.0", "[::2]", "[", ""],
)
def test_any_other_name_is_refused(client, host):
    found = client.get("/healthz", headers={"host": host})
    assert (found.status_code, found.json()["error"]["kind"]) == (400, "wrong_host")


def test_a_refused_reader_gets_a_page(client):
    found = client.get("/", headers={"host": "evil.example"})
    assert found.status_code == 400
    assert "This server does not go by that name." in found.text


def test_a_name_that_the_server_was_given_is_served(serving, settings):
    with serving(create_app(settings, hosts=(*LOCAL_HOSTS, "Reading.Room"))) as url:
        assert httpx.get(f"{url}/healthz", headers={"host": "reading.room:80"}).status_code == 200


@pytest.mark.parametrize(("host", "status"), [("192.168.1.5:8000", 200), ("[fe80::1]", 200), ("evil.example", 400)])
def test_who_listens_everywhere_goes_by_any_address_but_no_name(serving, settings, host, status):
    with serving(create_app(settings, hosts=(*LOCAL_HOSTS, "0.0.0.0"))) as url:
        assert httpx.get(f"{url}/healthz", headers={"host": host}).status_code == status


@pytest.mark.parametrize(
    "path", ["/", "/ask?q=", "/docs", "/sources", "/healthz", "/api/ask", "/nothing", "/static/ibid.css"]
)
def test_every_answer_tells_the_browser_to_be_strict(client, path):
    found = client.get(path).headers
    assert found["content-security-policy"] == POLICY
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "no-referrer"


def test_even_a_crash_does(serving, settings):
    app = create_app(settings)
    app.state.live = dataclasses.make_dataclass("Broken", [])()
    with serving(app) as url:
        found = httpx.get(url)
    assert found.status_code == 500
    assert found.headers["content-security-policy"] == POLICY
    assert "Something broke inside Ibid." in found.text


def test_a_page_and_its_fragment_are_cached_apart(client):
    assert "HX-Request" in client.get("/").headers["vary"]


def test_a_body_of_exactly_the_limit_is_read(client):
    body = '{"question": "' + " " * (BODY_MAX_BYTES - 16) + '"}'
    found = client.post("/api/ask", content=body, headers=JSON)
    assert (len(body), found.json()["error"]["message"]) == (BODY_MAX_BYTES, "the question is empty")


@pytest.mark.parametrize("size_bytes", [BODY_MAX_BYTES + 1, 5_000_000])
def test_a_larger_body_is_refused(client, size_bytes):
    found = client.post("/api/ask", content=b" " * size_bytes, headers=JSON)
    assert (found.status_code, found.json()["error"]["kind"]) == (413, "too_large")


def test_a_larger_body_of_unknown_length_is_refused(client):
    found = client.post("/api/ask", content=(b" " * 1000 for _ in range(100)), headers=JSON)
    assert (found.status_code, found.json()["error"]["kind"]) == (413, "too_large")
