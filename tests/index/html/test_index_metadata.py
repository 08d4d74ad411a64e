import datetime as dt
import json

import pytest

from index.html.metadata import choose_facts, read_metadata
from index.html.page import parse_page
from index.model import Fact


def read(source):
    return choose_facts(read_metadata(parse_page(source.encode())))


def value(source, field):
    fact = read(source).get(field)
    return fact.value if fact else None


def metas(**contents):
    return "".join(f'<meta name="{name}" content="{content}">' for name, content in contents.items())


def linked(node):
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


HIGHWIRE = """<title>Rivers | Journal</title><meta name="citation_title" content="Rivers in Spring">
<meta name="citation_author" content="Lee, Ann"><meta name="citation_author" content="King, Martin, Jr.">
<meta name="citation_publication_date" content="2019/04/02"><meta name="citation_online_date" content="2018/12/01">
<meta name="citation_doi" content="10.1000/ABC.1"><meta name="citation_journal_title" content="Journal of Rivers">
<meta name="citation_pdf_url" content="https://a.example/1.pdf"><meta name="citation_keywords" content="rivers; rain">
<meta name="DC.title" content="Another title"><meta property="og:title" content="A third title">"""


@pytest.mark.parametrize(
    ("field", "expected", "provenance"),
    [
        ("title", "Rivers in Spring", "citation_title"),
        ("authors", ("Ann Lee", "Martin King Jr."), "citation_author"),
        ("year", 2019, "citation_publication_date"),
        ("doi", "10.1000/abc.1", "citation_doi"),
        ("container", "Journal of Rivers", "citation_journal_title"),
        ("pdf_url", "https://a.example/1.pdf", "citation_pdf_url"),
        ("keywords", ("rivers", "rain"), "citation_keywords"),
    ],
)
def test_highwire_tags_are_believed_first(field, expected, provenance):
    assert read(HIGHWIRE)[field] == Fact(field, expected, provenance)


@pytest.mark.parametrize(
    ("field", "expected", "provenance"),
    [
        ("title", "Rivers in Spring", "DC.title"),
        ("authors", ("Ann Lee", "Bo Yu"), "DC.creator"),
        ("year", 2018, "dcterms.issued"),
        ("doi", "10.1000/abc", "DC.identifier"),
        ("licence", "CC BY 4.0", "DC.rights"),
    ],
)
def test_dublin_core_is_read_in_any_case_and_with_a_colon(field, expected, provenance):
    source = """<meta name="dc.Title" content="Rivers in Spring"><meta name="DC:creator" content="Lee, Ann">
    <meta name="DC.Creator" content="Yu, Bo"><meta name="DCTERMS.issued" content="20180304">
    <meta name="dc.identifier" content="urn:1"><meta name="dc.identifier" content="https://doi.org/10.1000/abc">
    <meta name="DC.rights" content="CC BY 4.0"><meta property="og:title" content="Rivers | Site">"""
    assert read(source)[field] == Fact(field, expected, provenance)


ARTICLE = {
    "@type": ["NewsArticle"],
    "headline": "Rivers &amp; lakes",
    "author": [{"@id": "#a"}, {"@type": "Person", "givenName": "Bo", "familyName": "Yu"}, "Cy Ode"],
    "datePublished": "2021-03-04T05:06:07Z",
    "publisher": {"@type": "Organization", "name": "The Daily"},
    "license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
    "identifier": {"@type": "PropertyValue", "propertyID": "doi", "value": "10.1000/xyz"},
}
GRAPH = {"@graph": [{"@type": "WebPage", "name": "A page"}, ARTICLE, {"@id": "#a", "name": "Ann Lee"}]}


@pytest.mark.parametrize("node", [GRAPH, [GRAPH], {"@type": "WebPage", "mainEntity": GRAPH["@graph"]}])
@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("title", "Rivers & lakes"),
        ("authors", ("Ann Lee", "Bo Yu", "Cy Ode")),
        ("year", 2021),
        ("container", "The Daily"),
        ("licence", "https://creativecommons.org/licenses/by/4.0/"),
        ("doi", "10.1000/xyz"),
    ],
)
def test_linked_data_is_read_wherever_it_nests(node, field, expected):
    assert read(linked(node))[field] == Fact(field, expected, "JSON-LD")


def test_the_journal_that_holds_an_article_goes_before_its_publisher():
    issue = {"@type": "PublicationIssue", "isPartOf": {"@type": "Periodical", "name": "Journal of Rivers"}}
    node = {"@type": "ScholarlyArticle", "name": "Rivers", "isPartOf": issue, "publisher": {"name": "Press"}}
    assert value(linked(node), "container") == "Journal of Rivers"


def test_the_author_of_a_site_is_not_that_of_a_page():
    assert value(linked({"@type": "WebSite", "name": "Site", "author": "Owner"}), "authors") is None


@pytest.mark.parametrize(
    "script",
    [
        "{",
        "[" * 100_000,
        '{"@type": 5, "author": {"name": {"name": [[]]}}}',
        "null",
        '{"@type": "Article", "author": 7}',
    ],
)
def test_linked_data_that_makes_no_sense_gives_nothing(script):
    assert value(f'<script type="application/ld+json">{script}</script><p>Rain', "title") is None


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("<title>Rivers in Spring | The Daily</title>", "Rivers in Spring"),
        ("<title>Rivers - a study</title>", "Rivers - a study"),
        ("<title>Rivers in Spring - The Daily</title><h1>Rivers in Spring</h1>", "Rivers in Spring"),
        ('<title>Rivers – The Daily</title><meta property="og:site_name" content="The Daily">', "Rivers"),
        ('<title>The Daily: Rivers</title><meta property="og:site_name" content="The Daily">', "Rivers"),
        ("<title>[2301.00001] Rivers in Spring</title>", "Rivers in Spring"),
        ("<title>Rivers | Lakes</title><h1>Rivers | Lakes</h1>", "Rivers | Lakes"),
        ("<title>\n Rivers\n &amp;amp; <b>lakes</b> </title>", "Rivers & lakes"),
        ("<h1>Rivers<br>in Spring</h1>", "Rivers in Spring"),
        ("<title>Untitled</title><h1>Rivers</h1>", "Rivers"),
    ],
)
def test_a_title_comes_without_its_site(source, title):
    assert value(source, "title") == title


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("Lee, Ann", ("Ann Lee",)),
        ("Lee, Ann; Yu, Bo", ("Ann Lee", "Bo Yu")),
        ("Ann Lee, Bo Yu, Cy Ode", ("Ann Lee", "Bo Yu", "Cy Ode")),
        ("Ann Lee and Bo Yu", ("Ann Lee", "Bo Yu")),
        ("By Ann Lee", ("Ann Lee",)),
        ("van der Berg, Jan", ("Jan van der Berg",)),
        ("Department of Rivers and Lakes, University of Town", ("Department of Rivers and Lakes, University of Town",)),
        ("https://facebook.example/ann", None),
        ("admin", None),
        ("ann@a.example", None),
    ],
)
def test_names_are_told_apart_and_turned(written, names):
    assert value(metas(author=written), "authors") == names


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("2019", 2019),
        ("2 April 2019", 2019),
        ("20190402", 2019),
        ("1623", 1623),
        ("1066", None),
        ("3019", None),
        ("12019", None),
        ("n.d.", None),
        (str(dt.datetime.now(tz=dt.UTC).year + 1), dt.datetime.now(tz=dt.UTC).year + 1),
        (str(dt.datetime.now(tz=dt.UTC).year + 2), None),
    ],
)
def test_a_year_is_one_in_which_papers_were_printed(written, year):
    assert value(metas(citation_date=written), "year") == year


@pytest.mark.parametrize(
    ("written", "doi"),
    [
        ("doi:10.1000/ABC.", "10.1000/abc"),
        ("https://doi.org/10.1016/S0140-6736(20)30183-5", "10.1016/s0140-6736(20)30183-5"),
        ("(10.1000/abc)", "10.1000/abc"),
        ("11.1000/abc", None),
        ("10.1/abc", None),
    ],
)
def test_a_doi_is_found_in_its_usual_clothes(written, doi):
    assert value(metas(citation_doi=written), "doi") == doi


def test_a_value_that_is_implausible_gives_way_to_the_next():
    source = metas(citation_title="-", **{"DC.title": "Rivers"})
    assert read(source)["title"] == Fact("title", "Rivers", "DC.title")


def test_the_canonical_link_is_the_address_of_the_page():
    assert read('<link rel="canonical" href="https://a.example/r">')["url"].provenance == "canonical link"


def test_a_canonical_link_that_is_no_web_address_is_left_out():
    assert value('<link rel="canonical" href="javascript:alert(1)">', "url") is None


def test_a_licence_is_read_only_where_it_is_stated():
    assert value('<a rel="license" href="https://l.example/by">CC</a>', "licence") == "https://l.example/by"


def test_the_byline_is_the_last_resort_for_authors():
    assert read('<p class="byline">By Ann Lee and Bo Yu</p>')["authors"] == Fact(
        "authors", ("Ann Lee", "Bo Yu"), "byline"
    )


def test_a_doi_in_a_list_of_references_is_not_that_of_the_page():
    assert value('<ul><li><span class="doi">10.1000/abc</span></li></ul>', "doi") is None


def test_a_doi_that_the_page_shows_as_its_own_is_found():
    source = '<a id="arxiv-doi-link" href="https://doi.org/10.48550/arXiv.2301.00001">DOI</a>'
    assert read(source)["doi"] == Fact("doi", "10.48550/arxiv.2301.00001", "first page")


def test_names_that_latex_wrote_are_told_from_their_addresses():
    person = '<span class="ltx_personname">Ann Lee<br>Rain Lab<br>ann@lab.example</span>'
    assert value(person, "authors") == ("Ann Lee",)


def test_the_first_fact_of_a_field_is_chosen():
    facts = [Fact("title", "A", "x"), Fact("title", "B", "y"), Fact("year", 2001, "z")]
    assert choose_facts(facts) == {"title": facts[0], "year": facts[2]}


def test_a_page_that_says_nothing_gives_nothing():
    assert read_metadata(parse_page(b"<p>Rain fell.</p>")) == ()


@pytest.mark.parametrize(("told", "kept"), [("/pdf/1.pdf", "/pdf/1.pdf"), ("1.pdf", "1.pdf"), ("javascript:x()", None)])
def test_the_pdf_may_be_named_as_seen_from_the_page(told, kept):
    facts = read_metadata(parse_page(f'<meta name="citation_pdf_url" content="{told}">'.encode()))
    assert next((fact.value for fact in facts if fact.field == "pdf_url"), None) == kept


def test_a_fact_holds_no_character_that_is_no_text():
    node = {
        "@type": "Article",
        "headline": "Rain \ud800 fell",
        "author": "Ann \x1b[31mLee",
        "keywords": ["a\x07b", "c d"],
    }
    source = linked(node)
    assert [value(source, field) for field in ("title", "authors", "keywords")] == [
        "Rain fell",
        ("Ann [31mLee",),
        ("ab", "c d"),
    ]
