import asyncio
import functools
import gc
import itertools
import resource
import threading
import time

import pytest
from ills import ARTICLE, HTML, add_ills, drip_body, make_bomb, say
from loopback import Web

from index.errors import StorageError
from index.fetch.client import DownloadError, format_agent, open_client
from index.settings import Settings

QUICK = Settings(fetch_timeout_s=3, fetch_delay_s=0)
# All ills at once, so that none waits for another. To connect takes a quarter of the time at most, in which both sides
# of sixty handshakes run in this process: on a busy machine that is over a second.
ILL = Settings(fetch_timeout_s=12, fetch_delay_s=0, fetch_hosts=64)


def fetch(folder, *urls, settings=QUICK, **wishes):
    """Return for each URL its download, or its error; one after the other."""

    async def run():
        async with open_client(settings, folder / "cache") as client:
            return [await attempt(client, url, **wishes) for url in urls]

    return asyncio.run(run())


def fetch_together(folder, urls, settings=QUICK):
    """Return for each URL its download or its error, and how many requests that took."""

    async def run():
        async with open_client(settings, folder / "cache") as client:
            return await asyncio.gather(*(attempt(client, url) for url in urls)), client.requests

    return asyncio.run(run())


async def attempt(client, url, **wishes):
    try:
        return await client.get(url, **wishes)
    except DownloadError as error:
        return error


def tell(outcome):
    return (outcome.state, outcome.reason) if isinstance(outcome, DownloadError) else str(outcome.status)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What became of each ill, what was foretold, how long the slowest took, and the web afterwards."""
    folder = tmp_path_factory.mktemp("ills")
    with Web(folder) as web:
        told = add_ills(web)
        fetch(folder, web.add("first.example", "/", ARTICLE))  # what a first answer imports has its time here
        started = time.monotonic()
        found, _ = fetch_together(folder, told, ILL)
        seconds = time.monotonic() - started
    return dict(zip(told, found, strict=True)), told, seconds, web


def test_the_web_of_ills_has_forty_hosts(outcomes):
    assert len({url.split("/")[2] for url in outcomes[1]}) >= 40


def test_every_ill_ends_in_the_right_state(outcomes):
    found, told, _, _ = outcomes
    wrong = {
        url: tell(found[url])
        for url, (state, reason) in told.items()
        if (tell(found[url]) != state if state.isdigit() else tell(found[url])[0] != state)
        or (reason and reason not in tell(found[url])[1])
    }
    assert wrong == {}


def test_every_ill_ends_within_its_deadline(outcomes):
    assert outcomes[2] < 2 * ILL.fetch_timeout_s


def test_nothing_private_is_ever_dialled(outcomes):
    assert outcomes[3].strays == []


def test_the_answer_comes_whole(web, tmp_path):
    (got,) = fetch(tmp_path, web.add("a.example", "/paper", ARTICLE))
    assert (got.asked, got.got, got.status, got.content_type) == (
        "https://a.example/paper",
        "https://a.example/paper",
        200,
        "text/html",
    )
    assert got.content.decode() == ARTICLE


def test_redirects_lead_to_the_url_that_answers(web, tmp_path):
    web.add("b.example", "/end", ARTICLE)
    (got,) = fetch(tmp_path, web.add_redirect("a.example", "/start", "https://b.example/end"))
    assert (got.asked, got.got) == ("https://a.example/start", "https://b.example/end")


def test_a_password_in_a_url_is_never_sent(web, tmp_path):
    web.add("a.example", "/", ARTICLE)
    (got,) = fetch(tmp_path, "https://user:secret@a.example/#part")
    assert got.got == "https://a.example/"
    assert not any("authorization" in visit.headers or "secret" in visit.path for visit in web.visits)


def test_a_cookie_is_never_sent_back(web, tmp_path):
    web.add("a.example", "/", b"", 302, {"Location": "/2", "Set-Cookie": "id=1"})
    web.add("a.example", "/2", ARTICLE)
    fetch(tmp_path, "https://a.example/")
    assert not any("cookie" in visit.headers for visit in web.visits)


def test_the_program_says_who_it_is(web, tmp_path):
    fetch(tmp_path, web.add("a.example", "/"), settings=Settings(contact="a@b.org", fetch_delay_s=0))
    assert {visit.headers["user-agent"] for visit in web.visits} == {format_agent("a@b.org")}
    assert format_agent("a@b.org").startswith("Ibid/")
    assert format_agent("a@b.org").endswith(" (+mailto:a@b.org)")


def test_rebinding_finds_no_second_lookup(web, tmp_path):
    web.add("rebind.example", "/", ARTICLE)
    web.add_host("rebind.example", ["own"], ["127.0.0.1"])
    (got,) = fetch(tmp_path, "https://rebind.example/")
    assert got.status == 200
    assert web.lookups.count("rebind.example") == 1


def test_rebinding_between_two_connections_is_refused(web, tmp_path):
    web.add("rebind.example", "/", ARTICLE, headers={**HTML, "Connection": "close", "Cache-Control": "no-store"})
    web.add("rebind.example", "/robots.txt", "", headers={"Connection": "close"})
    web.add_host("rebind.example", ["own"], ["127.0.0.1"])
    (got,) = fetch(tmp_path, "https://rebind.example/")
    assert tell(got) == ("unreachable", "leads to a private address")


HEADERS = (
    "Cache-Control Date Age Expires Vary ETag Location Content-Encoding Content-Type Retry-After Set-Cookie".split()
)
HOSTILE = (
    b"", b"\xff\xfe", b"0" * 5000, b"-1", b"1e9", b"a,b,,;;==", b'"', b"max-age=99999999999999999999", b"max-age=-5",
    b"Fri, 99 Foo 99999 99:99:99 GMT", b"*", b"http://[", b"\\\\evil", b"http://xn--/", b"http://a.example:99999/",
    b"javascript:alert(1)", b"text/html;" + b";" * 3000,
)  # fmt: skip


def test_no_header_crashes_it(web, tmp_path):
    urls = []
    for number, (name, value) in enumerate(itertools.product(HEADERS, HOSTILE)):
        status = b"302 Found" if name == "Location" else b"503 Busy" if name == "Retry-After" else b"200 OK"
        answer = b"HTTP/1.1 %b\r\n%b: %b\r\nContent-Length: 4\r\n\r\nrain" % (status, name.encode(), value)
        url = web.add_ill(f"host-{number}.example", "/", functools.partial(say, answer))
        urls.append(url.replace("https", "http"))
    for _ in range(2):  # once from the server, once past the cache
        found, _ = fetch_together(tmp_path, urls, Settings(fetch_timeout_s=8, fetch_delay_s=0, fetch_hosts=64))
        reasons = {tell(outcome)[1] for outcome in found if isinstance(outcome, DownloadError)}
        assert reasons == {"redirects to what is no address on the web", "is no address on the web"}


# The cache


def test_a_second_run_asks_for_nothing_that_the_cache_holds(web, tmp_path):
    urls = [web.add(f"host-{n}.example", "/", ARTICLE) for n in range(23)]
    urls += [web.add_redirect("moved.example", "/", urls[0]), web.add("gone.example", "/", "gone", 404)]
    fetch_together(tmp_path, urls)
    again, requests = fetch_together(tmp_path, urls)
    assert requests == 0
    assert [got.status for got in again] == [200] * 24 + [404]
    assert all(got.from_cache for got in again)


def test_refresh_asks_whether_a_fresh_page_still_stands(web, tmp_path):
    url = web.add("a.example", "/", ARTICLE, headers={**HTML, "ETag": '"1"', "Cache-Control": "max-age=3600"})
    fetch(tmp_path, url)
    (got,) = fetch(tmp_path, url, refresh=True)
    assert [visit.status for visit in web.visits_to("a.example", "/")] == [200, 304]
    assert (got.from_cache, got.content.decode()) == (True, ARTICLE)


def test_refresh_brings_what_changed(web, tmp_path):
    url = web.add("a.example", "/", "old", headers={**HTML, "Cache-Control": "max-age=3600"})
    fetch(tmp_path, url)
    web.replace("a.example", "/", "new")
    assert [got.content for got in fetch(tmp_path, url, refresh=True)] == [b"new"]
    assert [got.content for got in fetch(tmp_path, url)] == [b"new"]


@pytest.mark.parametrize("validator", [{"ETag": '"1"'}, {"Last-Modified": "Sat, 01 Jan 2022 00:00:00 GMT"}])
def test_a_page_that_wants_to_be_asked_is_asked(web, tmp_path, validator):
    url = web.add("a.example", "/", ARTICLE, headers={**HTML, **validator, "Cache-Control": "no-cache"})
    fetch(tmp_path, url)
    (got,) = fetch(tmp_path, url)
    assert [visit.status for visit in web.visits_to("a.example", "/")] == [200, 304]
    assert got.content.decode() == ARTICLE


def test_what_is_not_to_be_stored_is_fetched_again(web, tmp_path):
    url = web.add("a.example", "/", ARTICLE, headers={**HTML, "Cache-Control": "private, no-store"})
    fetch(tmp_path, url)
    fetch(tmp_path, url)
    assert len(web.visits_to("a.example", "/")) == 2


@pytest.mark.parametrize("status", [403, 429, 500])
def test_an_error_is_not_kept(web, tmp_path, status):
    url = web.add("a.example", "/", "no", status)
    assert fetch(tmp_path, url)[0].status == status
    web.replace("a.example", "/", ARTICLE)
    assert fetch(tmp_path, url)[0].status == 200


def test_what_is_accepted_is_kept_apart(web, tmp_path):
    url = web.add("doi.org", "/10.1/x", "a page")
    fetch(tmp_path, url)
    fetch(tmp_path, url, accept="application/vnd.citationstyles.csl+json")
    asked = [visit.headers["accept"] for visit in web.visits_to("doi.org", "/10.1/x")]
    assert (len(asked), asked[1]) == (2, "application/vnd.citationstyles.csl+json")


def test_a_body_that_is_too_large_leaves_no_trace_in_the_cache(web, tmp_path):
    url = web.add("bomb.example", "/", make_bomb(31, 50_000_000), headers={"Content-Encoding": "gzip"})
    fetch(tmp_path, url)
    assert sum(file.stat().st_size for file in (tmp_path / "cache").iterdir()) < 1_000_000


def test_a_damaged_cache_is_begun_anew(web, tmp_path):
    url = web.add("a.example", "/", ARTICLE)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "http.sqlite").write_bytes(b"this is no database" * 1000)
    fetch(tmp_path, url)
    assert fetch(tmp_path, url)[0].from_cache


def test_a_cache_that_cannot_be_written_says_what_to_do(tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(StorageError, match="free some space or point IBID_HOME"):
        fetch(tmp_path)


# Manners


def test_robots_txt_is_asked_for_once_a_day(web, tmp_path):
    urls = [web.add("a.example", f"/{n}", ARTICLE) for n in range(3)]
    fetch(tmp_path, *urls[:2])
    fetch(tmp_path, urls[2])
    assert len(web.visits_to("a.example", "/robots.txt")) == 1


def test_a_forbidden_path_is_never_asked_for(web, tmp_path):
    web.add_robots("a.example", "User-agent: Ibid\nDisallow: /secret\n\nUser-agent: *\nDisallow:")
    fetch(tmp_path, web.add("a.example", "/secret/1"))
    assert web.visits_to("a.example", "/secret/1") == []


def test_a_service_for_programs_is_asked_without_robots_txt(web, tmp_path):
    web.add_robots("api.example", "User-agent: *\nDisallow: /")
    (got,) = fetch(tmp_path, web.add("api.example", "/works/1", "{}"), check_robots=False)
    assert got.status == 200
    assert web.visits_to("api.example", "/robots.txt") == []


def test_one_host_is_asked_for_one_page_at_a_time_with_a_pause(web, tmp_path):
    web.latency_s = 0.05
    urls = [web.add("a.example", f"/{n}", ARTICLE) for n in range(4)]
    fetch_together(tmp_path, urls, Settings(fetch_delay_s=0.3, fetch_timeout_s=1))
    visits = [visit for visit in web.visits_to("a.example") if visit.path != "/robots.txt"]
    gaps = [after.started - before.ended for before, after in itertools.pairwise(visits)]
    assert len(gaps) == 3
    assert min(gaps) >= 0.28


def test_a_crawl_delay_is_kept(web, tmp_path):
    web.add_robots("a.example", "User-agent: *\nCrawl-delay: 0.5")
    fetch(tmp_path, *[web.add("a.example", f"/{n}") for n in range(2)])
    first, second = [visit for visit in web.visits_to("a.example") if visit.path != "/robots.txt"]
    assert second.started - first.ended >= 0.48


def test_a_crawl_delay_of_a_day_is_not_waited_for(web, tmp_path):
    web.add_robots("a.example", "User-agent: *\nCrawl-delay: 86400")
    first, second = fetch(tmp_path, *[web.add("a.example", f"/{n}") for n in range(2)])
    assert (first.status, tell(second)) == (200, ("unreachable", "asked to wait 86400 s"))


def test_a_host_that_asked_to_wait_is_left_alone(web, tmp_path):
    urls = [web.add("a.example", f"/{n}", "busy", 429, {"Retry-After": "3600"}) for n in range(2)]
    fetch(tmp_path, *urls)
    assert web.visits_to("a.example", "/1") == []


@pytest.mark.parametrize("asked", ["9" * 90, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_wait_without_end_is_told_as_a_month(web, tmp_path, asked):
    (got,) = fetch(tmp_path, web.add("a.example", "/", "busy", 429, {"Retry-After": asked}))
    assert tell(got) == ("unreachable", "asked to wait 2592000 s")


def test_retry_after_is_obeyed(web, tmp_path):
    web.add("a.example", "/", "busy", 503, {"Retry-After": "1"})
    (got,) = fetch(tmp_path, web.add("a.example", "/", ARTICLE))
    first, second = web.visits_to("a.example", "/")
    assert (got.status, second.started - first.ended >= 0.98) == (200, True)


def test_a_busy_host_that_names_no_time_is_not_pressed(web, tmp_path):
    (got,) = fetch(tmp_path, web.add("a.example", "/", "busy", 429))
    assert (got.status, len(web.visits_to("a.example", "/"))) == (429, 1)


def test_a_busy_host_is_tried_again_when_it_says_but_not_for_ever(web, tmp_path):
    url = web.add("a.example", "/", "busy", 429, {"Retry-After": "1"})
    (got,) = fetch(tmp_path, url, settings=Settings(fetch_timeout_s=9, fetch_delay_s=0))
    assert (got.status, len(web.visits_to("a.example", "/"))) == (429, 4)


def test_no_more_than_so_many_hosts_are_asked_at_once(web, tmp_path):
    web.latency_s = 0.1
    urls = [web.add(f"host-{n}.example", "/") for n in range(9)]
    fetch_together(tmp_path, urls, Settings(fetch_hosts=3, fetch_delay_s=0))
    spans = [(visit.started, visit.ended) for visit in web.visits]
    assert max(sum(a <= start < b for a, b in spans) for start, _ in spans) == 3


def test_waiting_for_a_turn_costs_no_time_of_the_request(web, tmp_path):
    web.latency_s = 0.5
    urls = [web.add("a.example", f"/{n}") for n in range(5)]
    outcomes, _ = fetch_together(tmp_path, urls, Settings(fetch_timeout_s=2, fetch_delay_s=0))
    assert [tell(outcome) for outcome in outcomes] == ["200"] * 5


def test_redirects_of_one_resolver_need_no_pause(web, tmp_path):
    urls = [web.add_redirect("doi.org", f"/10.1/{n}", f"https://host-{n}.example/") for n in range(5)]
    for n in range(5):
        web.add(f"host-{n}.example", "/")
    started = time.monotonic()
    fetch_together(tmp_path, urls, Settings(fetch_delay_s=2))
    assert time.monotonic() - started < 2


# Being offline


def test_no_network_at_all_is_offline(web, tmp_path):
    web.add("doi.org", "/")
    web.is_offline = True
    assert tell(fetch(tmp_path, "https://a.example/")[0]) == ("offline", "no network can be reached")


def test_what_the_cache_holds_is_had_without_a_network(web, tmp_path):
    url = web.add("a.example", "/", ARTICLE)
    fetch(tmp_path, url)
    web.is_offline = True
    assert fetch(tmp_path, url)[0].content.decode() == ARTICLE


def test_a_second_page_of_a_host_is_offline_too(web, tmp_path):
    web.add("a.example", "/", b"Rain.")
    web.is_offline = True
    pages = ["https://a.example/", "https://a.example/b", "https://a.example/c"]
    assert {tell(each) for each in fetch(tmp_path, *pages)} == {("offline", "no network can be reached")}


def test_a_missing_host_is_not_offline(web, tmp_path):
    web.add("doi.org", "/")
    assert tell(fetch(tmp_path, "https://nowhere.example/")[0]) == ("unreachable", "no such host")


def test_a_lookup_that_hangs_holds_nothing_up(web, tmp_path):
    release = threading.Event()

    def resolver(host, *rest):
        if host == "hangs.example":
            release.wait(20)
        return web.look_up(host, *rest)

    async def run():
        async with open_client(QUICK, tmp_path / "cache", resolver) as client:
            urls = ["https://hangs.example/", web.add("a.example", "/")]
            return await asyncio.gather(*(attempt(client, url) for url in urls))

    started = time.monotonic()
    try:
        hanging, well = asyncio.run(run())
    finally:
        release.set()
    assert (tell(hanging), tell(well)) == (("unreachable", "took longer than 3 s"), "200")
    assert time.monotonic() - started < 6


# Bars


def test_twenty_three_references_at_200_ms_come_in_under_5_s(web, tmp_path):
    web.latency_s = 0.2
    urls = [web.add(f"host-{n}.example", "/", ARTICLE) for n in range(23)]
    started = time.monotonic()
    outcomes, _ = fetch_together(tmp_path, urls, Settings())
    seconds = time.monotonic() - started
    assert [tell(outcome) for outcome in outcomes] == ["200"] * 23
    assert seconds < 5


def test_a_huge_page_and_a_bomb_fit_into_little_memory(web, tmp_path):
    urls = [web.add(f"huge-{n}.example", "/", bytes(50_000_000)) for n in range(2)]
    bomb = make_bomb(31)
    urls += [web.add(f"bomb-{n}.example", "/", bomb, headers={"Content-Encoding": "gzip"}) for n in range(4)]
    urls.append(web.add_ill("drip.example", "/", drip_body))
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fetch_together(tmp_path, urls)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 300
