"""What a browser searches on a page; the browser's own word is asked in tests/web/test_fragments.py."""

import pytest

from index.html.page import parse_as_written
from index.html.reader import read_html
from index.html.shown import read_shown


def show(body):
    return read_shown(parse_as_written(f"<html><head><title>T</title></head><body>{body}</body></html>".encode()))


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("<p>Rain <i>fe</i>ll.<p>It   \n stopped.", "Rain fell.\nIt stopped."),
        ("<p>one<br>two", "one\ntwo"),
        ("<p>a&nbsp; b", "a\xa0 b"),
        ("<p>s&shy;oft zer\u200bo", "s\xadoft zer\u200bo"),
        ("<p>cafe\u0301", "café"),
        ("<pre>one  two\n three four</pre>", "one\ntwo\nthree four"),
        ("<p style='white-space: pre-wrap'>one\ntwo", "one\ntwo"),
        ("<table><tr><td>a<td>b</table>c", "a\nb\nc"),
        ("<div>in <div>box</div> out</div>", "in\nbox\nout"),
        ("<p>press <button>here</button> now", "press\nhere\nnow"),
        ("<p>a <span style='display:inline-block'>box</span> b", "a\nbox\nb"),
        ("<p>a<img alt=x>b<wbr>c<!-- d -->e", "abce"),
        ("<p>a<ruby>漢<rt>kan</rt></ruby>b", "a\n漢\nb"),
        ("<p>zero\u200b\n width", "zero\u200bwidth"),
    ],
)
def test_a_line_is_what_a_search_can_reach_across(body, shown):
    assert show(body) == shown


@pytest.mark.parametrize(
    "hidden",
    [
        "<p style='display: none'>x",
        "<p hidden>x",
        "<p inert>x",
        "<p style='visibility:hidden'>x",
        "<style>.no{display:none}</style><p class=no>x",
        "<script>x</script>",
        "<template>x</template>",
        "<noscript>x</noscript>",
        "<dialog>x</dialog>",
        "<select><option>x</select>",
        "<iframe>x</iframe>",
    ],
)
def test_what_a_browser_does_not_search_is_left_out(hidden):
    assert show(f"<p>rain</p>{hidden}") == "rain"


@pytest.mark.parametrize(
    "faint",
    [
        "<p style='opacity:0'>x",
        "<p style='font-size:0'>x",
        "<p style='position:absolute;left:-9999px'>x",
        "<p hidden=until-found>x",
        "<p aria-hidden=true>x",
        "<details><summary></summary>x</details>",
    ],
)
def test_what_is_only_hard_to_see_is_searched(faint):
    assert show(f"<p>rain</p>{faint}") == "rain\nx"


def test_a_reading_keeps_the_frame_of_its_page_apart():
    rain = "It rained on the hills for a week, and the river rose above the old mill before the morning came. " * 4
    page = (
        f"<html><body><nav><a href=/>Home</a></nav><article><h1>Rain</h1><p>{rain}</p></article><p>So&shy;ft</p></body>"
    )
    reading = read_html(page.encode(), "page.html")
    assert reading.shown.split("\n")[:2] == ["Home", "Rain"]
    assert "Home" not in " ".join(block.text for block in reading.blocks)
    assert "\xad" not in "".join(block.text for block in reading.blocks)
