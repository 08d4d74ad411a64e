"""A student's day with `ibid fetch`: the command as it runs on the internet, in a network namespace with hosts."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import namespace
import pytest
import services
from loopback import Web

pytestmark = pytest.mark.model

IBID = Path(sys.executable).parent / "ibid"
SEEDS = Path(__file__).resolve().parents[2] / "seeds"
KEEPER = "What is the keeper's name?"


def page(title, *paragraphs):
    filler = f"This report on {title.casefold()} was written for those who were not there to see it themselves. " * 3
    body = "".join(f"<p>{each}</p>" for each in (*paragraphs, filler, filler[::1]))
    return f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{body}</article></body></html>"


@pytest.fixture(scope="module")
def inside(tmp_path_factory):
    """A web on which the seed paper's references stand, some in trouble, and a function that runs `ibid` on it."""
    if not namespace.is_possible():
        pytest.skip("a network namespace takes root, and the programs ip and nsenter")
    folder = tmp_path_factory.mktemp("inside")
    with Web(folder) as web:
        fill(web)
        with namespace.Namespace(web, folder) as space:

            def run(*arguments, home, **environ):
                settings = {"IBID_HOME": str(home), "IBID_FETCH_DELAY_S": "0", "IBID_FETCH_TIMEOUT_S": "5", **environ}
                command = ["env", *(f"{name}={value}" for name, value in settings.items()), IBID, *arguments]
                process = space.start(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder)
                output, errors = process.communicate(timeout=120)
                return subprocess.CompletedProcess(arguments, process.returncode, output, errors)

            yield web, run
        assert web.strays == []


def fill(web):
    """Put the works that the seed paper cites onto the web, but for some that are in trouble."""
    text = next(SEEDS.glob("*.txt")).read_text("utf-8").partition("REFERENCES")[2]
    entries = re.findall(r"^(\d+)\. (.*?)<https?://([^/>]+)(/[^>]*)>", text, re.MULTILINE)
    seen = set()
    for number, words, host, path in entries:
        if (host, path) in seen or number in ("12", "13", "14"):
            continue
        seen.add((host, path))
        title = words.split(". ")[-2] if words.count(". ") > 1 else f"Page {number}"
        web.add(host, path.partition("?")[0], page(title, f"The keeper of page {number} is called Keeper{number}."))
    web.add_robots("www.silicon.co.uk", "User-agent: *\nDisallow: /")
    web.add(
        "japannews.yomiuri.co.jp", "/politics/politics-government/20230903-134207/", page("Page not found"), status=404
    )
    services.add_doi(
        web, "10.1000/herons", web.add("herons.example", "/full", page("On Herons", "Herons nest in May."))
    )


@pytest.fixture(scope="module")
def fetched(inside, tmp_path_factory, model_folder):
    """A home in which the seed paper was built and its references were fetched, and what `ibid fetch` printed."""
    _, run = inside
    home = tmp_path_factory.mktemp("student")
    (home / "models").symlink_to(model_folder.parent, target_is_directory=True)
    assert run("build", str(SEEDS), home=home).returncode == 0
    return home, run("fetch", home=home)


def list_states(run, home):
    listed = json.loads(run("sources", "--json", home=home).stdout)["references"]
    return {entry["number"]: entry["state"] for entry in listed}


def test_what_came_is_told_and_what_did_not_and_why(fetched):
    _, done = fetched
    assert (done.returncode, done.stderr) == (0, "")
    assert "20 of 23 references can be asked" in done.stdout
    assert re.search(r"^ +12  blocked by robots +Biden Earmarks.*\n.*robots\.txt forbids it", done.stdout, re.MULTILINE)


def test_every_entry_has_its_state(inside, fetched):
    states = list_states(inside[1], fetched[0])
    troubled = {number: state for number, state in states.items() if state != "indexed"}
    assert troubled == {"12": "blocked_by_robots", "13": "not_found", "14": "unreachable"}


def test_an_answer_comes_from_a_cited_work_and_says_which(inside, fetched):
    asked = inside[1]("ask", "Who is the keeper of page 18?", "--source", "references", "--json", home=fetched[0])
    found = [each for each in json.loads(asked.stdout)["passages"] if "Keeper18" in each["text"]]
    assert [(each["document"]["id"], each["document"]["kind"]) for each in found] == [("reference-18", "reference")]


def test_two_entries_that_name_one_work_share_its_text(inside, fetched):
    listed = json.loads(inside[1]("sources", "--json", home=fetched[0]).stdout)["references"]
    both = [entry for entry in listed if entry["number"] in ("18", "19")]
    assert [(entry["held_as"], entry["same_as"]) for entry in both] == [("reference-18", None), ("reference-18", "18")]


def test_where_a_text_came_from_is_kept(inside, fetched):
    third = json.loads(inside[1]("sources", "--json", home=fetched[0]).stdout)["references"][2]["provenance"]
    assert (third["route"], third["status"], third["content_type"]) == ("landing_page", 200, "text/html")
    assert third["got"] == "https://www.usjetaa.org/news/jets-on-japan-artificial-intelligence-and-us-japan-relations"


def test_a_second_run_asks_only_for_what_failed_by_chance(inside, fetched):
    web, run = inside
    before = len(web.visits)
    assert run("fetch", home=fetched[0]).returncode == 0
    assert {visit.host for visit in web.visits[before:]} <= {
        "www.wired.com",
        "archive.org",
        "web.archive.org",
        "doi.org",
    }


def test_a_single_entry_is_fetched_when_it_is_named(inside, fetched):
    web, run = inside
    host, path = "www.wired.com", "/story/how-nissan-intends-to-navigate-trumps-tariffs-and-make-its-evs-great-again/"
    web.add(host, path, page("How Nissan intends to navigate tariffs", "Nissan will call its keeper Carlos."))
    assert "21 of 23 references can be asked" in run("fetch", "--only", "14", home=fetched[0]).stdout


def test_a_text_that_was_fetched_can_be_removed(inside, fetched):
    _, run = inside
    assert run("remove", "3", home=fetched[0]).returncode == 0
    assert list_states(run, fetched[0])["3"] == "not_fetched"


def test_an_entry_that_is_not_there_is_refused(inside, fetched):
    done = inside[1]("fetch", "--only", "77", home=fetched[0])
    assert (done.returncode, done.stderr) == (
        2,
        "ibid: the paper lists no entry '77'; list its entries with `ibid sources`\n",
    )


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("10.1000/herons", "10.1000/herons: only the abstract came from where its DOI leads\n"),
        ("https://herons.example/full", ""),
    ],
)
def test_a_paper_is_built_from_its_address(inside, tmp_path, model_folder, address, told):
    _, run = inside
    (tmp_path / "models").symlink_to(model_folder.parent, target_is_directory=True)
    assert run("build", address, home=tmp_path).stderr == told
    answer = json.loads(run("ask", "When do herons nest?", "--json", home=tmp_path).stdout)
    first = answer["passages"][0]
    assert ("Herons nest in May." in first["text"], first["document"]["title"]) == (True, "On Herons")
    assert first["document"]["kind"] == "paper"


def test_a_paper_that_cannot_be_fetched_is_refused_with_the_reason(inside, tmp_path):
    done = inside[1]("build", "https://nowhere.example/paper", home=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("ibid: cannot fetch https://nowhere.example/paper: no such host; check the address")


def test_without_a_network_the_paper_can_still_be_asked(home, tmp_path):
    if not namespace.is_possible():
        pytest.skip("a network namespace takes root, and the programs ip and nsenter")
    copied = tmp_path / "home"
    subprocess.run(["cp", "-r", home, copied], check=True)
    environ = {**os.environ, "IBID_HOME": str(copied)}
    done = subprocess.run(["unshare", "-n", IBID, "fetch"], env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "offline, 23 entries:\n    no network can be reached" in done.stdout
