"""Entries as a citation processor prints them in seven styles, against the records that they were printed from."""

import json
import re
import unicodedata
from pathlib import Path

import pytest

from index.references import parse_reference

DATA = json.loads((Path(__file__).parent / "works.json").read_text(encoding="utf-8"))
STYLES = list(DATA["styles"])
# Of these the styles print who is behind them where others print what holds them, or leave it out.
LENIENT = {"article", "software", "report", "dataset", "standard", "webpage", "patent"}
NAMES = {"volume": "volume", "issue": "issue", "doi": "DOI", "url": "URL"}
FLOOR = 0.97


def fold(value):
    text = unicodedata.normalize("NFKD", str(value or "")).casefold()
    return re.sub(r"[\W_]", "", text)


def strip_links(line):
    line = re.sub(r"https?://\S+|10\.\d{4}\S+", "", line)
    return re.sub(r"(?:accessed|cited|retrieved)[^.\])]{0,12}\.?[^.\])]*\d{4}", "", line, flags=re.IGNORECASE)


def printed_names(work, line):
    names = [author.get("literal") or author["family"] for author in work.get("author", [])]
    return [fold(name) for name in names if fold(name.split()[-1] if name[0].islower() else name) in fold(line)]


def holds_number(line, value):
    return bool(re.search(rf"(?<![\w./]){re.escape(value)}(?!\w)", line))


def judge_names(work, line, found):
    names = [fold(name.literal or name.family) for name in found.names]
    yield "names", names == printed_names(work, line)


def judge_title(work, line, found):
    if fold(work["title"]) in fold(line):
        yield "title", fold(found.title) == fold(work["title"])


def judge_year(work, line, found):
    year = str(work["issued"]["date-parts"][0][0]) if "issued" in work else ""
    if year in strip_links(line):
        yield "year", str(found.year or "") == year


def judge_holder(work, line, found):
    container, publisher = fold(work.get("container-title")), fold(work.get("publisher"))
    text = fold(strip_links(line))
    has_publisher = bool(publisher) and publisher in text.replace(container, "")
    if container and container in fold(line):
        yield "container", fold(found.container) == container
    elif found.container and work["type"] not in LENIENT:
        yield "container", False
    if has_publisher:
        names = [fold(found.publisher), fold(found.container) if work["type"] in LENIENT else ""]
        yield "publisher", publisher in names
    elif found.publisher and work["type"] not in LENIENT:
        yield "publisher", False


def judge_place(work, line, found):
    for field in ("volume", "issue"):
        value = work.get(field)
        # A style without issues may print the number elsewhere.
        sign = r"(?:\(|no\. |, )" if field == "issue" else r"(?<![\w./–-])"
        if value and re.search(rf"{sign}{re.escape(value)}(?!\w)", line):
            yield field, getattr(found, field) == value
        elif not value:
            yield field, getattr(found, field) is None
    first = re.split("–", work.get("page", ""))[0]
    if first and holds_number(line, first):
        yield "pages", (found.pages or "").split("-")[0] == first
    elif not first:
        yield "pages", found.pages is None


def judge_links(work, line, found):
    for field, variable in (("doi", "DOI"), ("url", "URL")):
        if work.get(variable, "\n") in line:
            yield field, getattr(found, field) == work[variable]
    if "accessed" in work and re.search(r"accessed|cited|retrieved", line, re.IGNORECASE):
        year, month, day = work["accessed"]["date-parts"][0]
        yield "accessed", found.accessed == f"{year}-{month:02}-{day:02}"
    if work.get("number", "").removeprefix("arXiv:") in line and work["type"] == "article" and "number" in work:
        yield "arxiv", found.arxiv == work["number"].removeprefix("arXiv:")


JUDGES = (judge_names, judge_title, judge_year, judge_holder, judge_place, judge_links)


def judge(style):
    lines = DATA["styles"][style]
    for position, (work, line) in enumerate(zip(DATA["works"], lines, strict=True), 1):
        found = parse_reference(line, 0, position)
        for check in JUDGES:
            for field, is_right in check(work, line, found):
                yield position, field, is_right


@pytest.mark.parametrize("style", STYLES)
def test_nearly_all_fields_of_a_style_are_right(style):
    verdicts = [(f"{position} {field}", is_right) for position, field, is_right in judge(style)]
    wrong = [name for name, is_right in verdicts if not is_right]
    assert len(wrong) <= (1 - FLOOR) * len(verdicts), wrong


@pytest.mark.parametrize("style", STYLES)
def test_every_entry_of_a_style_has_a_title(style):
    found = [parse_reference(line, 0, position) for position, line in enumerate(DATA["styles"][style], 1)]
    assert [reference.raw for reference in found if not reference.title] == []


@pytest.mark.parametrize("style", STYLES)
def test_each_field_that_is_found_has_a_confidence(style):
    for position, line in enumerate(DATA["styles"][style], 1):
        found = parse_reference(line, 0, position)
        fields = {name for name in found.confidence if getattr(found, name)}
        assert fields == set(found.confidence)
        assert all(0 < sure <= 1 for sure in found.confidence.values())
