import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from index.errors import SourceError
from index.fetch.download import Download, DownloadError
from index.fetch.finds import Find, Refusal, appraise
from index.fetch.routes import Address
from index.fetch.shelf import open_shelf
from index.fetch.works import Wanted, fetch_references, group_works
from index.model import Name, Reference
from index.settings import Settings

PLAIN, HTML = "text/plain; charset=utf-8", "text/html; charset=utf-8"
PROSE = "Rain fell on Kyoto for the whole of that autumn, and the river rose by a metre at the third bridge. "


def text(title="Rain over Kyoto", about=""):
    return f"{title}\n\n{about}{PROSE * 8}"


def page(title="Rain over Kyoto", words=300, head=""):
    paragraphs = "".join(f"<p>{number}. {PROSE}</p>" for number in range(words // 20))
    return (
        f"<!doctype html><html><head><title>{title}</title>{head}</head><body><main><article><h1>{title}</h1>"
        f"{paragraphs}</article></main></body></html>"
    )


def scholarly(pdf="", words=200, more=""):
    link = f'<meta name="citation_pdf_url" content="{pdf}">' if pdf else ""
    head = f'<meta name="citation_title" content="Rain over Kyoto">{link}{more}'
    return page(words=words, head=head)


def refuse(state="unreachable", reason="no such host"):
    return DownloadError(state, reason)


class Pages:
    """A fetcher that answers from a table: a text, a status with a text, an error, or a redirect as `-> URL`."""

    def __init__(self, answers, otherwise=None):
        self.answers = answers
        self.otherwise = otherwise or refuse()
        self.asked = []
        self.refreshed = set()

    async def get(self, url, *, accept=None, refresh=False, check_robots=True):
        self.asked.append(url)
        self.refreshed |= {url} if refresh else set()
        await asyncio.sleep(0)
        got, answer = url, self.answers.get(url, self.otherwise)
        while isinstance(answer, str) and answer.startswith("-> "):
            got = answer.removeprefix("-> ")
            answer = self.answers.get(got, self.otherwise)
        if isinstance(answer, Exception):
            raise answer
        return make_download(url, got, answer)

    def hosts(self):
        return [urlsplit(url).hostname for url in self.asked]


def make_download(asked, got, answer):
    status, content = answer if isinstance(answer, tuple) else (200, answer)
    content = json.dumps(content) if isinstance(content, dict) else content
    label = HTML if content[:1] in ("<", b"<") else PLAIN
    content = content.encode() if isinstance(content, str) else content
    headers = {"content-type": label}
    return Download(
        asked, got, status, headers, label.split(";")[0], content, "2026-01-01T00:00:00+00:00", from_cache=False
    )


ENTRY = Reference("8", "[8] Ito, M. (2021). Rain over Kyoto.", 0, 36, year=2021, title="Rain over Kyoto")
DOI = replace(ENTRY, doi="10.1000/rain")
PAGE = replace(ENTRY, url="https://rain.org/kyoto")
ARXIV = replace(ENTRY, arxiv="2411.09134")
CONTACT = Settings(contact="me@example.org")
OPEN = "https://api.unpaywall.org/v2/10.1000/rain?email=me%40example.org"
ARCHIVE = "https://archive.org/wayback/available?url=https%3A%2F%2Frain.org%2Fkyoto&timestamp=2021"
COPY = "https://web.archive.org/web/20210503010203id_/https://rain.org/kyoto"
SNAPSHOT = {"archived_snapshots": {"closest": {"available": True, "timestamp": "20210503010203", "status": "200"}}}


def fetch(folder, entries, pages, settings=None, **wishes):
    entries = entries if isinstance(entries, list) else [entries]
    pages = pages if isinstance(pages, Pages) else Pages(pages)
    run = fetch_references(entries, open_shelf(folder), pages, settings or Settings(), Wanted(**wishes))
    return asyncio.run(run)


def fetch_one(folder, entry, pages, settings=None, **wishes):
    return fetch(folder, entry, pages, settings, **wishes)[entry.number]


def tell(outcome):
    """Return what became of an entry, in a line."""
    if not outcome.provenance:
        return outcome.state, outcome.reason
    return outcome.state, outcome.provenance.route, outcome.provenance.got


# Where a text is looked for


def test_the_text_at_the_end_of_a_doi_is_taken(tmp_path):
    found = fetch_one(
        tmp_path, DOI, {"https://doi.org/10.1000/rain": "-> https://pub.org/a", "https://pub.org/a": text()}
    )
    assert tell(found) == ("indexed", "doi", "https://pub.org/a")


def test_the_page_that_the_entry_names_is_taken(tmp_path):
    assert tell(fetch_one(tmp_path, PAGE, {PAGE.url: page()})) == ("indexed", "landing_page", PAGE.url)


def test_a_short_page_without_a_paper_behind_it_is_the_whole_text(tmp_path):
    found = fetch_one(tmp_path, PAGE, {PAGE.url: page(words=100)})
    assert found.reason == "the text came from the page that the entry names"


def test_arxiv_is_asked_for_the_pdf_first(tmp_path):
    pages = Pages({"https://arxiv.org/pdf/2411.09134": text()})
    found = fetch_one(tmp_path, ARXIV, pages)
    assert (tell(found)[1], pages.asked) == ("open_access", ["https://arxiv.org/pdf/2411.09134"])


def test_arxiv_is_asked_for_the_abstract_if_there_is_no_pdf(tmp_path):
    found = fetch_one(tmp_path, ARXIV, {"https://arxiv.org/abs/2411.09134": scholarly()})
    assert found.reason == "only the abstract came from an open copy; the full text did not come: no such host"


@pytest.mark.parametrize("url", ["https://arxiv.org/abs/2411.09134v2", "http://www.arxiv.org/pdf/2411.09134v1.pdf"])
def test_an_arxiv_id_in_a_url_is_known(tmp_path, url):
    pages = Pages({"https://arxiv.org/pdf/2411.09134": text()})
    assert fetch_one(tmp_path, replace(ENTRY, url=url), pages).state == "indexed"


def test_a_doi_of_arxiv_leads_straight_there(tmp_path):
    pages = Pages({"https://arxiv.org/pdf/2411.09134": text()})
    fetch_one(tmp_path, replace(ENTRY, doi="10.48550/arxiv.2411.09134"), pages)
    assert pages.asked == ["https://arxiv.org/pdf/2411.09134"]


def test_the_pdf_of_a_page_that_is_only_an_abstract_is_taken(tmp_path):
    pages = {"https://doi.org/10.1000/rain": "-> https://pub.org/a", "https://pub.org/a": scholarly("https://pub.org/a.pdf"),
             "https://pub.org/a.pdf": text()}  # fmt: skip
    assert tell(fetch_one(tmp_path, DOI, pages)) == ("indexed", "doi", "https://pub.org/a.pdf")


def test_the_pdf_of_a_page_that_is_the_full_text_is_left(tmp_path):
    pages = Pages({"https://doi.org/10.1000/rain": scholarly("https://pub.org/a.pdf", words=2000)})
    assert (fetch_one(tmp_path, DOI, pages).state, pages.hosts()) == ("indexed", ["doi.org"])


def test_pages_that_name_each_others_pdf_do_not_go_on_for_ever(tmp_path):
    pages = Pages({f"https://rain.org/{n}": scholarly(f"https://rain.org/{n + 1}") for n in range(50)})
    fetch_one(tmp_path, replace(ENTRY, url="https://rain.org/0"), pages)
    assert pages.asked == ["https://rain.org/0", "https://rain.org/1"]


def test_the_abstract_is_kept_if_its_pdf_is_not_open(tmp_path):
    pages = {
        DOI.url or "https://doi.org/10.1000/rain": scholarly("https://pub.org/a.pdf"),
        "https://pub.org/a.pdf": (403, "No."),
    }
    found = fetch_one(tmp_path, DOI, pages)
    assert found.reason == (
        "only the abstract came from where its DOI leads; the full text did not come: the server refuses to hand it out"
        " (403)"
    )


def test_an_abstract_comes_with_a_way_to_the_full_text(tmp_path):
    found = fetch_one(tmp_path, DOI, {"https://doi.org/10.1000/rain": scholarly()}, by_hand=tmp_path)
    assert found.hint == f"for the full text, save it as 8.pdf (or 8.html) in {tmp_path} and run `ibid build`"


def test_an_open_copy_takes_the_place_of_an_abstract(tmp_path):
    told = {
        "best_oa_location": {"url_for_pdf": "https://repo.org/a.pdf", "url": "https://repo.org/a", "license": "cc-by"}
    }
    pages = {"https://doi.org/10.1000/rain": scholarly(), OPEN: told, "https://repo.org/a.pdf": text()}
    found = fetch_one(tmp_path, DOI, pages, CONTACT)
    assert (tell(found), found.provenance.licence) == (("indexed", "open_access", "https://repo.org/a.pdf"), "cc-by")


def test_the_page_of_an_open_copy_is_tried_behind_its_pdf(tmp_path):
    told = {"best_oa_location": {"url_for_pdf": "https://repo.org/a.pdf", "url": "https://repo.org/a"}}
    found = fetch_one(tmp_path, DOI, {OPEN: told, "https://repo.org/a": text()}, CONTACT)
    assert tell(found) == ("indexed", "open_access", "https://repo.org/a")


def test_other_open_copies_are_tried_behind_the_best(tmp_path):
    best, other = {"url": "https://pub.org/a", "license": None}, {"url": "https://repo.org/a", "license": "cc-by"}
    told = {"best_oa_location": best, "oa_locations": [best, other]}
    found = fetch_one(tmp_path, DOI, {OPEN: told, "https://repo.org/a": text()}, CONTACT)
    assert (tell(found)[2], found.provenance.licence) == ("https://repo.org/a", "cc-by")


@pytest.mark.parametrize("told", [{}, {"best_oa_location": None}, {"best_oa_location": {"url_for_pdf": "file:///etc/passwd"}},
                                  {"best_oa_location": {"url": ["x"]}}, {"best_oa_location": "x"}])  # fmt: skip
def test_an_odd_answer_about_open_copies_is_passed_over(tmp_path, told):
    pages = Pages({OPEN: told})
    fetch_one(tmp_path, DOI, pages, CONTACT)
    assert pages.hosts() == ["doi.org", "api.unpaywall.org"]


def test_without_a_contact_unpaywall_is_not_asked(tmp_path):
    pages = Pages({})
    fetch_one(tmp_path, DOI, pages)
    assert pages.hosts() == ["doi.org"]


def test_the_mail_address_is_not_written_down(tmp_path):
    fetch_one(tmp_path, DOI, {OPEN: {}}, CONTACT)
    assert not any("example.org" in file.read_text() for file in tmp_path.glob("*.json"))


def test_the_archive_is_asked_for_the_year_of_the_entry_when_nothing_came(tmp_path):
    found = fetch_one(tmp_path, PAGE, {PAGE.url: (404, "Gone."), ARCHIVE: SNAPSHOT, COPY: page()})
    assert tell(found) == ("indexed", "archive", COPY)


def test_the_archive_is_asked_for_the_day_on_which_the_page_was_read(tmp_path):
    pages = Pages({})
    fetch_one(tmp_path, replace(PAGE, accessed="2022-03-04"), pages)
    assert pages.asked[-1].endswith("&timestamp=20220304")


def test_a_copy_of_an_archive_is_marked_as_one(tmp_path):
    found = fetch_one(tmp_path, PAGE, {ARCHIVE: SNAPSHOT, COPY: page()})
    assert found.reason == "the text came from a copy that the Internet Archive keeps"


def test_the_archive_is_not_asked_when_anything_came(tmp_path):
    pages = Pages({PAGE.url: page(title="A new heading")})
    fetch_one(tmp_path, PAGE, pages)
    assert pages.hosts() == ["rain.org"]


@pytest.mark.parametrize("closest", [None, [], {"available": False}, {"available": True, "timestamp": "../../x"},
                                     {"available": True, "timestamp": 20210503},
                                     {"available": True, "timestamp": "2021", "status": "404"}])  # fmt: skip
def test_an_odd_answer_of_the_archive_is_no_copy(tmp_path, closest):
    pages = Pages({ARCHIVE: {"archived_snapshots": {"closest": closest}}})
    fetch_one(tmp_path, PAGE, pages)
    assert pages.hosts() == ["rain.org", "archive.org"]


def test_every_way_is_tried_in_order(tmp_path):
    pages = Pages({OPEN: {"best_oa_location": {"url": "https://repo.org/a"}}})
    fetch_one(tmp_path, replace(PAGE, doi="10.1000/rain", arxiv="2411.09134"), pages, CONTACT)
    assert pages.hosts() == [
        "doi.org", "api.unpaywall.org", "repo.org", "arxiv.org", "arxiv.org", "rain.org", "archive.org",
    ]  # fmt: skip


def test_an_address_is_asked_for_once(tmp_path):
    pages = Pages({"https://doi.org/10.1000/rain": "-> https://rain.org/kyoto", "https://rain.org/kyoto": (403, "No.")})
    fetch_one(tmp_path, replace(PAGE, doi="10.1000/rain"), pages)
    assert pages.hosts() == ["doi.org", "archive.org"]


def test_every_attempt_is_told_with_its_outcome(tmp_path):
    found = fetch_one(tmp_path, PAGE, {PAGE.url: (404, "Gone."), ARCHIVE: SNAPSHOT, COPY: page()})
    assert [(attempt.url, attempt.outcome) for attempt in found.attempts] == [
        (PAGE.url, "not_found: the server does not know the page (404)"),
        (ARCHIVE, "asked for archived copies"),
        (COPY, "full text, text/html"),
    ]


def test_of_two_texts_the_one_that_names_the_title_is_kept(tmp_path):
    pages = {
        "https://doi.org/10.1000/rain": "Terms of use\n\n" + "You may read this site as you like. " * 30,
        PAGE.url: text(),
    }
    assert tell(fetch_one(tmp_path, replace(PAGE, doi="10.1000/rain"), pages))[1] == "landing_page"


def test_a_page_in_another_language_is_kept_and_told(tmp_path):
    found = fetch_one(tmp_path, PAGE, {PAGE.url: "Herbst\n\n" + "Der Fluss stieg um einen Meter. " * 30})
    assert found.reason == (
        "the text came from the page that the entry names; it does not begin with the title that the entry prints"
    )


def test_what_came_is_described_by_its_bytes_and_its_way(tmp_path):
    found = fetch_one(tmp_path, PAGE, {PAGE.url: text()}).provenance
    assert (found.asked, found.status, found.content_type, found.size_bytes) == (
        PAGE.url, 200, "text/plain", len(text().encode()),
    )  # fmt: skip


@pytest.mark.parametrize(("label", "kept"), [
    ("text/plain; charset=ISO-8859-1", "text/plain; charset=iso-8859-1"), ("text/plain; charset=UTF-8", "text/plain"),
    ("application/pdf", "text/plain"),
])  # fmt: skip
def test_of_a_label_the_charset_is_kept_where_the_bytes_need_it(tmp_path, label, kept):
    class Labelled(Pages):
        async def get(self, url, **wishes):
            return replace(await super().get(url, **wishes), headers={"content-type": label})

    assert fetch_one(tmp_path, PAGE, Labelled({PAGE.url: text()})).provenance.content_type == kept


def test_the_text_is_on_the_shelf(tmp_path):
    found = fetch_one(tmp_path, PAGE, {PAGE.url: text()})
    assert open_shelf(tmp_path).read_content(found.provenance.sha256) == text().encode()


@pytest.mark.parametrize(("said", "licence"), [
    ("Licence: https://creativecommons.org/licenses/by/4.0/. ", "https://creativecommons.org/licenses/by/4.0"),
    ("See creativecommons.org/licenses/by/4.0 and creativecommons.org/licenses/by-nc/4.0. ", None),
    ("", None),
])  # fmt: skip
def test_the_licence_is_told_where_the_text_names_one(tmp_path, said, licence):
    assert fetch_one(tmp_path, PAGE, {PAGE.url: text(about=said)}).provenance.licence == licence


# Why none came


@pytest.mark.parametrize(("answer", "state"), [
    ((401, "Log in."), "paywalled"), ((402, "Pay."), "paywalled"), ((403, "No."), "paywalled"),
    ((404, "None."), "not_found"), ((410, "Gone."), "not_found"), ((429, "Wait."), "unreachable"),
    ((500, "Error."), "unreachable"), ((503, "Busy."), "unreachable"),
    (refuse("blocked_by_robots"), "blocked_by_robots"),
    (refuse("unreachable"), "unreachable"), (refuse("unreadable", "larger than 25 MB"), "unreadable"),
    (b"\x89PNG\r\n\x1a\n" + b"\x00" * 90, "unreadable"), (b"PK\x03\x04" + b"\x00" * 90, "unreadable"),
    (b"%PDF-1.7 cut", "unreadable"), ("", "unreadable"), (" \n", "unreadable"),
])  # fmt: skip
def test_what_is_no_text_ends_in_its_state(tmp_path, answer, state):
    assert fetch_one(tmp_path, PAGE, {PAGE.url: answer}).state == state


@given(st.binary(max_size=400), st.sampled_from([b"", b"%PDF-1.7\n", b"<html><body>", b"<?xml version='1.0'?><html>"]))
@hypothesis_settings(deadline=None, max_examples=60)
def test_no_bytes_break_the_appraisal(content, start):
    download = replace(make_download(PAGE.url, PAGE.url, "x"), content=start + content)
    assert isinstance(appraise(download, Address(PAGE.url, "landing_page"), PAGE), Find | Refusal)


def test_an_answer_for_programs_is_no_text(tmp_path):
    class Service(Pages):
        async def get(self, url, **wishes):
            return replace(await super().get(url, **wishes), content_type="application/json")

    assert tell(fetch_one(tmp_path, PAGE, Service({PAGE.url: '{"error": 1}'}))) == (
        "unreadable", "what came is application/json, which is for programs",
    )  # fmt: skip


def test_an_entry_without_address_says_so(tmp_path):
    assert tell(fetch_one(tmp_path, ENTRY, {})) == ("no_url", "the entry names no address, DOI or arXiv id")


@pytest.mark.parametrize("url", ["ftp://rain.org/a", "file:///etc/passwd", "http://", "https://[::1", "mailto:a@b.c"])
def test_what_is_no_address_of_the_web_is_not_asked_for(tmp_path, url):
    pages = Pages({})
    assert (fetch_one(tmp_path, replace(ENTRY, url=url), pages).state, pages.asked) == ("no_url", [])


def test_the_state_that_tells_most_is_the_entrys(tmp_path):
    pages = {"https://doi.org/10.1000/rain": (403, "No."), PAGE.url: (404, "None.")}
    assert fetch_one(tmp_path, replace(PAGE, doi="10.1000/rain"), pages).state == "paywalled"


def test_what_an_archive_lacks_does_not_hide_what_the_page_answers(tmp_path):
    pages = {PAGE.url: (404, "None."), ARCHIVE: SNAPSHOT, COPY: (403, "No.")}
    assert fetch_one(tmp_path, PAGE, pages).state == "not_found"


SAVE = "save it as 8.pdf (or 8.html) in a folder and run `ibid build --references FOLDER`"


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((403, "No."), f"if you have access, {SAVE}"),
        ((404, "No."), f"look for it elsewhere, {SAVE}"),
        (refuse("blocked_by_robots"), f"open it in a browser, {SAVE}"),
        (refuse(), f"try again later with `ibid fetch --only 8`, or {SAVE}"),
        (b"\x89PNG" + b"\x00" * 90, f"get it in another form; {SAVE}"),
        (refuse("offline"), "run `ibid fetch` again when there is a network"),
    ],
)
def test_every_failure_comes_with_a_way_out(tmp_path, answer, hint):
    assert fetch_one(tmp_path, PAGE, {PAGE.url: answer}).hint == hint


# Runs


def numbered(count):
    return [
        Reference(str(n), f"[{n}] Rain, part {n}.", 0, 20, url=f"https://h{n}.org/a", title="Rain over Kyoto")
        for n in range(1, count + 1)
    ]


def test_entries_of_one_work_are_asked_for_once(tmp_path):
    twin = replace(PAGE, number="9", raw="[9] Ito. Rain over Kyoto.")
    pages = Pages({PAGE.url: text()})
    found = fetch(tmp_path, [PAGE, twin], pages)
    assert (found["8"].provenance == found["9"].provenance, pages.asked) == (True, [PAGE.url])


def test_an_entry_of_the_same_work_adds_its_own_addresses(tmp_path):
    first = replace(DOI, url=None)
    twin = replace(DOI, number="9", url="https://rain.org/kyoto")
    assert tell(fetch(tmp_path, [first, twin], {PAGE.url: text()})["8"])[1] == "landing_page"


def test_hints_name_each_entry_by_its_own_number(tmp_path):
    twin = replace(PAGE, number="9", raw="[9] Ito. Rain over Kyoto.")
    found = fetch(tmp_path, [PAGE, twin], {PAGE.url: (403, "No.")})
    assert ("8.pdf" in found["8"].hint, "9.pdf" in found["9"].hint) == (True, True)


def test_other_entries_of_the_same_number_are_works_of_their_own():
    other = replace(ENTRY, raw="[8] Sato, K. Snow.", title="Snow", url="https://snow.org")
    assert group_works([PAGE, other]) == [[PAGE], [other]]


@pytest.mark.parametrize("answer", [text(), (403, "No."), (404, "None."), refuse("blocked_by_robots"), b"%PDF-1.7 cut"])
def test_what_is_settled_is_not_asked_for_again(tmp_path, answer):
    first = fetch_one(tmp_path, PAGE, {PAGE.url: answer})
    again = Pages({})
    assert (fetch_one(tmp_path, PAGE, again), again.asked) == (first, [])


@pytest.mark.parametrize("answer", [(500, "Error."), refuse(), refuse("offline")])
def test_what_may_have_been_chance_is_asked_for_again(tmp_path, answer):
    fetch_one(tmp_path, PAGE, {PAGE.url: answer})
    assert fetch_one(tmp_path, PAGE, {PAGE.url: text()}).state == "indexed"


def test_a_text_that_was_damaged_is_asked_for_again(tmp_path):
    found = fetch_one(tmp_path, PAGE, {PAGE.url: text()})
    (tmp_path / "texts" / found.provenance.sha256).write_bytes(b"x" * found.provenance.size_bytes)
    fetch_one(tmp_path, PAGE, {PAGE.url: text()})
    assert open_shelf(tmp_path).read_content(found.provenance.sha256) == text().encode()


def test_only_the_wanted_entries_are_asked_for(tmp_path):
    pages = Pages({"https://h2.org/a": text()})
    found = fetch(tmp_path, numbered(3), pages, only=["2"])
    assert ([each.state for each in found.values()], pages.asked) == (
        ["not_fetched", "indexed", "not_fetched"], ["https://h2.org/a"],
    )  # fmt: skip


def test_a_wanted_entry_is_asked_for_whatever_became_of_it(tmp_path):
    fetch_one(tmp_path, PAGE, {PAGE.url: (403, "No.")})
    pages = Pages({PAGE.url: text()})
    assert (fetch_one(tmp_path, PAGE, pages, only=["8"]).state, pages.refreshed) == ("indexed", {PAGE.url})


def test_an_entry_that_is_not_listed_cannot_be_wanted(tmp_path):
    with pytest.raises(SourceError, match=r"the paper lists no entry '99'; list its entries with `ibid sources`"):
        fetch(tmp_path, PAGE, {}, only=["99"])


def test_a_refresh_asks_for_what_has_come(tmp_path):
    fetch_one(tmp_path, PAGE, {PAGE.url: text()})
    again = fetch_one(tmp_path, PAGE, {PAGE.url: text(about="Now revised. ")}, refresh=True)
    assert open_shelf(tmp_path).read_content(again.provenance.sha256) == text(about="Now revised. ").encode()


def test_a_text_stays_when_asking_again_brings_none(tmp_path):
    first = fetch_one(tmp_path, PAGE, {PAGE.url: text()})
    again = fetch_one(tmp_path, PAGE, {PAGE.url: (404, "None.")}, refresh=True)
    note = "; asked again in vain: the server does not know the page (404)"
    assert (again.state, again.provenance, again.reason) == ("indexed", first.provenance, first.reason + note)


def test_a_text_that_stayed_is_still_on_the_shelf(tmp_path):
    first = fetch_one(tmp_path, PAGE, {PAGE.url: text()})
    fetch_one(tmp_path, PAGE, {}, refresh=True)
    assert open_shelf(tmp_path).read_content(first.provenance.sha256) == text().encode()


def test_asking_in_vain_twice_is_told_once(tmp_path):
    fetch_one(tmp_path, PAGE, {PAGE.url: text()})
    fetch_one(tmp_path, PAGE, {}, refresh=True)
    assert fetch_one(tmp_path, PAGE, {}, refresh=True).reason.count("asked again in vain") == 1


def test_an_abstract_does_not_take_the_place_of_the_full_text(tmp_path):
    first = fetch_one(tmp_path, DOI, {"https://doi.org/10.1000/rain": text()})
    again = fetch_one(tmp_path, DOI, {"https://doi.org/10.1000/rain": scholarly()}, refresh=True)
    assert again.provenance == first.provenance


def test_the_full_text_takes_the_place_of_an_abstract(tmp_path):
    fetch_one(tmp_path, DOI, {"https://doi.org/10.1000/rain": scholarly()})
    again = fetch_one(tmp_path, DOI, {"https://doi.org/10.1000/rain": text()}, refresh=True)
    assert again.reason == "the text came from where its DOI leads"


def test_a_copy_of_an_archive_does_not_take_the_place_of_the_original(tmp_path):
    fetch_one(tmp_path, PAGE, {PAGE.url: text()})
    again = fetch_one(tmp_path, PAGE, {ARCHIVE: SNAPSHOT, COPY: page()}, refresh=True)
    assert again.provenance.route == "landing_page"


def test_a_changed_entry_takes_no_other_entrys_text(tmp_path):
    fetch_one(tmp_path, PAGE, {PAGE.url: text()})
    other = replace(PAGE, raw="[8] Sato, K. Snow over Kyoto.", url="https://snow.org/")
    assert fetch_one(tmp_path, other, {}).state == "unreachable"


def test_without_a_network_the_rest_is_not_tried(tmp_path):
    pages = Pages({}, otherwise=refuse("offline", "no network can be reached"))
    found = fetch(tmp_path, numbered(100), pages)
    assert ({each.state for each in found.values()}, len(pages.asked) < 50) == ({"offline"}, True)


def test_what_came_before_the_network_went_is_kept(tmp_path):
    entries = numbered(2)
    fetch(tmp_path, entries, {"https://h1.org/a": text()})
    found = fetch(tmp_path, entries, Pages({}, otherwise=refuse("offline")))
    assert [each.state for each in found.values()] == ["indexed", "offline"]


def test_what_came_before_stays_when_it_is_asked_for_without_a_network(tmp_path):
    entries = numbered(2)
    fetch(tmp_path, entries, {"https://h1.org/a": text()})
    found = fetch(tmp_path, entries, Pages({}, otherwise=refuse("offline")), refresh=True)
    assert [each.state for each in found.values()] == ["indexed", "offline"]


def test_entries_are_asked_for_at_the_same_time(tmp_path):
    class Slow(Pages):
        together = most = 0

        async def get(self, url, **wishes):
            self.together += 1
            self.most = max(self.most, self.together)
            await asyncio.sleep(0.05)
            self.together -= 1
            return await super().get(url, **wishes)

    pages = Slow({f"https://h{n}.org/a": text() for n in range(1, 24)})
    fetch(tmp_path, numbered(23), pages)
    assert pages.most == 23


def test_each_entry_is_told_when_it_is_finished(tmp_path):
    told = []
    fetch(
        tmp_path,
        numbered(2),
        {"https://h1.org/a": text()},
        report=lambda entry, found: told.append((entry.number, found.state)),
    )
    assert sorted(told) == [("1", "indexed"), ("2", "unreachable")]


def test_each_entry_is_on_the_shelf_when_it_is_told(tmp_path):
    kept = []
    fetch(
        tmp_path,
        numbered(2),
        {},
        report=lambda entry, _: kept.append(entry.number in open_shelf(tmp_path).load([entry])),
    )
    assert kept == [True, True]


def test_a_bug_in_one_entry_surfaces_when_the_others_are_saved(tmp_path):
    pages = Pages(
        {"https://h1.org/a": ZeroDivisionError("a bug"), "https://h2.org/a": text(), "https://h3.org/a": text()}
    )
    with pytest.raises(ZeroDivisionError):
        fetch(tmp_path, numbered(3), pages)
    assert {number: each.state for number, each in open_shelf(tmp_path).load(numbered(3)).items()} == {
        "2": "indexed", "3": "indexed",
    }  # fmt: skip


# Texts put in by hand


def test_a_text_that_was_put_in_by_hand_is_not_asked_for(tmp_path):
    (tmp_path / "8.txt").write_text(text())
    pages = Pages({})
    assert (tell(fetch_one(tmp_path / "shelf", PAGE, pages, by_hand=tmp_path)), pages.asked) == (
        ("by_hand", "by_hand", "8.txt"), [],
    )  # fmt: skip


def test_a_text_put_in_for_one_entry_is_that_of_every_entry_of_the_work(tmp_path):
    (tmp_path / "9.txt").write_text(text())
    found = fetch(tmp_path / "shelf", [PAGE, replace(PAGE, number="9")], {}, by_hand=tmp_path)
    assert [each.state for each in found.values()] == ["by_hand", "by_hand"]


def test_a_text_put_in_by_hand_goes_before_one_that_came(tmp_path):
    fetch_one(tmp_path / "shelf", PAGE, {PAGE.url: text()})
    (tmp_path / "8.txt").write_text(text())
    assert fetch_one(tmp_path / "shelf", PAGE, {}, by_hand=tmp_path).state == "by_hand"


def test_what_came_is_there_again_when_the_file_is_gone(tmp_path):
    fetch_one(tmp_path / "shelf", PAGE, {PAGE.url: text()})
    (tmp_path / "8.txt").write_text(text())
    fetch_one(tmp_path / "shelf", PAGE, {}, by_hand=tmp_path)
    (tmp_path / "8.txt").unlink()
    assert fetch_one(tmp_path / "shelf", PAGE, {}, by_hand=tmp_path).state == "indexed"


def test_a_file_that_cannot_be_read_is_told_and_the_network_asked(tmp_path):
    (tmp_path / "8.txt").write_bytes(b"\x00\x01")
    found = fetch_one(tmp_path / "shelf", PAGE, {PAGE.url: (403, "No.")}, by_hand=tmp_path)
    assert tell(found) == (
        "paywalled",
        "8.txt is a binary file (application/octet-stream), not text; the server refuses to hand it out (403)",
    )


# Completion


def test_an_entry_is_completed_to_find_it_where_that_is_wished(tmp_path):
    item = {
        "title": "Rain over Kyoto",
        "author": [{"family": "Ito"}],
        "issued": {"date-parts": [[2021]]},
        "DOI": "10.1000/rain",
    }

    class Registry(Pages):
        async def get(self, url, **wishes):
            if urlsplit(url).hostname == "api.crossref.org":
                return make_download(url, url, {"message": {"items": [item]}})
            return await super().get(url, **wishes)

    named = replace(ENTRY, names=(Name("Ito", "M."),))
    pages = Registry({"https://doi.org/10.1000/rain": text()})
    assert tell(fetch_one(tmp_path, named, pages, Settings(complete=True)))[:2] == ("indexed", "doi")


def test_what_the_registries_added_is_on_the_shelf(tmp_path):
    told = {"title": "Rain over Kyoto", "container-title": "Journal of Rain"}

    class Registry(Pages):
        async def get(self, url, *, accept=None, **wishes):
            return make_download(url, url, told) if accept else await super().get(url, accept=accept, **wishes)

    fetch_one(tmp_path, DOI, Registry({"https://doi.org/10.1000/rain": text()}), Settings(complete=True))
    assert open_shelf(tmp_path).complete([DOI])[0].container == "Journal of Rain"


def test_no_registry_is_asked_unless_that_is_wished(tmp_path):
    pages = Pages({"https://doi.org/10.1000/rain": text()})
    fetch_one(tmp_path, DOI, pages)
    assert pages.asked == ["https://doi.org/10.1000/rain"]


def test_fetching_loads_no_reader_until_something_came():
    heavy = "{'httpx', 'trafilatura', 'pypdfium2', 'lxml', 'idutils'}"
    code = f"import sys, index.fetch.works; print({heavy} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout == "set()\n"
