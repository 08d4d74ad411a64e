"""The page of sources: the state of each entry, where its text came from, and what may be done to it."""

import time

import httpx
import pytest

from index.build import build_index
from index.settings import Settings
from web.app import LOCAL_HOSTS, create_app

pytestmark = [pytest.mark.model, pytest.mark.server]

HERONS = """# On Herons

They nest [1], hunt [2] and <b>rest</b> [3].

## References

[1] Pike, M. (1999). Nests of Wales.
[2] Finch, B. (2001). How herons hunt. https://herons.example/hunt
[3] Reed, A. <i>(2003)</i>. Rest.
"""
NESTS = "# Nests of Wales\n\nThe tallest nest is nine feet high.\n"


@pytest.fixture(scope="module")
def own(tmp_path_factory, model_folder):
    home = tmp_path_factory.mktemp("sources")
    (home / "models").symlink_to(model_folder.parent, target_is_directory=True)
    (home / "references").mkdir()
    (home / "herons.md").write_text(HERONS)
    (home / "references" / "1.md").write_text(NESTS)
    settings = Settings(home=home, threshold=0.0, upload_max_bytes=100_000)
    build_index([home / "herons.md"], settings)
    return settings


@pytest.fixture(scope="module")
def reader(own, serving):
    with serving(create_app(own)) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def row(text, number):
    """Return the row of an entry."""
    return text.partition(f'id="entry-{number}"')[2].partition("</tr>")[0]


def do(client, path, **form):
    """Begin a work, wait for its end, and return the row of entry 3 then."""
    answer = client.post(path, **form)
    assert answer.status_code == 303, answer.text
    ends = time.monotonic() + 120
    while "refresh" in (shown := client.get(answer.headers["location"]).text):
        assert time.monotonic() < ends, shown
        time.sleep(0.1)
    assert "See what came" in shown, shown
    return row(client.get("/sources").text, 3)


def test_each_entry_is_told_with_its_state_in_words_and_by_a_sign(reader):
    shown = reader.get("/sources").text
    assert [sign in row(shown, n) for n, sign in ((1, "✓"), (2, "○"), (3, "✕"))] == [True] * 3
    assert [word in row(shown, n) for n, word in ((1, "by hand"), (2, "not fetched"), (3, "no address"))] == [True] * 3


def test_what_is_held_says_how_it_came_and_opens(reader):
    held = row(reader.get("/sources").text, 1)
    assert "Put in by hand, 20" in held
    assert 'href="/documents/reference-1"' in held


def test_only_what_has_an_address_can_be_fetched(reader):
    shown = reader.get("/sources").text
    assert ["/sources/fetch" in row(shown, n) for n in (1, 2, 3)] == [False, True, False]


def test_how_many_can_be_asked_is_said_above_and_in_the_navigation(reader):
    shown = reader.get("/sources").text
    assert "1 of 3 references can be asked" in shown
    assert "1/3" in shown.partition("</nav>")[0]


def test_entries_are_filtered_by_state_without_a_script(reader):
    shown = reader.get("/sources", params={"state": "no_url"}).text
    assert [f'id="entry-{n}"' in shown for n in (1, 2, 3)] == [False, False, True]
    assert '<a href="/sources?state=no_url" aria-current="true">' in shown


@pytest.mark.parametrize("state", ["", "paywalled", "<b>"])
def test_a_state_that_no_entry_is_in_shows_all(reader, state):
    assert reader.get("/sources", params={"state": state}).text.count('<tr role="row" id="entry-') == 3


def test_what_an_entry_holds_is_escaped(reader):
    assert "Reed, A. &lt;i&gt;(2003)&lt;/i&gt;. Rest." in row(reader.get("/sources").text, 3)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (("a.pdf", b""), "The file a.pdf is empty."),
        (("a.pdf", b"GIF89a" + bytes(9)), "The file a.pdf is binary (image/gif)"),
        (("a.md", b"x" * 300_000), "The file is too large."),
        (("", b""), "No file was sent."),
    ],
)
def test_a_file_that_cannot_be_taken_is_told_at_its_entry(reader, file, told):
    answer = reader.post("/sources/texts?paper=herons&number=3", files={"file": file})
    assert answer.status_code == 422
    assert told in row(answer.text, 3)
    assert '<details class="change" open>' in row(answer.text, 3)
    assert 'role="alert"' not in row(answer.text, 2)


@pytest.mark.parametrize("path", ["/sources/fetch", "/sources/forget", "/sources/texts?paper=owls&number=1"])
def test_a_paper_that_is_not_there_has_no_sources(reader, path):
    answer = reader.post(path, data={"paper": "owls", "number": "1"})
    assert (answer.status_code, "herons" in answer.text) == (404, True)


def test_a_text_is_taken_from_a_file_kept_with_the_paper_and_removed_again(reader, own):
    taken = do(
        reader, "/sources/texts?paper=herons&number=3", files={"file": ("rest.md", "# Rest\n\nThey rest on one leg.")}
    )
    assert "by hand" in taken
    assert "one leg" in reader.get("/ask", params={"q": "How do herons rest?"}).text
    assert len(list(own.papers_folder.glob("herons/shelf/*/texts/*"))) == 1
    build_index([own.home / "herons.md"], own)  # as in a terminal, which keeps it
    assert "by hand" in row(reader.get("/sources").text, 3)
    assert "no address" in do(reader, "/sources/forget", data={"paper": "herons", "number": "3"})


def test_the_text_of_a_file_of_one_s_own_is_not_removed(reader, own):
    answer = reader.post("/sources/forget", data={"paper": "herons", "number": "1"})
    ends = time.monotonic() + 60
    while "is a file of yours" not in (shown := reader.get(answer.headers["location"]).text):
        assert time.monotonic() < ends, shown
        time.sleep(0.1)
    assert (own.home / "references" / "1.md").exists()


def test_a_server_for_others_only_shows_them(own, serving):
    with serving(create_app(own, hosts=(*LOCAL_HOSTS, "0.0.0.0"))) as url:
        shown = httpx.get(f"{url}/sources").text
    assert "by hand" in shown
    assert "put its text into the folder" in shown
    assert "What was not fetched yet comes with <code>ibid fetch</code>." in shown
    assert "<form" not in shown.partition("<main")[2]


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_the_table_keeps_its_roles_and_stays_within_its_page(chromium, reader, width):
    with chromium.new_context(base_url=str(reader.base_url), viewport={"width": width, "height": 900}) as context:
        page = context.new_page()
        page.goto("/sources")
        assert page.get_by_role("row").count() >= 3
        assert page.get_by_role("rowheader").count() == 3
        assert page.evaluate("document.documentElement.scrollWidth") <= width
