import re
from itertools import pairwise

from qa.verdicts import AuditedMarker
from web.picture import draw_alignment


def judge(text, points_to, about, verdict):
    number = text.strip("[]") if text.startswith("[") else None
    return AuditedMarker(text, "", "", number, points_to, about, verdict, 0.9, 2.0, (), "d:0-9", 0, 3)


def list_ends(picture, role):
    """Return where the lines of a role begin and end, as places among the dots from the left."""
    order = sorted({dot.x for dot in picture.dots})
    found = [re.match(r"M(\S+) .* (\S+) \d+$", line.path) for line in picture.lines if line.role == role]
    return [(order.index(float(path[1])), order.index(float(path[2]))) for path in found]


def test_a_right_marker_has_a_straight_line_and_a_wrong_one_a_slanted_one():
    picture = draw_alignment([judge("[1]", "1", "1", "ok"), judge("[2]", "2", "3", "mismatch")], ["1", "2", "3"])
    assert list_ends(picture, "ok") == [(0, 0)]
    assert list_ends(picture, "wrong") == [(1, 2)]
    assert list_ends(picture, "printed") == [(1, 1)]


def test_what_is_wrong_is_drawn_over_what_is_right():
    markers = [judge("[2]", "2", "1", "mismatch"), judge("[1]", "1", "1", "ok")]
    assert [line.role for line in draw_alignment(markers, ["1", "2"]).lines] == ["printed", "ok", "wrong"]


def test_a_marker_used_twice_is_drawn_once():
    picture = draw_alignment([judge("[1]", "1", "1", "ok")] * 2, ["1", "2"])
    assert (len(picture.lines), len(picture.dots)) == (1, 3)


def test_a_marker_that_the_list_lacks_stands_behind_it():
    picture = draw_alignment([judge("[9]", None, None, "missing"), judge("(Roe, 2020)", None, None, "unclear")], ["1"])
    assert picture.lines == ()
    assert [(dot.label, dot.is_wrong) for dot in picture.dots] == [("9", True), ("(…)", False), ("1", False)]


def test_a_long_list_has_room_for_every_dot_and_numbers_that_can_be_read():
    entries = [str(number) for number in range(1, 151)]
    picture = draw_alignment([judge(f"[{n}]", n, n, "ok") for n in entries], entries)
    places = sorted({dot.x for dot in picture.dots})
    labelled = sorted({dot.x for dot in picture.dots if dot.label})
    assert min(b - a for a, b in pairwise(places)) >= 14
    assert min(b - a for a, b in pairwise(labelled)) >= 24
    assert places[-1] < picture.width


def test_the_picture_is_told_in_words():
    markers = [judge("[1]", "1", "1", "ok"), judge("[2]", "2", "1", "mismatch"), judge("[3]", "3", None, "missing")]
    assert draw_alignment(markers, ["1", "2", "3"]).description == (
        "Of 3 markers, 1 point to the entry that their words match, 1 to another one, "
        "1 to something that the list lacks; 0 cannot be told."
    )


def test_nothing_is_drawn_of_nothing():
    assert draw_alignment([], ["1"]) is draw_alignment([judge("[1]", "1", None, "unclear")], []) is None
