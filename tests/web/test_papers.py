"""Several papers in one home, as the page and the API show them."""

import httpx
import pytest

from index.build import build_index
from index.settings import Settings
from web.app import create_app

pytestmark = [pytest.mark.model, pytest.mark.server]

KEEPER = "Who is the keeper?"


@pytest.fixture(scope="module")
def aviary_home(tmp_path_factory, model_folder):
    home = tmp_path_factory.mktemp("aviary")
    (home / "models").symlink_to(model_folder.parent, target_is_directory=True)
    for name, keeper in {"herons": "Marigold Pike", "storks": "Basil Finch"}.items():
        entry = "## References\n\n[1] A <b>, B. (1999)."
        text = f"# On {name.title()}\n\nThe keeper of the {name} is called {keeper}.\n\n{entry}"
        (home / f"{name}.md").write_text(text)
        build_index([home / f"{name}.md"], Settings(home=home))
    return home


@pytest.fixture(scope="module")
def aviary(aviary_home, serving):
    with serving(create_app(Settings(home=aviary_home, threshold=0.0))) as url:
        yield url


@pytest.fixture
def browser(aviary):
    with httpx.Client(base_url=aviary, follow_redirects=True, timeout=30) as client:
        yield client


def test_the_paper_in_use_is_open_at_first(browser):
    assert "On Storks" in browser.get("/").text


def test_another_paper_is_opened_from_the_list_and_stays_open(browser):
    assert '<a dir="auto" class="title" href="/papers/herons">On Herons</a>' in browser.get("/sources").text
    assert "On Herons" in browser.get("/papers/herons").text
    assert "Marigold Pike" in browser.get("/ask", params={"q": KEEPER}).text


def test_the_open_paper_is_marked_in_the_list(browser):
    browser.get("/papers/herons")
    assert 'href="/papers/herons" aria-current="true">On Herons</a>' in browser.get("/sources").text


def test_what_one_browser_opens_another_does_not_see(browser, aviary):
    browser.get("/papers/herons")
    assert "On Storks" in httpx.get(aviary).text


def test_a_paper_that_is_gone_by_now_is_the_one_in_use(browser):
    browser.cookies.set("ibid_paper", "owls")
    assert "On Storks" in browser.get("/").text


def test_a_paper_that_is_not_there_is_an_error_that_lists_the_others(browser):
    shown = browser.get("/papers/owls")
    assert (shown.status_code, "herons, storks" in shown.text) == (404, True)


def test_the_api_lists_the_papers(browser):
    assert browser.get("/api/papers").json() == [
        {"name": "herons", "title": "On Herons", "in_use": False},
        {"name": "storks", "title": "On Storks", "in_use": True},
    ]


def test_the_api_asks_the_paper_that_is_named(browser):
    answer = browser.post("/api/ask", json={"question": KEEPER, "paper": "herons"}).json()
    assert "Marigold Pike" in answer["answer"]["text"]


def test_an_entry_without_an_address_says_what_to_do(browser):
    shown = browser.get("/sources").text
    assert "A &lt;b&gt;, B. (1999)" in shown
    assert "no address" in shown


def test_where_the_open_paper_is_damaged_another_can_be_opened(tmp_path, model_folder, serving):
    (tmp_path / "models").symlink_to(model_folder.parent, target_is_directory=True)
    for name in ("herons", "storks"):
        (tmp_path / f"{name}.md").write_text(f"# On {name.title()}\n\nThey fly.")
        build_index([tmp_path / f"{name}.md"], Settings(home=tmp_path))
    (tmp_path / "papers" / "storks" / "current").write_text("bundle-gone-1\n")
    with (
        serving(create_app(Settings(home=tmp_path))) as url,
        httpx.Client(base_url=url, follow_redirects=True) as client,
    ):
        assert client.get("/").status_code == 503
        shown = client.get("/sources")
        assert (shown.status_code, "cannot be asked: <bdi>the index is damaged" in shown.text) == (
            200,
            True,
        )
        assert "On Herons" in client.get("/papers/herons").text


def test_a_server_of_one_folder_knows_no_other_paper(aviary_home, serving):
    settings = Settings(home=aviary_home, index=aviary_home / "papers" / "herons")
    with serving(create_app(settings)) as url:
        asked = httpx.post(f"{url}/api/ask", json={"question": KEEPER, "paper": "storks"})
        assert (asked.status_code, httpx.get(f"{url}/api/papers").json()) == (404, [])


def test_a_passage_of_a_cited_work_says_which_even_while_it_is_folded(tmp_path, model_folder, serving):
    (tmp_path / "models").symlink_to(model_folder.parent, target_is_directory=True)
    (tmp_path / "references").mkdir()
    (tmp_path / "herons.md").write_text(
        "# On Herons\n\nThey nest [1].\n\n## References\n\n[1] Pike, M. (1999). Nests of Wales."
    )
    (tmp_path / "references" / "1.md").write_text("# Nests of Wales\n\nThe tallest nest is nine feet high.")
    build_index([tmp_path / "herons.md"], Settings(home=tmp_path))
    with serving(create_app(Settings(home=tmp_path, threshold=0.0))) as url:
        shown = httpx.get(f"{url}/ask", params={"q": "How high is the tallest nest?"}).text
    assert '<span class="place" dir="auto">Nests of Wales · ¶1</span>' in shown
