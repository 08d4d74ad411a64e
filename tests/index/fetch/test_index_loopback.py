"""The small web itself: what other tests build on is to be what it says."""

import asyncio
import json

import pytest
from ills import ARTICLE
from services import add_archived, add_doi, add_open_access

from index.fetch.client import open_client
from index.settings import Settings


def fetch(folder, url, **wishes):
    async def run():
        async with open_client(Settings(fetch_delay_s=0), folder / "cache") as client:
            return await client.get(url, **wishes)

    return asyncio.run(run())


def test_a_doi_leads_to_its_landing_page(web, tmp_path):
    landing_page = web.add("journal.example", "/1", ARTICLE)
    assert fetch(tmp_path, add_doi(web, "10.1000/a(1)<2>", landing_page)).got == landing_page


def test_a_doi_tells_its_facts_to_who_asks_for_them(web, tmp_path):
    url = add_doi(web, "10.1000/1", "https://journal.example/1", {"title": "Rain"})
    got = fetch(tmp_path, url, accept="application/vnd.citationstyles.csl+json")
    assert json.loads(got.content) == {"title": "Rain"}


def test_a_free_copy_is_told_to_who_leaves_an_address(web, tmp_path):
    url = add_open_access(web, "10.1000/1", "https://repository.example/1.pdf")
    known = json.loads(fetch(tmp_path, f"{url}?email=a@b.org").content)
    assert known["best_oa_location"]["url_for_pdf"] == "https://repository.example/1.pdf"


@pytest.mark.parametrize(("asked", "is_held"), [("https://gone.example/1", True), ("https://gone.example/2", False)])
def test_an_archive_holds_what_it_was_given(web, tmp_path, asked, is_held):
    add_archived(web, "https://gone.example/1", "20200102030405", ARTICLE)
    found = json.loads(fetch(tmp_path, f"https://archive.org/wayback/available?url={asked}").content)
    assert ("closest" in found["archived_snapshots"]) is is_held


def test_an_archived_copy_is_the_page_as_it_was(web, tmp_path):
    add_archived(web, "https://gone.example/1?a=b", "20200102030405", ARTICLE)
    got = fetch(tmp_path, "https://web.archive.org/web/20200102030405id_/https://gone.example/1?a=b")
    assert got.content.decode() == ARTICLE
