"""What a web page says of its work: Highwire, Dublin Core, linked data, Open Graph, then its first words."""

import re
from collections.abc import Iterable, Iterator, Mapping

from lxml.html import HtmlElement

from index.html.facts import choose_facts, fold, make_fact
from index.html.linked import read_linked_data
from index.html.page import read_line
from index.model import Fact

__all__ = ["choose_facts", "read_metadata", "trim_site"]

_METAS_MAX = 4000
_TITLE_MAX_CHARS = 1000
_BYLINE_MAX_CHARS = 300

# Field of a fact, and the names under which tags give it, most trusted first; several tags of one name give a list.
_HIGHWIRE = (
    ("title", "citation_title bepress_citation_title"),
    ("authors", "citation_author citation_authors bepress_citation_author"),
    ("year", "citation_publication_date citation_date citation_cover_date citation_online_date citation_year"),
    ("year", "bepress_citation_date"),
    ("doi", "citation_doi bepress_citation_doi"),
    ("container", "citation_journal_title citation_conference_title citation_conference citation_inbook_title"),
    ("container", "citation_book_title bepress_citation_journal_title citation_technical_report_institution"),
    ("container", "citation_dissertation_institution"),
    ("pdf_url", "citation_pdf_url bepress_citation_pdf_url"),
    ("keywords", "citation_keywords citation_keyword"),
    ("abstract", "citation_abstract"),
)
_DUBLIN_CORE = (
    ("title", "DC.title dcterms.title eprints.title"),
    ("authors", "DC.creator DC.creator.personalname dcterms.creator eprints.creators_name DC.contributor.author"),
    ("year", "DC.date.issued dcterms.issued prism.publicationDate DC.date dcterms.date dcterms.created eprints.date"),
    ("doi", "DC.identifier.doi prism.doi DC.identifier dcterms.identifier eprints.doi DOI"),
    ("container", "prism.publicationName DC.source dcterms.isPartOf DC.relation.ispartof eprints.publication"),
    ("keywords", "DC.subject dcterms.subject"),
    ("abstract", "dcterms.abstract DC.description.abstract eprints.abstract"),
    ("licence", "DC.rights dcterms.rights dcterms.license DC.rights.license"),
)
_OPEN_GRAPH = (
    ("authors", "author article:author article.author parsely-author sailthru.author twitter:creator_name byl"),
    ("year", "article:published_time article.published parsely-pub-date sailthru.date pubdate publishdate"),
    ("year", "og:published_time datePublished publication_date date"),
    ("keywords", "keywords news_keywords"),
    ("container", "og:site_name application-name"),
    ("url", "og:url"),
    ("licence", "license licence copyright-license"),
)
# Parts of a title that a site puts around that of the page; a hyphen may stand inside a title as well.
_SURE_SEPARATOR = re.compile(r"\s+[|»«·•]\s*|\s::\s|\s\|\|\s")
_SEPARATOR = re.compile(r"\s+[|»«·•–—-]\s+|\s::\s|\s\|\|\s|:\s")
_ARXIV_LABEL = re.compile(r"\[(?:\d{4}\.\d{4,5}|[a-z.-]{2,20}/\d{7})(?:v\d+)?\]\s+")
_BYLINE = re.compile(r"(?:^|[\s_-])(?:byline|author|authors|author-?name|p-author)(?:$|[\s_-])", re.IGNORECASE)
_DOI_PLACE = re.compile(r"(?:^|[\s_-])doi(?:$|[\s_-])", re.IGNORECASE)
_PERSON = "ltx_personname"  # a page that LaTeX wrote
_BY = re.compile(r"(?:by|von|par|por)\s+(?=\S)", re.IGNORECASE)


def read_metadata(tree: HtmlElement) -> tuple[Fact, ...]:
    """Return what a page says of its work, most trusted first; several facts may name one field.

    The fields are those of `Work`, and "licence" and "pdf_url", where the page states them.
    """
    metas = _read_metas(tree)
    return (
        *_read_tags(metas, _HIGHWIRE),
        *_read_tags(metas, _DUBLIN_CORE),
        *_read_links(tree),
        *read_linked_data(tree),
        *_read_titles(tree, metas),
        *_read_tags(metas, _OPEN_GRAPH),
        *_read_first_words(tree),
    )


def _read_metas(tree: HtmlElement) -> dict[str, list[str]]:
    """Return the contents of the meta tags by their name in lower case, with a full stop behind its family."""
    metas: dict[str, list[str]] = {}
    for count, meta in enumerate(tree.iter("meta")):
        name = meta.get("name") or meta.get("property") or meta.get("itemprop") or ""
        content = meta.get("content", "").strip()
        if content and name and count < _METAS_MAX:
            metas.setdefault(_fold_name(name), []).append(content)
    return metas


def _fold_name(name: str) -> str:
    return re.sub(r"^(dc|dcterms|prism|eprints|citation)[.:_]", r"\1.", name.strip().lower())


def _read_tags(metas: Mapping[str, list[str]], fields: Iterable[tuple[str, str]]) -> Iterator[Fact]:
    for field, names in fields:
        for name in names.split():
            values = metas.get(_fold_name(name), [])
            several = field in ("authors", "keywords")
            facts = [make_fact(field, values, name)] if several else [make_fact(field, each, name) for each in values]
            yield from filter(None, facts[:20])


def _read_links(tree: HtmlElement) -> Iterator[Fact]:
    """Yield the address that a page calls its own, and its licence."""
    for element in tree.iter("link", "a"):
        kinds = (element.get("rel") or "").lower().split()
        address = element.get("href", "")
        fact = None
        if "canonical" in kinds and element.tag == "link":
            fact = make_fact("url", address, "canonical link")
        elif "license" in kinds:
            fact = make_fact("licence", address, "rel=license")
        if fact:
            yield fact


def _read_titles(tree: HtmlElement, metas: Mapping[str, list[str]]) -> Iterator[Fact]:
    """Yield the titles that a page gives itself for other sites and for the window, without the site's name."""
    sites = [fold(site) for site in metas.get("og:site_name", []) + metas.get("application-name", [])]
    headings = [read_line(heading) for heading in tree.iter("h1")][:10]
    window = next((title.text or "" for title in tree.iter("title")), "")
    named = [(name, metas[name][0]) for name in ("og:title", "twitter:title") if name in metas]
    for name, raw in [*named, ("title element", window)]:
        fact = make_fact("title", trim_site(fold(raw[:_TITLE_MAX_CHARS]), sites, headings), name)
        if fact:
            yield fact


def trim_site(title: str, sites: Iterable[str], headings: Iterable[str]) -> str:
    """Return a title without the name of its site.

    Args:
        title: On one line.
        sites: What the site calls itself.
        headings: Of the page; a title that is one of them stays whole, and one that goes on behind it is cut there.

    Returns:
        The title, as it was where nothing tells the site from it.
    """
    title = _ARXIV_LABEL.sub("", title, count=1)
    folded = {heading.casefold() for heading in headings}
    if title.casefold() in folded:
        return title
    ends = [found.span() for found in _SEPARATOR.finditer(title)]
    parts = [title[:start] for start, _ in ends] + [title[end:] for _, end in ends]
    known = next((part for part in sorted(parts, key=len, reverse=True) if part.casefold() in folded), None)
    named = {site.casefold() for site in sites}
    for start, end in reversed(ends):
        if title[end:].strip().casefold() in named and start:
            return known or title[:start].strip()
        if title[:start].strip().casefold() in named:
            return known or title[end:].strip()
    sure = list(_SURE_SEPARATOR.finditer(title))
    return known or (title[: sure[-1].start()].strip() if sure and sure[-1].start() else title)


def _read_first_words(tree: HtmlElement) -> Iterator[Fact]:
    """Yield what the page itself shows: its heading, who wrote it, when, and its DOI."""
    heading = next((line for line in map(read_line, tree.iter("h1")) if line), "")
    moment = next((each.get("datetime") for each in tree.iter("time") if each.get("datetime")), "")
    doi = next((line for line in _iter_places(tree, _DOI_PLACE) if "10." in line), "")
    facts = [
        make_fact("title", heading, "first heading"),
        make_fact("authors", _find_byline(tree), "byline"),
        make_fact("year", moment, "first date"),
        make_fact("doi", doi, "first page"),
    ]
    yield from filter(None, facts)


def _find_byline(tree: HtmlElement) -> list[str]:
    """Return the names of those who wrote a page as it shows them, or nothing."""
    persons = [person.text or read_line(person) for person in tree.iter("span") if person.get("class") == _PERSON]
    if persons:
        return [name for person in persons for name in re.split(r"[,&\n]|\band\b", person)][:_METAS_MAX]
    marked = [a for a in tree.iter("a", "span") if a.get("rel") == "author" or a.get("itemprop") == "author"]
    if marked:
        return [read_line(each) for each in marked[:50]]
    line = next(iter(_iter_places(tree, _BYLINE)), "")
    found = _BY.search(line)
    return [line[found.end() :]] if found and found.start() == 0 else []


def _iter_places(tree: HtmlElement, name: re.Pattern[str]) -> Iterator[str]:
    """Yield the short texts, or else the addresses, of elements whose class or id bears a name, not in any list."""
    for element in tree.iter("p", "div", "span", "a", "address", "td", "dd"):
        named = f"{element.get('class', '')[:300]} {element.get('id', '')[:100]}"
        if not name.search(named) or any(outer.tag in ("li", "aside", "footer") for outer in element.iterancestors()):
            continue
        line = read_line(element)
        if 0 < len(line) <= _BYLINE_MAX_CHARS:
            yield line if "10." in line or name is _BYLINE else f"{line} {element.get('href', '')}"
