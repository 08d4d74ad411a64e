"""Papers added, watched, cancelled and removed on the page, with the real program that does it."""

import re
import time

import httpx
import pytest
from test_axe import check

from index.build import build_index
from index.settings import Settings
from index.storage import hold
from web.app import LOCAL_HOSTS, create_app

pytestmark = [pytest.mark.model, pytest.mark.server]

HERONS = "# On Herons\n\nThe keeper of the herons is called Marigold Pike.\n"


def make_home(folder, model_folder):
    (folder / "models").symlink_to(model_folder.parent, target_is_directory=True)
    return Settings(home=folder, threshold=0.0, upload_max_bytes=100_000)


@pytest.fixture(scope="module")
def own(tmp_path_factory, model_folder):
    """A home to which the tests of this file add papers."""
    return make_home(tmp_path_factory.mktemp("adding"), model_folder)


@pytest.fixture(scope="module")
def reader(own, serving):
    with serving(create_app(own)) as url, httpx.Client(base_url=url, timeout=60) as client:
        yield client


def wait_for(client, path, word, *, timeout_s=120):
    """Ask for a page until a word stands in it."""
    ends = time.monotonic() + timeout_s
    while word not in (text := client.get(path).text):
        assert time.monotonic() < ends, text
        time.sleep(0.1)
    return text


def add(client, **form):
    answer = client.post("/papers", **form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


@pytest.fixture(scope="module")
def added(reader):
    """What is seen of a file that was added to an empty home: the first page, the work, and its end."""
    before = reader.get("/")
    job = add(reader, files={"file": ("herons.md", HERONS)}, data={"address": " "})
    first = reader.get(job).text
    last = wait_for(reader, job, "Done.")
    return before, job, first, last


def test_a_home_without_a_paper_invites_to_add_one(added):
    assert (added[0].status_code, "No paper yet" in added[0].text) == (200, True)
    assert 'type="file"' in added[0].text


def test_a_work_is_watched_on_a_page_that_loads_itself_anew_without_a_script(added):
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in added[2]
    assert "/cancel" in added[2]


def test_in_the_end_it_leads_to_the_paper_and_to_what_that_cites(added):
    assert '<a class="action" href="/papers/herons">' in added[3]
    assert "Fetch the works that it cites" in added[3]
    assert "refresh" not in added[3]


def test_the_paper_is_open_then(added, reader):
    assert "Marigold Pike" in reader.get("/ask", params={"q": "Who is the keeper?"}).text


def test_progress_comes_as_events_and_ends(added, reader):
    with reader.stream("GET", f"{added[1]}/events") as events:
        told = events.read().decode()
    assert events.headers["content-type"].startswith("text/event-stream")
    assert re.findall("^event: (.*)$", told, re.MULTILINE) == ["step", "message", "end"]


def test_nothing_that_was_sent_is_left_lying(added, own):
    assert not (own.home / "incoming").exists()


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"data": {"address": ""}}, "Neither a file nor an address was sent."),
        ({"files": {"file": ("a.md", HERONS)}, "data": {"address": "10.1/x"}}, "Both a file and an address were sent."),
        ({"data": {"address": "no <address>"}}, "This is no DOI, arXiv id or web address."),
        ({"data": {"address": "/etc/passwd"}}, "This is no DOI, arXiv id or web address."),
        ({"data": {"address": "file:///etc/passwd"}}, "This is no DOI, arXiv id or web address."),
        ({"files": {"file": ("a.pdf", b"")}}, "The file a.pdf is empty."),
        (
            {"files": {"file": ("a.pdf", b"\x89PNG\r\n\x1a\n" + bytes(99))}},
            "The file a.pdf is binary (image/png), not a text.",
        ),
        ({"files": {"file": ("a.md", b"x" * 100_001)}}, "The file a.md is too large."),
        ({"files": {"file": ("a.md", b"x" * 900_000)}}, "The file is too large."),
    ],
)
def test_what_cannot_be_added_is_told_in_the_form(added, reader, form, told):
    answer = reader.post("/papers", **form)
    assert (answer.status_code, told in answer.text) == (422, True)
    assert 'id="add-trouble"' in answer.text


def test_what_was_typed_is_kept(added, reader):
    answer = reader.post("/papers", data={"address": 'no "address"'})
    assert 'value="no &#34;address&#34;" aria-invalid="true"' in answer.text


def send_parts(reader, address, encoding):
    part = f'--B\r\nContent-Disposition: form-data; name="address"\r\n\r\n{address}\r\n--B--\r\n'
    kind = f"multipart/form-data; boundary=B; charset={encoding}"
    return reader.post("/papers", content=part.encode(), headers={"content-type": kind})


def test_half_a_character_in_an_address_is_shown_as_a_question_mark(added, reader):
    answer = send_parts(reader, "no \\ud800 address", "unicode_escape")
    assert (answer.status_code, 'value="no ? address"' in answer.text) == (422, True)


def test_a_form_in_an_encoding_that_reads_nothing_is_refused(added, reader):
    assert send_parts(reader, "10.1000/182", "undefined").status_code == 400


def test_a_private_address_is_not_fetched_and_said_so_beside_another_try(added, reader):
    shown = wait_for(reader, add(reader, data={"address": "http://127.0.0.1/x"}), "leads to a private address")
    assert "It could not be done." in shown
    assert 'value="http://127.0.0.1/x"' in shown


def test_what_is_no_pdf_inside_is_told_by_the_name_that_it_was_sent_as(added, reader):
    job = add(reader, files={"file": ("scan.pdf", b"%PDF-1.4\nnothing else")})
    assert "Scan.pdf is a damaged PDF." in wait_for(reader, job, "It could not be done.")


def test_a_work_that_is_cancelled_leaves_all_as_it_was(added, reader, own):
    before = sorted(own.papers_folder.glob("[!.]*"))
    long = HERONS + "\n\n".join(f"Heron {n} has {n} eggs, which it broods alone. " * 20 for n in range(90))
    job = add(reader, files={"file": ("long.md", long[:99_000])})
    wait_for(reader, job, "Encoding the passages.")
    assert reader.post(f"{job}/cancel").headers["location"] == job
    shown = reader.get(job).text
    assert "Cancelled. What was there before is as it was." in shown
    following = add(reader, data={"address": "http://127.0.0.1/y"})  # begins when the other has ended
    wait_for(reader, following, "It could not be done.")
    assert sorted(own.papers_folder.glob("[!.]*")) == before
    assert not (own.home / "incoming").exists()
    assert "On Herons" in reader.get("/").text


def test_a_paper_that_another_program_builds_is_told_in_words_of_the_page(added, reader, own):
    with hold(own.papers_folder / "herons"):
        job = add(reader, files={"file": ("herons.md", HERONS)})
        shown = wait_for(reader, job, "It could not be done.")
    assert "try again when it has ended" in shown


def test_a_work_of_an_earlier_server_is_said_to_be_one(reader):
    shown = reader.get("/jobs/earlier")
    assert (shown.status_code, "before the server was last started" in shown.text) == (404, True)
    assert reader.get("/jobs/earlier/events").status_code == 404


def test_a_paper_is_removed_once_that_is_confirmed(tmp_path, model_folder, serving):
    settings = make_home(tmp_path, model_folder)
    (tmp_path / "storks.md").write_text("# On Storks\n\nThey fly.")
    build_index([tmp_path / "storks.md"], settings)
    with serving(create_app(settings)) as url, httpx.Client(base_url=url, timeout=60) as client:
        assert "On Storks" in client.get("/papers/storks/remove").text
        with hold(settings.papers_folder / "storks"):
            busy = client.post("/papers/storks/remove")
        assert (busy.status_code, "Another build is at work" in busy.text) == (409, True)
        assert client.post("/papers/storks/remove").headers["location"] == "/papers"
        assert client.post("/papers/storks/remove").status_code == 404
        assert "No paper yet" in client.get("/").text


@pytest.fixture(scope="module")
def shared(own, added, serving):
    """A server that other machines can call."""
    with serving(create_app(own, hosts=(*LOCAL_HOSTS, "0.0.0.0"))) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.mark.parametrize("path", ["/papers", "/sources", "/"])
def test_a_server_for_others_shows_no_form(shared, path):
    shown = shared.get(path)
    assert (shown.status_code, 'method="post" enctype' in shown.text, "Remove" in shown.text) == (200, False, False)


@pytest.mark.parametrize(
    "path",
    [
        "/papers",
        "/papers/herons/remove",
        "/sources/fetch",
        "/sources/forget",
        "/sources/texts?paper=herons&number=1",
        "/jobs/x/cancel",
    ],
)
def test_a_server_for_others_refuses_and_says_how_it_would_not(shared, path):
    answer = shared.post(path, data={"paper": "herons", "number": "1"})
    assert (answer.status_code, "--allow-adding" in answer.text) == (403, True)


def test_a_server_for_others_lets_them_when_it_was_told_so(own, added, serving):
    app = create_app(own, hosts=(*LOCAL_HOSTS, "0.0.0.0"), may_add=True)
    with serving(app) as url:
        assert 'type="file"' in httpx.get(f"{url}/papers").text


def test_a_server_of_one_index_takes_no_paper(own, added, serving):
    from dataclasses import replace

    app = create_app(replace(own, index=own.papers_folder / "herons"))
    with serving(app) as url:
        assert 'type="file"' not in httpx.get(f"{url}/papers").text
        assert httpx.post(f"{url}/papers", data={"address": "10.1000/182"}).status_code == 403


# In a browser


@pytest.mark.browser
def test_a_file_is_dropped_watched_and_open_in_the_end(chromium, reader, added, tmp_path):
    file = tmp_path / "owls.md"
    file.write_text("# On Owls\n\nThe keeper of the owls is called Basil Finch.\n")
    with chromium.new_context(base_url=str(reader.base_url)) as context:
        page = context.new_page()
        page.goto("/papers")
        page.get_by_label("Drop a file here").set_input_files(file)
        page.get_by_role("button", name="Add the paper").click()
        page.get_by_role("link", name="Open it").wait_for(timeout=60_000)
        page.get_by_role("link", name="Open it").click()
        page.get_by_role("heading", name="On Owls").wait_for()


@pytest.mark.browser
def test_a_work_that_failed_and_a_form_with_a_fault_break_no_rule_of_axe(chromium, reader, added):
    failed = add(reader, data={"address": "http://127.0.0.1/z"})
    wait_for(reader, failed, "It could not be done.")
    with chromium.new_context(base_url=str(reader.base_url)) as context:
        page = context.new_page()
        for path in (failed, added[1]):
            page.goto(path)
            check(page)
        page.goto("/papers")
        page.get_by_role("button", name="Add the paper").click()
        check(page)
        page.goto("/papers/herons/remove")
        check(page)


@pytest.mark.browser
def test_without_a_script_it_comes_to_the_same_end(chromium, reader, added, tmp_path):
    file = tmp_path / "wrens.md"
    file.write_text("# On Wrens\n\nThe keeper of the wrens is called Ada Reed.\n")
    with chromium.new_context(base_url=str(reader.base_url), java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/papers")
        page.get_by_label("Drop a file here").set_input_files(file)
        page.get_by_role("button", name="Add the paper").click()
        page.get_by_role("link", name="Open it").wait_for(timeout=60_000)
        assert "On Wrens" in page.content()


@pytest.mark.browser
def test_our_own_form_is_known_where_a_browser_does_not_trust_the_address(chromium_with, own, serving):
    app = create_app(own, hosts=("reading.room",), may_add=True)
    with serving(app) as url, chromium_with("--host-resolver-rules=MAP reading.room 127.0.0.1").new_page() as page:
        page.goto(f"{url.replace('127.0.0.1', 'reading.room')}/papers")
        page.get_by_label("paste a DOI").fill("nonsense")
        page.get_by_role("button", name="Add the paper").click()
        assert "This is no DOI" in page.get_by_role("alert").first.inner_text()
