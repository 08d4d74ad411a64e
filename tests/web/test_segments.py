from hypothesis import given
from hypothesis import strategies as st

from web.segments import Mark, cut, group

TEXT = "Toyota invests [3, 5] here."
marks = st.lists(
    st.builds(
        Mark,
        start=st.integers(-5, 60),
        end=st.integers(-5, 60),
        role=st.sampled_from(["passage", "highlight", "phrase", "marker"]),
        link=st.sampled_from([None, "#a", "#b"]),
        anchor=st.sampled_from(["", "here"]),
    ),
    max_size=6,
)


@given(text=st.text(max_size=40), marks=marks, offset=st.integers(0, 20))
def test_segments_joined_are_the_text(text, marks, offset):
    assert "".join(segment.text for segment in cut(text, marks, offset=offset)) == text


@given(text=st.text(min_size=1, max_size=40), marks=marks, offset=st.integers(0, 20))
def test_each_character_is_highlighted_if_and_only_if_a_highlight_covers_it(text, marks, offset):
    shown = [segment.is_highlight for segment in cut(text, marks, offset=offset) for _ in segment.text]
    wanted = [
        any(m.role == "highlight" and m.start <= at < m.end for m in marks) for at in range(offset, offset + len(text))
    ]
    assert shown == wanted


@given(text=st.text(min_size=1, max_size=40), marks=marks)
def test_each_character_is_a_phrase_if_and_only_if_a_phrase_covers_it(text, marks):
    shown = [segment.is_phrase for segment in cut(text, marks) for _ in segment.text]
    assert shown == [any(m.role == "phrase" and m.start <= at < m.end for m in marks) for at in range(len(text))]


@given(text=st.text(max_size=40), marks=marks)
def test_grouping_keeps_every_segment_in_order(text, marks):
    segments = cut(text, marks)
    assert tuple(segment for run in group(segments) for segment in run.segments) == segments


def test_a_phrase_does_not_part_the_sentence_that_holds_it():
    (run,) = group(cut(TEXT, [Mark(0, len(TEXT), "highlight"), Mark(7, 14, "phrase")]))
    assert [segment.text for segment in run.segments if segment.is_phrase] == ["invests"]


def test_no_text_makes_no_segment():
    assert cut("", [Mark(0, 4, "highlight")]) == ()


def test_a_mark_that_ends_where_the_text_begins_does_nothing():
    (segment,) = cut("abc", [Mark(0, 10, "highlight")], offset=10)
    assert not segment.is_highlight


def test_of_two_links_over_the_same_words_the_first_is_followed_and_both_notes_are_kept():
    both = [Mark(15, 21, "marker", "#entry-3", "Smith"), Mark(15, 21, "marker", "#entry-5", "Jones")]
    found = [(s.text, s.link, s.note) for s in cut(TEXT, both) if s.link]
    assert found == [("[3, 5]", "#entry-3", "Smith\nJones")]


def test_a_highlight_with_a_marker_in_it_is_one_run():
    runs = group(cut(TEXT, [Mark(0, len(TEXT), "highlight", anchor="here"), Mark(15, 21, "marker", "#entry-3")]))
    assert [(run.is_highlight, run.anchor, len(run.segments)) for run in runs] == [(True, "here", 3)]


def test_overlapping_highlights_cut_at_each_edge():
    assert [s.text for s in cut("abcdef", [Mark(1, 4, "highlight"), Mark(2, 5, "highlight")])] == [
        "a",
        "b",
        "cd",
        "e",
        "f",
    ]


def test_an_anchor_stands_only_where_its_mark_begins():
    found = [s.anchor for s in cut("abcdef", [Mark(1, 5, "highlight", anchor="here"), Mark(2, 3, "marker", "#x")])]
    assert found == ["", "here", "", "", ""]
