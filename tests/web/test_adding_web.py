"""A paper added by its address, and what it cites fetched, by the real program in a network namespace with hosts."""

import re
import sys
import time

import namespace
import pytest
from loopback import Web
from starlette.testclient import TestClient

from index.settings import Settings
from web.app import create_app
from web.jobs import Jobs

pytestmark = pytest.mark.model

FILLER = "This report was written for those who were not there to see it themselves. " * 6
PROGRAM = (sys.executable, "-m", "web.job")


def page(title, *paragraphs):
    body = "".join(f"<p>{each}</p>" for each in (*paragraphs, FILLER))
    return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"


CITING = """# On Storks

They hunt as herons do [1].

## References

[1] Finch, B. (2001). How herons hunt. https://hunt.example/slow
"""


@pytest.fixture(scope="module")
def inside(tmp_path_factory):
    if not namespace.is_possible():
        pytest.skip("a network namespace takes root, and the programs ip and nsenter")
    folder = tmp_path_factory.mktemp("inside")
    with Web(folder) as web:
        web.add("herons.example", "/paper", page("On Herons", "The keeper is Marigold Pike."))
        web.add("hunt.example", "/slow", page("How herons hunt", "They hunt at dawn."), latency_s=2)
        web.add("doi.org", "/10.1000/none", "no such DOI", status=404)
        with namespace.Namespace(web, folder) as space:
            yield space.lead
        assert web.strays == []


@pytest.fixture(scope="module")
def reader(inside, tmp_path_factory, model_folder):
    """A reader of a server whose works see that web; the server itself is asked without a socket."""
    home = tmp_path_factory.mktemp("home")
    (home / "models").symlink_to(model_folder.parent, target_is_directory=True)
    app = create_app(Settings(home=home, threshold=0.0, fetch_delay_s=0, fetch_timeout_s=8))
    app.state.jobs = Jobs(app.state.settings, inside(*PROGRAM))
    with TestClient(app, base_url="http://127.0.0.1", follow_redirects=False) as client:
        yield client
    app.state.jobs.close()


def finish(client, path, **form):
    """Begin a work, and return its page when it has ended."""
    job = client.post(path, **form).headers["location"]
    ends = time.monotonic() + 120
    while "refresh" in (shown := client.get(job).text):
        assert time.monotonic() < ends, shown
        time.sleep(0.1)
    return shown


@pytest.fixture(scope="module")
def added(reader):
    return finish(reader, "/papers", data={"address": "https://herons.example/paper"})


def find_paper(shown):
    return re.search(r'name="paper" value="([^"]+)"', shown)[1]


def test_a_paper_is_added_by_its_address(added):
    assert "Open it" in added
    assert "On Herons" in added


def test_a_fetch_is_cancelled_and_then_done(added, reader):
    name = find_paper(finish(reader, "/papers", files={"file": ("storks.md", CITING)}))
    job = reader.post("/sources/fetch", data={"paper": name}).headers["location"]
    while "Fetching." not in reader.get(job).text:
        time.sleep(0.05)
    reader.post(f"{job}/cancel")
    assert "What has come is kept" in reader.get(job).text
    assert "0 of 1 reference can be asked" in reader.get("/sources").text
    assert "See what came" in finish(reader, "/sources/fetch", data={"paper": name})
    shown = reader.get("/sources").text
    assert "1 of 1 reference can be asked" in shown
    assert 'From <a dir="auto" href="https://hunt.example/slow">hunt.example</a>.' in shown


@pytest.mark.parametrize(
    ("address", "told"),
    [("10.1000/none", "Cannot fetch 10.1000/none"), ("https://gone.example/", "Cannot fetch https://gone.example/")],
)
def test_what_cannot_be_had_says_why_and_keeps_what_was_typed(added, reader, address, told):
    shown = finish(reader, "/papers", data={"address": address})
    assert told in shown
    assert "Check the address and the network" in shown
    assert f'value="{address}"' in shown


def test_without_a_network_that_is_said(added, reader):
    usual = reader.app.state.jobs
    reader.app.state.jobs = Jobs(reader.app.state.settings, ("unshare", "-n", *PROGRAM))
    try:
        shown = finish(reader, "/papers", data={"address": "10.1000/other"})
    finally:
        reader.app.state.jobs.close()
        reader.app.state.jobs = usual
    assert "no network can be reached" in shown
