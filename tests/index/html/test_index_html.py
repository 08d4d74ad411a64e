import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import SourceError
from index.html.reader import read_html
from index.model import Block

PROSE = (
    "The river rose by two metres in the night, and the town closed the lower bridge before dawn. "
    "Measurements at the weir agree with the model to within a tenth of a metre."
)
HIDDEN_MEANS = [
    "<p hidden>{}</p>",
    '<p style="display:none">{}</p>',
    '<p style="DISPLAY: none !important">{}</p>',
    '<p style="visibility:hidden">{}</p>',
    '<p style="font-size:0">{}</p>',
    '<p style="font-size: 1px">{}</p>',
    '<p style="opacity:0">{}</p>',
    '<p style="position:absolute;left:-9999px">{}</p>',
    '<p style="text-indent:-999em">{}</p>',
    '<p style="color:#fff;background-color:#fff">{}</p>',
    "<template><p>{}</p></template>",
    "<noscript><p>{}</p></noscript>",
    '<input type="hidden" value="{}">',
    "<!-- <p>{}</p> -->",
    "<style>.x {{ display: none }}</style><p class='a x'>{}</p>",
    "<style>/* .x {{}} */ #x, b {{ position: absolute; left: -9999px }}</style><p id='x'>{}</p>",
    '<p class="sr-only">{}</p>',
    '<div class="modal" aria-hidden="true"><p>{}</p></div>',
    "<dialog><p>{}</p></dialog>",
    "<script>var text = '{}'</script>",
]
SEEN_MEANS = [
    '<p aria-hidden="false">{}</p>',
    '<p style="opacity:.5;font-size:12px;margin-left:-10px">{}</p>',
    "<style>@media print {{ .x {{ display: none }} }}</style><p class='x'>{}</p>",
    "<style>.x {{ display: none }} .x.open {{ display: block }}</style><p class='x'>{}</p>",
    '<p style="opacity:0;transform:translateY(20px)">{}</p>',
    "<details><summary>More</summary><p>{}</p></details>",
    '<p hidden="until-found">{}</p>',
]


def read(source, **options):
    return read_html(source if isinstance(source, bytes) else source.encode(), "page", **options)


def texts(source):
    return [block.text for block in read(source).blocks]


def paper(body, head=""):
    return (
        f'<html><head><meta name="citation_title" content="Rivers">{head}</head><body><article>{body}</article></body>'
    )


def news(body):
    frame = "<nav><ul><li><a href='/'>Home</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
    prose = "".join(f"<p>{number}. {PROSE}</p>" for number in range(6))
    foot = "<aside><h3>Related articles</h3><ul><li><a>Snow</a></li></ul></aside><footer>© The Daily</footer>"
    return f"<html><body>{frame}<article><h1>Rivers</h1>{prose}{body}</article>{foot}</body></html>"


@pytest.mark.parametrize("means", HIDDEN_MEANS)
@pytest.mark.parametrize("make", [paper, news])
def test_what_a_reader_cannot_see_is_left_out(make, means):
    shown = "\n".join(texts(make(f"<p>{PROSE}</p>{means.format('Ignore all that stands here.')}<p>And {PROSE}</p>")))
    assert ("Ignore" in shown, PROSE in shown) == (False, True)


@pytest.mark.parametrize("means", SEEN_MEANS)
def test_what_a_reader_can_see_is_kept(means):
    assert "Keep all that stands here." in texts(
        paper(f"<p>{PROSE * 2}</p>{means.format('Keep all that stands here.')}")
    )


def test_text_behind_what_is_hidden_stays():
    assert texts("<p>Rain <span hidden>never </span>fell on Monday.</p>") == ["Rain fell on Monday."]


def test_headings_are_counted_from_the_outermost():
    body = f"<h2>Methods</h2><p>{PROSE}</p><h4>Weir</h4><p>{PROSE * 2}</p><h2>Results</h2><p>It rose.</p>"
    headings = [(block.text, block.level) for block in read(paper(body)).blocks if block.level]
    assert headings == [("Methods", 1), ("Weir", 3), ("Results", 1)]


def test_the_title_stands_first_and_once():
    blocks = read(paper(f"<h1>Rivers</h1><p>{PROSE * 2}</p>")).blocks
    assert [(block.text, block.role) for block in blocks] == [("Rivers", "title"), (PROSE + PROSE, "text")]


def test_the_heading_words_the_title_where_both_agree():
    source = news("").replace("<html>", '<html><meta property="og:title" content="rivers">')
    assert read(source).blocks[0] == Block("Rivers", role="title")


def test_a_page_is_read_without_its_frame():
    shown = "\n".join(texts(news("")))
    assert [word for word in ("Home", "Sport", "Related", "Snow", "©") if word in shown] == []


def test_items_of_a_list_are_blocks_of_their_own():
    blocks = read(news("<ul><li>The first of all points.</li><li>The second of all points.</li></ul>")).blocks
    assert [block.text for block in blocks if block.is_item] == [
        "The first of all points.",
        "The second of all points.",
    ]


TABLE = "<table><tr><th>Day</th><th>Rain, mm</th></tr><tr><td>Monday</td><td>10</td></tr></table>"


@pytest.mark.parametrize("make", [paper, news])
def test_a_table_is_one_block_with_its_rows_in_lines(make):
    assert "| Day | Rain, mm |\n| Monday | 10 |" in texts(make(f"<p>{PROSE * 2}</p>{TABLE}<p>{PROSE}</p>"))


@pytest.mark.parametrize("make", [paper, news])
def test_code_keeps_its_lines(make):
    code = "def rain(day):\n    return day * 2"
    assert code in texts(make(f"<p>{PROSE * 2}</p><pre><code>{code}</code></pre><p>{PROSE}</p>"))


@pytest.mark.parametrize("make", [paper, news])
def test_a_caption_is_kept(make):
    figure = "<figure><img src='a.png'><figcaption>Figure 1: The weir in spring.</figcaption></figure>"
    assert "Figure 1: The weir in spring." in texts(make(f"<p>{PROSE * 2}</p>{figure}<p>{PROSE}</p>"))


def test_a_table_that_lays_out_the_page_is_read_as_paragraphs():
    cells = f"<table><tr><td><p>First. {PROSE * 3}</p></td><td><p>Second. {PROSE * 3}</p></td></tr></table>"
    assert texts(paper(cells))[1:] == [f"First. {PROSE * 3}", f"Second. {PROSE * 3}"]


def test_blank_lines_of_an_old_page_part_paragraphs():
    assert texts("<body><font>Rain fell.<br>All day.<br><br>Then snow fell.</font>") == [
        "Rain fell. All day.",
        "Then snow fell.",
    ]


@pytest.mark.parametrize(
    ("raised", "marker"),
    [
        ('<sup><a href="#ref3">3</a></sup>', "[3]"),
        ('<sup><a href="#R1">1</a>,<a href="#R2">2</a></sup>', "[1,2]"),
        ('<sup><a href="#ref-CR5">5</a>–<a href="#ref-CR7">7</a></sup>', "[5–7]"),
        ('<sup>[<a href="#B3">3</a>]</sup>', "[3]"),
        ('[<sup><a href="#B3">3</a></sup>]', "[3]"),
        ('<a href="#bib3"><sup>3</sup></a>', "[3]"),
        ('<sup><a href="/articles/x#ref-CR3">3</a></sup>', "[3]"),
        ('<sup class="reference"><a href="#cite_note-3"><span>[</span>3<span>]</span></a></sup>', "[3]"),
        ('<a href="#" data-rid="CIT0003"><sup>3</sup></a>', "[3]"),
        ("<sup>3</sup>", "3"),
        ('<sup><a href="#aff1">1</a></sup>', "1"),
        ('<sup><a href="https://a.example/">2</a></sup>', "2"),
        ('<sup><a href="#t1fn1">a</a></sup>', "a"),
    ],
)
def test_numbers_that_lead_to_entries_are_markers(raised, marker):
    assert f"It rose{marker}. {PROSE * 2}" in texts(paper(f"<p>It rose{raised}. {PROSE * 2}</p>"))


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        ('<math alttext="v=\\sqrt{2gh}"><mi>v</mi></math>', "v=\\sqrt{2gh}"),
        ('<math alttext="{\\displaystyle x^{2}}"><mi>x</mi></math>', "x^{2}"),
        (
            '<math><semantics><mi>x</mi><annotation encoding="application/x-tex">x_1</annotation></semantics></math>',
            "x_1",
        ),
        ("<math><mi>x</mi><mo>=</mo><mn>1</mn></math>", "x=1"),
        (
            '<span class="mwe-math-element"><b style="display: none"><math alttext="x"></math></b><img alt="x"></span>',
            "x",
        ),
        (
            '<span class="katex"><math><annotation encoding="application/x-tex">y</annotation></math><i>y y</i></span>',
            "y",
        ),
        ('<span class="MathJax_Preview">?</span><script type="math/tex">z</script>', "z"),
    ],
)
def test_a_formula_is_written_as_its_author_wrote_it(formula, written):
    assert f"Let {written} be small. {PROSE * 2}" in texts(paper(f"<p>Let {formula} be small. {PROSE * 2}</p>"))


def test_a_note_in_mid_sentence_stands_behind_its_paragraph():
    note = (
        '<span class="ltx_note ltx_role_footnote"><sup class="ltx_note_mark">1</sup><span class="ltx_note_outer">'
        '<span class="ltx_note_content"><sup class="ltx_note_mark">1</sup><span class="ltx_tag ltx_tag_note">1</span>'
        "See the weir.</span></span></span>"
    )
    assert texts(paper(f"<p>It rose{note} at night. {PROSE * 2}</p>"))[1:] == [
        f"It rose at night. {PROSE * 2}",
        "See the weir.",
    ]


ENTRIES = """<h2>References</h2><ol class="references">
<li id="ref1"><span class="label">1.</span><p>Doe J. Rivers. <i>Nature</i>. 2001.</p><p>
<a href="https://doi.org/10.1000%2Fabc">Article</a> [<a href="https://scholar.google.com/x">Google Scholar</a>]</p></li>
<li id="ref2">Roe R. <a href="https://a.example/lakes">Lakes</a>. 2002. Cited <a href="#r1">↑</a></li></ol>"""


@pytest.mark.parametrize("make", [paper, news])
def test_an_entry_of_a_bibliography_is_one_item_with_the_address_to_which_it_is_linked(make):
    blocks = read(make(f"<p>{PROSE * 2}</p>{ENTRIES}")).blocks
    assert [block.text for block in blocks if block.is_item] == [
        "1. Doe J. Rivers. Nature. 2001. https://doi.org/10.1000/abc",
        "Roe R. Lakes. 2002. Cited https://a.example/lakes",
    ]


@pytest.mark.parametrize("make", [paper, news])
def test_a_bibliography_has_its_heading(make):
    blocks = read(make(f"<h2>Methods</h2><p>{PROSE * 2}</p>{ENTRIES}")).blocks
    first = next(place for place, block in enumerate(blocks) if block.is_item)
    assert blocks[first - 1] == Block("References", level=1)


def test_an_abstract_of_arxiv_has_its_heading():
    source = (
        '<html><meta name="citation_title" content="Rivers"><body><div><h1>Computer Science</h1><div id="abs">'
        '<h1 class="title"><span class="descriptor">Title:</span>Rivers</h1><blockquote class="abstract">'
        f'<span class="descriptor">Abstract:</span>{PROSE * 2}</blockquote></div></div><div id="labstabs">Tools</div>'
    )
    assert read(source).blocks == (
        Block("Rivers", role="title"),
        Block("Abstract", level=1),
        Block(PROSE + PROSE),
    )


def test_an_article_of_the_encyclopaedia_is_read_without_its_links_to_edit():
    source = (
        '<html><title>River - Wikipedia</title><body><h1>River</h1><div class="mw-parser-output">'
        f"<p>{PROSE * 2}</p><h2>Course<span class='mw-editsection'>[edit]</span></h2><p>{PROSE}</p>"
        "<div class='navbox'>Rivers of the world</div></div>"
    )
    assert texts(source) == ["River", PROSE + PROSE, "Course", PROSE]


@pytest.mark.parametrize(
    "source", ["<p>Rain fell on Monday.</p>", "Rain fell on Monday.", "<nav>Rain fell on Monday.</nav>"]
)
def test_a_small_page_is_not_empty(source):
    assert texts(source) == ["Rain fell on Monday."]


@pytest.mark.parametrize("source", [b"", b"<html></html>", b"<h1>Rain</h1>", b"<p hidden>Rain</p>", b"\x00\x01"])
def test_a_page_without_text_is_an_error(source):
    with pytest.raises(SourceError, match="page is a page without text; open it in a browser"):
        read(source)


def test_a_page_that_needs_scripts_says_so():
    source = "<script src=a.js></script><noscript>Please enable JavaScript to read on.</noscript><div id=root></div>"
    with pytest.raises(SourceError, match="shows its text by JavaScript only; open it in a browser"):
        read(source)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("<p>Café, déjà vu".encode(), ""),
        ("<p>Café, déjà vu".encode("latin-1"), "text/html; charset=iso-8859-1"),
        ("<p>Café, déjà vu".encode("latin-1"), ""),
        ("<p>Café, déjà vu".encode(), "text/html; charset=iso-8859-1"),
        ("<meta charset=utf-8><p>Café, déjà vu".encode("latin-1"), ""),
        ("<p>Café, déjà vu".encode("utf-16"), ""),
        ("<meta charset=iso-8859-1><p>Café, déjà vu".encode("latin-1"), "text/html"),
        (b"<p>Caf&eacute;, d&#233;j&#xe0; vu", "text/html; charset=klingon"),
    ],
)
def test_the_bytes_say_in_which_charset_a_page_is(content, content_type):
    assert [block.text for block in read(content, content_type=content_type).blocks] == ["Café, déjà vu"]


@pytest.mark.parametrize("charset", ["shift_jis", "euc-jp", "gb18030", "utf-8"])
def test_a_page_of_east_asia_is_decoded_by_its_label(charset):
    text = "文字コードの試験" if charset != "gb18030" else "字符编码测试"
    source = f"<meta charset={charset}><p>{text}".encode(charset)
    assert texts(source) == [text]


@pytest.mark.parametrize("frame", ["{}", "<main>{}</main>", "<div class='content'>{}</div><footer>The end</footer>"])
def test_a_plain_paper_keeps_every_paragraph_and_heading(frame):
    body = "".join(f"<h2>{n}.0 Part</h2><p>{PROSE}</p><p>Short [{n}].</p>" for n in range(1, 8))
    entries = "".join(
        f'<p>[{n}] Doe, J. (200{n}). Rivers. <a href="https://a.example/{n}">Here</a></p>' for n in range(8)
    )
    shown = texts(f"<html><body>{frame.format(f'{body}<h2>References</h2>{entries}')}</body></html>")
    assert shown == [
        *(text for n in range(1, 8) for text in (f"{n}.0 Part", PROSE, f"Short [{n}].")),
        "References",
        *(f"[{n}] Doe, J. (200{n}). Rivers. Here https://a.example/{n}" for n in range(8)),
    ]


BOMBS = {
    "nesting": b"<div>" * 100_000 + b"Rain fell on Monday.",
    "nested spans": b"<p>" + b"<span>" * 100_000 + b"Rain fell on Monday.",
    "one line": b"<p>" + b"Rain fell on Monday. " * 250_000,
    "attributes": b"<p " + b"a=b " * 300_000 + b">Rain fell on Monday.",
    "entities": b"<p>Rain fell on Monday. " + b"&#xD800;&#1;&#99999999;&bogus;&amp" * 10_000,
    "style sheets": b"<style>" + b".a{display:none}" * 50_000 + b"</style><p>Rain fell on Monday.",
    "separators": b"<title>" + b"a - " * 200_000 + b"</title><p>Rain fell on Monday.",
    "doctype": b'<!DOCTYPE html [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]><p>Rain fell on Monday. &c;',
    "open tags": b"Rain fell on Monday. " + b"<a" * 500_000,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_in_seconds(name):
    started = time.monotonic()
    shown = "\n".join(texts(BOMBS[name]))
    assert ("Rain fell on Monday." in shown, time.monotonic() - started < 15) == (True, True)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400), st.integers(0, 2000))
def test_any_bytes_are_read_or_refused(noise, place):
    source = paper(f"<p>{PROSE}</p>{TABLE}{ENTRIES}").encode()
    content = source[:place] + noise + source[place:]
    try:
        reading = read_html(content, "page")
    except SourceError:
        return
    assert all(block.text == block.text.strip("\n") and block.text.strip() for block in reading.blocks)


def test_the_same_page_is_read_the_same_way():
    source = news(ENTRIES)
    assert read(source) == read(source)


def test_text_keeps_its_order():
    numbers = list(range(40))
    random.Random(5).shuffle(numbers)
    source = news("".join(f"<p>Point {number}. {PROSE}</p>" for number in numbers))
    assert [int(text.split(".")[0][6:]) for text in texts(source) if text.startswith("Point")] == numbers


def test_what_read_it_is_named():
    assert read(news("")).extractor.startswith("trafilatura 2.")


HEAVY = {
    "rows in nested tables": "<table><tr><td>" * 60
    + f"<table>{'<tr><td>a</td><td>b</td></tr>' * 3000}</table>"
    + "</td></tr></table>" * 60,
    "links in some divisions": "<div>" * 55 + "<a href='#'>x</a>" * 20_000 + "</div>" * 55,
    "links in nested divisions": "<div>" * 200 + "<a href='#'>x</a>" * 30_000 + "</div>" * 200,
}


@pytest.mark.parametrize("name", HEAVY)
def test_what_nests_many_elements_is_read_in_seconds(name):
    started = time.monotonic()
    shown = texts(f"<html><body>{HEAVY[name]}<p>{PROSE}</p></body></html>")
    assert (PROSE in shown, time.monotonic() - started < 8) == (True, True)


@pytest.mark.parametrize("piece", ["<b>x</b>", "<i a=1 b=2>"])
def test_a_page_of_too_many_tags_is_refused_before_a_tree_is_made_of_it(piece):
    started = time.monotonic()
    with pytest.raises(SourceError, match="page has more than 500 thousand tags and attributes; save its text as PDF"):
        read("<html><body>" + piece * 300_000)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("heading", ["Literaturverzeichnis", "Riferimenti bibliografici", "参考文献", "참고문헌"])
def test_items_below_the_heading_of_a_bibliography_are_entries_in_many_languages(heading):
    source = paper(f"<p>{PROSE}</p><h2>{heading}</h2><ul><li>Ann Lee. <a href='/a'>Rivers</a>. 2019.</li></ul>")
    assert Block("Ann Lee. Rivers. 2019.", is_item=True) in read(source).blocks
