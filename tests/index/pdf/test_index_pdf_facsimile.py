import contextlib
import io
import os

import pytest
from PIL import Image

from index.errors import SourceError
from index.pdf.facsimile import Facsimiles, Original
from index.pdf.plates import fold_letters

try:
    import weasyprint
except OSError as missing:  # it needs Pango, a library of the system
    if os.environ.get("CI"):
        raise
    pytest.skip(f"weasyprint cannot set PDFs here: {missing}", allow_module_level=True)

PAGE = """<style>@page { size: 400pt 600pt; margin: 40pt } @page wide { size: 600pt 400pt }
.wide { page: wide; break-before: page } body { font: 12pt "Liberation Serif"; hyphens: auto }</style><html lang=en>
<p>Rain falls on hills. <b>Snow falls on mountains.</b> Hail falls on cars.</p><div class=wide>Fog lies on lakes.</div>
"""


@pytest.fixture(scope="module")
def content():
    return weasyprint.HTML(string=PAGE).write_pdf()


def make_original(content, sha256="a" * 64):
    return Original(sha256, "rain", lambda: content)


@pytest.fixture(scope="module")
def facsimiles():
    return Facsimiles()


def open_picture(drawn):
    return Image.open(io.BytesIO(drawn))


def find_marks(drawn):
    """Return the box of what is neither grey nor white."""
    picture = open_picture(drawn).convert("HSV").getchannel("S").point(lambda value: 255 * (value > 20))
    return picture.getbbox()


def test_each_page_has_its_size(facsimiles, content):
    sizes = facsimiles.measure(make_original(content))
    assert [tuple(map(round, size)) for size in sizes] == [(400, 600), (600, 400)]


@pytest.mark.parametrize(("page", "size"), [(1, (480, 720)), (2, (480, 320))])
def test_a_page_is_drawn_as_wide_as_is_asked(facsimiles, content, page, size):
    picture = open_picture(facsimiles.draw(make_original(content), page, 480))
    assert (picture.format, picture.size, picture.mode) == ("PNG", size, "L")
    darkest, lightest = picture.getextrema()
    assert (darkest < 128, lightest) == (True, 255)


def test_words_are_marked_where_they_stand_and_nowhere_else(facsimiles, content):
    original = make_original(content)
    first, second = (
        find_marks(facsimiles.draw(original, 1, 480, [words]))
        for words in ("Rain falls on hills.", "Snow falls on mountains.")
    )
    assert first[0] < first[2] <= second[0] + 4  # the one behind the other on a line
    assert all(40 < edge < 120 for edge in (first[1], first[3], second[1], second[3]))


def test_words_that_are_not_on_the_page_mark_nothing(facsimiles, content):
    assert find_marks(facsimiles.draw(make_original(content), 1, 480, ["Fog lies on lakes."])) is None


def test_of_words_that_are_not_all_there_the_sentences_are_marked_that_are(facsimiles, content):
    original = make_original(content)
    part = find_marks(facsimiles.draw(original, 1, 480, ["Sleet fell on sheep. Snow falls on mountains."]))
    assert part == find_marks(facsimiles.draw(original, 1, 480, ["Snow falls on mountains."]))


def test_a_page_is_drawn_once(facsimiles, content):
    loads = []
    original = Original("b" * 64, "rain", lambda: loads.append(1) or content)
    assert facsimiles.draw(original, 1, 480) == facsimiles.draw(original, 1, 480)
    assert loads == [1]


def test_what_was_not_asked_for_the_longest_time_is_drawn_anew_when_memory_is_full(content):
    loads = []
    original = Original("c" * 64, "rain", lambda: loads.append(1) or content)
    small = Facsimiles(kept_max_bytes=1)
    for page in (1, 2, 1):
        small.draw(original, page, 480)
    assert len(loads) == 3


@pytest.mark.parametrize("page", [-1, 0, 3, 10**9])
def test_a_page_that_is_not_there_is_told(facsimiles, content, page):
    with pytest.raises(SourceError, match="read its text"):
        facsimiles.draw(make_original(content), page, 480)


@pytest.mark.parametrize("damage", [b"", b"%PDF-1.7 nothing", b"\x00" * 1000])
def test_a_damaged_pdf_is_told(facsimiles, damage):
    with pytest.raises(SourceError, match="repair it"):
        facsimiles.measure(make_original(damage, sha256=f"{len(damage):064}"))


@pytest.mark.parametrize("cut", [200, 700, 1500])
def test_a_pdf_that_breaks_off_is_drawn_or_told_but_never_crashes(facsimiles, content, cut):
    with contextlib.suppress(SourceError):
        drawn = facsimiles.draw(make_original(content[:-cut], sha256=f"cut {cut}"), 1, 480)
        assert drawn.startswith(b"\x89PNG")


def make_plain(box, stream=b""):
    """Return a PDF of one page, written by hand."""
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>/Length 5>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<</XObject<</F 5 0 R>>>>>>" % box,
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        form + b"stream\n/F Do\nendstream",
    ]
    body = b"".join(b"%d 0 obj%sendobj\n" % (number, each) for number, each in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer<</Root 1 0 R>>\n%%EOF"


@pytest.mark.parametrize("box", [b"0 0 1 99999", b"0 0 99999 1", b"0 0 20000 20000"])
def test_the_shape_of_a_page_does_not_bound_what_is_drawn(facsimiles, box):
    picture = open_picture(facsimiles.draw(make_original(make_plain(box), sha256=box.decode()), 1, 1440))
    assert picture.width <= 1440
    assert picture.height <= 4 * 1440


def test_a_page_that_holds_itself_ends(facsimiles):
    content = make_plain(b"0 0 100 100", b"/F Do")
    assert facsimiles.draw(make_original(content, sha256="itself"), 1, 480)


def test_a_page_that_takes_too_long_is_told(content):
    with pytest.raises(SourceError, match="takes too long"):
        Facsimiles(timeout_s=0.001).draw(make_original(content), 1, 480)


def test_a_failure_is_kept_so_that_it_costs_its_time_once():
    loads = []
    facsimiles = Facsimiles()
    for _ in range(2):
        with pytest.raises(SourceError):
            facsimiles.measure(Original("d" * 64, "rain", lambda: loads.append(1) or b"nothing"))
    assert loads == [1]


def test_hyphens_spaces_and_forms_of_letters_do_not_tell_words_apart():
    assert fold_letters("Ef\ufb01-\ncient Ｃafé") == fold_letters("efﬁcient CAFE\u0301".replace("ﬁ", "fi"))
