import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import SourceError
from index.pdf.fragments import clean_char
from index.pdf.press import read_print
from index.pdf.reader import read_pdf

PICTURE = b"q 612 0 0 792 0 0 cm /Im1 Do Q\n"
IMAGE = (
    b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray /Length 1 >>"
    b"\nstream\n\x80\nendstream"
)
ENCRYPTION = b"<< /Filter /Standard /V 1 /R 2 /P -4 /O (%s) /U (%s) >>" % (b"o" * 32, b"u" * 32)


def make_pdf(*pages, encrypt=b"", extra=b"", more=()):
    """Write a PDF by hand: each page shows its content stream, in Helvetica as /F1 and with a grey picture as /Im1."""
    count = len(pages)
    kids = b" ".join(b"%d 0 R" % (5 + 2 * at) for at in range(count))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        IMAGE,
    ]
    for at, content in enumerate(pages):
        resources = b"<< /Font << /F1 3 0 R >> /XObject << /Im1 4 0 R %s >> >>" % extra
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources %s /Contents %d 0 R >>"
            % (resources, 6 + 2 * at)
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    objects += more
    if encrypt:
        objects.append(encrypt)
    made, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"<< /Size %d /Root 1 0 R%s >>" % (
        len(objects) + 1,
        b" /Encrypt %d 0 R /ID [(abcdefgh) (abcdefgh)]" % len(objects) if encrypt else b"",
    )
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n%s\nstartxref\n%d\n%%%%EOF\n"
    return made + end % (len(objects) + 1, table, trailer, len(made))


def show(text, *, x=72, y=700, size=11, state=b""):
    return b"q BT %s /F1 %d Tf %d %d Td (%s) Tj ET Q\n" % (state, size, x, y, text)


SEEN = show(b"Rain fell on the roof of the house all night long.")


def texts(content):
    return [block.text for block in read_pdf(content, "rain.pdf").blocks]


HIDDEN = {
    "of no size": show(b"secret", y=600, size=0),
    "of less than a point": b"q BT /F1 1 Tf .5 0 0 .5 72 600 Tm (secret) Tj ET Q\n",
    "not drawn": show(b"secret", y=600, state=b"3 Tr"),
    "white on white": show(b"secret", y=600, state=b"1 1 1 rg"),
    "left of the page": show(b"secret", x=-200, y=600),
    "below the page": show(b"secret", y=-50),
    "clipped away": b"q 300 300 50 50 re W n BT /F1 11 Tf 72 600 Td (secret) Tj ET Q\n",
    "behind a white box": b"1 1 1 rg 60 590 200 30 re f " + show(b"secret", y=600, state=b"1 1 1 rg"),
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_text_that_no_reader_sees_is_left_out(kind):
    assert texts(make_pdf(SEEN + HIDDEN[kind])) == ["Rain fell on the roof of the house all night long."]


def test_white_text_on_a_dark_box_is_read():
    box = b"0 0 0 rg 60 590 300 30 re f " + show(b"Snow fell.", y=600, state=b"1 1 1 rg")
    assert "Snow fell." in texts(make_pdf(SEEN + box))


def test_the_words_laid_over_a_scanned_page_are_its_text():
    scan = PICTURE + show(b"Rain fell on the roof of the house all night long.", state=b"3 Tr")
    assert texts(make_pdf(scan)) == ["Rain fell on the roof of the house all night long."]


def test_text_that_is_clipped_to_its_own_place_is_read():
    assert texts(make_pdf(b"60 690 500 30 re W n " + SEEN)) == ["Rain fell on the roof of the house all night long."]


def test_a_page_on_its_side_is_read():
    turned = b"q BT /F1 11 Tf 0 1 -1 0 300 72 Tm (Rain fell on the roof all night.) Tj ET Q\n"
    assert texts(make_pdf(turned)) == ["Rain fell on the roof all night."]


def test_what_runs_up_the_margin_is_no_text():
    stamp = b"q BT /F1 20 Tf 0 1 -1 0 30 200 Tm (arXiv:2411.09134v1) Tj ET Q\n"
    assert texts(make_pdf(stamp + SEEN)) == ["Rain fell on the roof of the house all night long."]


FAULTS = {
    "empty": (b"", "is a damaged PDF", "fetch it anew"),
    "no PDF": (b"<html>Sign in</html>", "is a damaged PDF", "fetch it anew"),
    "cut off": (make_pdf(SEEN)[:120], "is a damaged PDF", "fetch it anew"),
    "encrypted": (make_pdf(SEEN, encrypt=ENCRYPTION), "is encrypted and needs a password", "remove the password"),
    "no page": (make_pdf(), "has no page", "save it as a PDF again"),
    "too long": (make_pdf(SEEN, SEEN, SEEN), "has 3 pages, more than 2", "cut out the pages of the paper"),
    "a scan": (make_pdf(PICTURE, PICTURE), "is a scan: its pages are pictures without text", "make its text readable"),
    "blank": (make_pdf(b""), "holds no text", "name a file that holds"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_read_is_refused_with_a_way_out(fault):
    content, message, hint = FAULTS[fault]
    with pytest.raises(SourceError) as caught:
        read_pdf(content, "rain.pdf", max_pages=2)
    assert (caught.value.message, caught.value.hint.startswith(hint)) == (f"rain.pdf {message}", True)


def test_fonts_that_show_no_letters_are_refused():
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode %d 0 R >>"
    cmap = b"1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <41> <5a> <e041> endbfrange"
    stream = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(cmap), cmap)
    content = make_pdf(SEEN.replace(b"/F1", b"/F2").replace(b"Rain fell", b"ABC" * 30), more=(font % 8, stream))
    content = content.replace(b"/F1 3 0 R", b"/F1 3 0 R/F2 7 0 R")
    with pytest.raises(SourceError, match="do not say which letters they show; make its text readable"):
        read_pdf(content, "rain.pdf")


def test_a_file_that_takes_too_long_is_given_up():
    count = 9  # forms that each show the next one ten times over: a billion letters in three kilobytes
    forms = []
    for at in range(count):
        body = b"/X Do " * 10 if at < count - 1 else b"BT /F1 11 Tf 72 600 Td (x) Tj ET"
        resources = b"<< /Font << /F1 3 0 R >> /XObject << /X %d 0 R >> >>" % (8 + at)
        head = b"<< /Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources %s /Length %d >>" % (
            resources,
            len(body),
        )
        forms.append(head + b"\nstream\n" + body + b"\nendstream")
    content = make_pdf(b"/X0 Do", extra=b"/X0 7 0 R", more=forms)
    with pytest.raises(
        SourceError, match=r"rain\.pdf cannot be read: it takes too long or breaks off; save or print it"
    ):
        read_print(content, "rain.pdf", 10, page_timeout_s=1.5)


def test_a_page_with_more_text_than_a_page_can_hold_is_refused():
    letters = b"".join(b"1 0 0 1 %d %d Tm (a) Tj " % (at * 7 % 600, at * 13 % 780) for at in range(61_000))
    flood = b"BT /F1 9 Tf %s ET" % letters
    with pytest.raises(SourceError, match=r"page 1 of rain\.pdf holds more text than a page can; leave that page out"):
        read_pdf(make_pdf(flood), "rain.pdf")


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_damage_ends_in_text_or_in_a_refusal(data):
    content = bytearray(make_pdf(SEEN, PICTURE + SEEN))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        outcome = read_pdf(bytes(content), "rain.pdf").extractor
    except SourceError as error:
        outcome = error.hint
    assert outcome


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400))
def test_a_glyph_is_never_a_control_character(text):
    cleaned = "".join(clean_char(ord(char)) for char in text)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ue003-\uf8ff]", cleaned)
