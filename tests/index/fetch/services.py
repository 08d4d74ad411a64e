"""The services that scholars' programs ask, as far as the tests need them: each adds one fact to a `Web`."""

import json
from urllib.parse import parse_qs, quote, urlsplit

from loopback import Page

CSL = "application/vnd.citationstyles.csl+json"
NOT_FOUND = Page(b"not found", 404)


def make_json(content, kind="application/json") -> Page:
    return Page(json.dumps(content).encode(), headers={"Content-Type": kind})


def add_doi(web, doi, landing_page, csl=None) -> str:
    """Register a DOI: it redirects to its landing page, or to who wants CSL-JSON answers with that."""

    def choose(visit):
        if "csl+json" in visit.headers.get("accept", ""):
            return make_json(csl, CSL) if csl is not None else Page(b"not acceptable", 406)
        return Page(b"moved", 302, {"Location": landing_page, "Vary": "Accept"})

    return web.add_service("doi.org", f"/{quote(doi)}", choose)


def add_open_access(web, doi, pdf_url, licence="cc-by") -> str:
    """Have Unpaywall know a free copy of a work; None for a work that it knows and that has none."""
    place = pdf_url and {"url": pdf_url, "url_for_pdf": pdf_url, "license": licence, "host_type": "repository"}
    found = {"doi": doi, "is_oa": bool(place), "best_oa_location": place, "oa_locations": [place] if place else []}

    def choose(visit):
        has_mail = "@" in "".join(parse_qs(urlsplit(visit.path).query).get("email", []))
        return make_json(found) if has_mail else make_json({"error": True, "message": "Please provide an email"})

    return web.add_service("api.unpaywall.org", f"/v2/{quote(doi)}", choose)


def add_crossref(web, doi, work) -> str:
    """Have Crossref know a work, in the shape of its own API."""
    return web.add_service("api.crossref.org", f"/works/{quote(doi, safe='')}", lambda _: make_json({"message": work}))


def add_crossref_search(web, works) -> str:
    """Have Crossref answer every search with these works."""
    return web.add_service("api.crossref.org", "/works", lambda _: make_json({"message": {"items": works}}))


def add_datacite(web, doi, attributes) -> str:
    """Have DataCite know a work, in the shape of its own API."""
    content = {"data": {"id": doi, "type": "dois", "attributes": attributes}}
    return web.add_service(
        "api.datacite.org", f"/dois/{quote(doi)}", lambda _: make_json(content, "application/vnd.api+json")
    )


def add_arxiv(web, arxiv, feed, pdf=b"", html=None) -> None:
    """Have arXiv hold a work: its Atom entry for the API, its abstract page, its PDF, and HTML where there is some."""
    web.add_service(
        "export.arxiv.org",
        "/api/query",
        lambda _: Page(feed.encode(), headers={"Content-Type": "application/atom+xml"}),
    )
    web.replace("arxiv.org", f"/abs/{arxiv}", f"<title>{arxiv}</title>")
    web.replace("arxiv.org", f"/pdf/{arxiv}", pdf, headers={"Content-Type": "application/pdf"})
    if html is not None:
        web.replace("arxiv.org", f"/html/{arxiv}", html)


def add_archived(web, url, stamp, body, headers=None) -> str:
    """Have the Wayback Machine hold a copy of a page; other pages it has not."""
    copy = f"http://web.archive.org/web/{stamp}/{url}"
    held = {"available": True, "status": "200", "timestamp": stamp, "url": copy}

    def choose(visit):
        (asked,) = parse_qs(urlsplit(visit.path).query).get("url", [""])
        is_held = asked.split("://")[-1].rstrip("/") == url.split("://")[-1].rstrip("/")
        return make_json({"url": asked, "archived_snapshots": {"closest": held} if is_held else {}})

    web.add_service("archive.org", "/wayback/available", choose)
    web.replace("web.archive.org", f"/web/{stamp}id_/{url}", body, headers=headers)
    return web.replace("web.archive.org", f"/web/{stamp}/{url}", body, headers=headers)
