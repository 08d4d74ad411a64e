"""The fetch as it runs, over HTTP, against a small web on loopback."""

import json
import multiprocessing
import os
import random
import signal
import time
from dataclasses import replace
from urllib.parse import urlsplit

import ills as ills_of_the_web
import pytest
from loopback import Web

from index.fetch.shelf import open_shelf
from index.fetch.works import Wanted, fetch_all
from index.model import Reference
from index.settings import Settings

PROSE = "Rain fell on Kyoto for the whole of that autumn, and the river rose by a metre at the third bridge. "
ONE = Reference("1", "[1] Rain over Kyoto.", 0, 20, title="Rain over Kyoto", year=2021)


def make_page(number=0):
    body = "".join(f"<p>Day {part} of year {number}. {PROSE * 2}</p>" for part in range(5))
    return (
        "<!doctype html><html><head><title>Rain over Kyoto</title></head><body><main><article>"
        f"<h1>Rain over Kyoto</h1>{body}</article></main></body></html>"
    )


def list_entries(urls):
    return [replace(ONE, number=str(n), raw=f"[{n}] {url}", url=url) for n, url in enumerate(urls, 1)]


def fetch(folder, entries, wanted=None, **changes):
    settings = Settings(home=folder / "home", **{"fetch_timeout_s": 3, "fetch_delay_s": 0} | changes)
    return fetch_all(entries, open_shelf(folder / "shelf"), settings, wanted or Wanted())


def tell(outcomes):
    return {
        number: (each.state, each.provenance.sha256 if each.provenance else "") for number, each in outcomes.items()
    }


# What each ill becomes that answers, by its host or its status; the others end in the state of the download.
OF_HOSTS = {
    "empty.example": "unreadable",
    "charset.example": "unreadable",
    "mislabelled.example": "unreadable",
    "soft404.example": "not_found",
    "consent.example": "unreachable",
}
OF_STATUSES = {
    "401": "paywalled", "402": "paywalled", "403": "paywalled", "451": "paywalled", "404": "not_found",
    "410": "not_found", "500": "unreachable", "503": "unreachable", "200": "indexed",
}  # fmt: skip


@pytest.fixture(scope="module")
def ills(tmp_path_factory):
    """What became of each ill by its URL, what was foretold by the client's own tests, and how long it took."""
    folder = tmp_path_factory.mktemp("ills")
    with Web(folder) as web, pytest.MonkeyPatch.context() as patch:
        patch.setattr(ills_of_the_web, "ARTICLE", make_page())  # long enough to be one for whoever judges pages
        told = {url: state for url, (state, _) in ills_of_the_web.add_ills(web).items()}
        started = time.monotonic()
        found = fetch(folder, list_entries(told), fetch_hosts=64, fetch_timeout_s=5, fetch_max_bytes=5_000_000)
        seconds = time.monotonic() - started
    return dict(zip(told, found.values(), strict=True)), told, seconds, web.strays


def test_every_ill_ends_in_its_state(ills):
    found, told, _, _ = ills
    wanted = {url: OF_HOSTS.get(urlsplit(url).hostname) or OF_STATUSES.get(state, state) for url, state in told.items()}
    assert {url: each.state for url, each in found.items() if each.state != wanted[url]} == {}


def test_every_ill_that_brought_no_text_has_a_reason_and_a_hint(ills):
    assert [url for url, each in ills[0].items() if not each.provenance and not (each.reason and each.hint)] == []


def test_the_ills_together_end_in_seconds(ills):
    assert ills[2] < 30


def test_no_ill_leads_anywhere_else(ills):
    assert ills[3] == []


def test_twenty_three_works_at_200_ms_come_in_under_five_seconds(web, tmp_path):
    entries = list_entries([web.add(f"host{n}.example", "/a", make_page(n)) for n in range(23)])
    web.latency_s = 0.2
    started = time.monotonic()
    found = fetch(tmp_path, entries, fetch_delay_s=1.0, fetch_timeout_s=30)
    assert ({each.state for each in found.values()}, time.monotonic() - started < 5) == ({"indexed"}, True)


def test_a_second_run_asks_nobody(web, tmp_path):
    entries = list_entries([web.add(f"host{n}.example", "/a", make_page(n)) for n in range(5)])
    first = fetch(tmp_path, entries)
    asked = len(web.visits)
    assert (fetch(tmp_path, entries), len(web.visits)) == (first, asked)


def test_a_shelf_that_was_lost_is_filled_from_the_cache(web, tmp_path):
    pages = [
        web.add(f"host{n}.example", "/a", make_page(n), headers={"Cache-Control": "max-age=999"}) for n in range(5)
    ]
    first = fetch(tmp_path, list_entries(pages))
    asked = len(web.visits)
    (tmp_path / "shelf").rename(tmp_path / "lost")
    assert (tell(fetch(tmp_path, list_entries(pages))), len(web.visits)) == (tell(first), asked)


def test_a_run_that_is_killed_goes_on_where_it_was(web, tmp_path):
    entries = list_entries([web.add(f"host{n}.example", "/a", make_page(n), latency_s=n / 40) for n in range(20)])
    whole = tell(fetch(tmp_path / "whole", entries))
    pauses = random.Random(11)
    for _ in range(3):
        child = multiprocessing.get_context("fork").Process(target=fetch, args=(tmp_path / "killed", entries))
        child.start()
        time.sleep(0.15 + pauses.random() / 4)
        os.kill(child.pid, signal.SIGKILL)
        child.join()
    assert tell(fetch(tmp_path / "killed", entries)) == whole


def test_without_a_network_all_is_offline_at_once(web, tmp_path):
    web.is_offline = True
    started = time.monotonic()
    found = fetch(tmp_path, list_entries(f"https://host{n}.example/a" for n in range(100)))
    assert ({each.state for each in found.values()}, time.monotonic() - started < 3) == ({"offline"}, True)


def test_a_doi_leads_to_the_work(web, tmp_path):
    web.add_redirect("doi.org", "/10.1000/rain", "https://pub.example/rain")
    web.add("pub.example", "/rain", make_page())
    found = fetch(tmp_path, [replace(ONE, doi="10.1000/rain")])["1"]
    assert (found.provenance.route, found.provenance.got) == ("doi", "https://pub.example/rain")


def test_an_open_copy_is_found_by_unpaywall(web, tmp_path):
    web.add("doi.org", "/10.1000/rain", "Pay.", 402)
    told = {"best_oa_location": {"url": "https://repo.example/rain", "license": "cc-by"}}
    web.add("api.unpaywall.org", "/v2/10.1000/rain", json.dumps(told), headers={"Content-Type": "application/json"})
    web.add("repo.example", "/rain", make_page())
    found = fetch(tmp_path, [replace(ONE, doi="10.1000/rain")], contact="me@example.org")["1"]
    assert (found.provenance.route, found.provenance.licence) == ("open_access", "cc-by")


def test_a_wall_that_answers_with_status_200_is_not_taken_for_the_text(web, tmp_path):
    wall = (
        "<!doctype html><html><head><title>Rain over Kyoto</title></head><body><h1>Rain over Kyoto</h1>"
        "<p>Rain fell on Kyoto.</p><div class='paywall'><h2>Subscribe to continue reading</h2>"
        "<p>This article is for subscribers only. Already a subscriber? Log in</p></div></body></html>"
    )
    found = fetch(tmp_path, list_entries([web.add("news.example", "/rain", wall)]))["1"]
    assert (found.state, found.provenance) == ("paywalled", None)


def test_a_page_that_is_gone_is_found_in_the_archive(web, tmp_path):
    page = web.add("gone.example", "/rain", "Gone.", 410)
    told = {"archived_snapshots": {"closest": {"available": True, "timestamp": "20210503010203", "status": "200"}}}
    web.add("archive.org", "/wayback/available", json.dumps(told), headers={"Content-Type": "application/json"})
    web.add("web.archive.org", f"/web/20210503010203id_/{page}", make_page())
    found = fetch(tmp_path, list_entries([page]))["1"]
    assert (found.state, found.provenance.route, [each.url for each in found.attempts]) == (
        "indexed",
        "archive",
        [
            page,
            "https://archive.org/wayback/available?url=https%3A%2F%2Fgone.example%2Frain&timestamp=2021",
            f"https://web.archive.org/web/20210503010203id_/{page}",
        ],
    )
