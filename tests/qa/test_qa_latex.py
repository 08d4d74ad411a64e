"""BibTeX and BibLaTeX, taken apart by pybtex, their LaTeX read by pandoc."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pybtex.database import parse_string

from qa.items import clean_text
from qa.latex import escape_latex, write_bibtex
from qa.pandoc import find_pandoc

ITEM = {
    "id": "rain2020hail",
    "type": "article-journal",
    "title": "Hail & <i>R_0</i> in Japan: 100% of NASA’s #1 {set} ~ x^2 \\ $5",
    "author": [
        {"family": "van der Meulen", "given": "Anneke"},
        {"literal": "Rain and Snow, Inc."},
        {"family": "Nguyễn", "given": "Thị Minh"},
        {"family": "山田", "given": "太郎"},
    ],
    "container-title": "Wet & Dry",
    "volume": "12",
    "issue": "3",
    "page": "4–15",
    "DOI": "10.1002/(sici)1097_4571%3c#x",
    "URL": "https://rain.example.org/a_b%20c?d=e&f#g~h",
    "issued": {"date-parts": [[2020, 5, 3]]},
    "accessed": {"date-parts": [[2024, 1, 9]]},
}
SPECIALS = "&%#_${}~^\\<>|`'\"-,?!@[]*"
WORDS = st.text(alphabet=SPECIALS + "adC éß山ễ", min_size=1, max_size=25).map(clean_text).filter(bool)


def read_latex(values):
    """Return what LaTeX prints of each value, as pandoc reads it, curly quotes straight."""
    # Words of LaTeX's that pandoc does not know.
    document = "".join(f"START {value} END\n\n" for value in values)
    for word, sign in (("braceleft", "\\{"), ("braceright", "\\}"), ("asciigrave", "\\verb|`|")):
        document = document.replace(f"\\text{word}{{}}", sign)
    command = [find_pandoc(), "--from=latex", "--to=plain", "--wrap=none"]
    done = subprocess.run(command, input=document, capture_output=True, text=True, check=True, timeout=60)
    printed = done.stdout.translate(str.maketrans("’“”\xa0", '\'"" '))
    return [" ".join(found.split()) for found in re.findall(r"START (.*?) END", printed, re.DOTALL)]


def parse(item, dialect="bibtex"):
    return parse_string(write_bibtex([item], dialect), "bibtex").entries[item["id"]]


def test_a_record_of_bibtex_has_all_fields_of_its_item():
    entry = parse(ITEM)
    fields = dict(entry.fields)
    title, journal = read_latex([fields.pop("title"), fields.pop("journal")])
    assert entry.type == "article"
    assert title == "Hail & R_0 in Japan: 100% of NASA's #1 {set} ~ x^2 \\ $5"
    assert journal == "Wet & Dry"
    assert fields == {
        "pages": "4--15",
        "volume": "12",
        "number": "3",
        "doi": ITEM["DOI"],
        "url": ITEM["URL"],
        "year": "2020",
        "month": "May",
        "urldate": "2024-01-09",
    }


def test_a_record_of_biblatex_has_its_own_fields():
    fields = dict(parse(ITEM, "biblatex").fields)
    assert (fields["date"], fields["urldate"], fields["doi"]) == ("2020-05-03", "2024-01-09", ITEM["DOI"])
    assert read_latex([fields["journaltitle"]]) == ["Wet & Dry"]
    assert not {"year", "month", "journal"} & set(fields)


WORKS = json.loads((Path(__file__).parents[1] / "index" / "works.json").read_text(encoding="utf-8"))["works"]
HOLDERS = ("journal", "journaltitle", "booktitle", "organization", "howpublished")


@pytest.fixture(scope="module", params=["bibtex", "biblatex"])
def records(request):
    """Sixty works, with what pybtex reads of each."""
    entries = parse_string(write_bibtex(WORKS, request.param), "bibtex").entries
    return [(work, entries[work["id"]]) for work in WORKS]


def test_sixty_works_come_back_with_their_identifiers_volumes_and_pages(records):
    for work, entry in records:
        came = [entry.fields.get(name) for name in ("doi", "url", "volume", "edition")]
        assert came == [work.get(name) for name in ("DOI", "URL", "volume", "edition")]
        assert entry.fields.get("pages", "") == work.get("page", "").replace("–", "--")
        year = entry.fields.get("year") or entry.fields.get("date", "")[:4]
        assert year == (str(work["issued"]["date-parts"][0][0]) if "issued" in work else "")


def test_sixty_works_come_back_with_their_titles_and_holders(records):
    assert read_latex([entry.fields["title"] for _, entry in records]) == [straighten(work["title"]) for work in WORKS]
    held = [next(filter(None, map(entry.fields.get, HOLDERS)), "none") for _, entry in records]
    assert read_latex(held) == [straighten(work.get("container-title", "none")) for work in WORKS]


def test_sixty_works_come_back_with_their_authors(records):
    for work, entry in records:
        people = [
            ([*person.prelast_names, *person.last_names], [*person.first_names, *person.middle_names])
            for person in entry.persons.get("author", [])
        ]
        came = [", ".join(" ".join(part) for part in parts if part).strip("{}") for parts in people]
        names = [name.get("literal") or f"{name['family']}, {name['given']}" for name in work.get("author", [])]
        assert [name.replace("\\&", "&") for name in came] == names


def straighten(text):
    return text.translate(str.maketrans("\u2018’“”", "''\"\""))


def test_names_come_back_as_they_were():
    people = parse(ITEM).persons["author"]
    families = [" ".join([*person.prelast_names, *person.last_names]) for person in people]
    assert families == ["van der Meulen", "{Rain and Snow, Inc.}", "Nguyễn", "山田"]
    assert [" ".join(person.first_names + person.middle_names) for person in people] == [
        "Anneke",
        "",
        "Thị Minh",
        "太郎",
    ]


def test_a_preprint_has_its_number_as_an_eprint():
    item = {"id": "a", "type": "article", "title": "hail", "number": "arXiv:2401.01234", "publisher": "arXiv"}
    assert dict(parse(item).fields) == {
        "title": "hail",
        "publisher": "arXiv",
        "eprint": "2401.01234",
        "archiveprefix": "arXiv",
    }
    assert parse(item, "biblatex").fields["eprinttype"] == "arXiv"


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("Trade between Japan and the U.S. grows", "Trade between {Japan} and the {U.S}. grows"),
        ("The Quiet Machine: A History of DNA", "The {Quiet} {Machine}: {A} {History} of {DNA}"),
        ("ON CHIPS (2021)", "{ON CHIPS (2021)}"),
        ("2021", "2021"),
        ("iPhone & friends", "{iPhone} \\& friends"),
    ],
)
def test_braces_keep_the_capitals_that_a_style_may_not_touch(title, written):
    assert f"  title = {{{written}}},\n" in write_bibtex([{"id": "a", "type": "book", "title": title}], "bibtex")


@pytest.mark.parametrize(
    ("kind", "bibtex", "biblatex"),
    [
        ("paper-conference", "inproceedings", "inproceedings"),
        ("thesis", "phdthesis", "thesis"),
        ("report", "techreport", "report"),
        ("webpage", "misc", "online"),
        ("chapter", "incollection", "incollection"),
        ("document", "misc", "misc"),
    ],
)
def test_a_type_is_that_of_the_dialect(kind, bibtex, biblatex):
    item = {"id": "a", "type": kind, "title": "T"}
    assert (parse(item).type, parse(item, "biblatex").type) == (bibtex, biblatex)


@settings(deadline=None, max_examples=10, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=30, max_size=40))
def test_specials_of_latex_survive_a_round_trip(triples):
    items = [
        {
            "id": f"k{n}",
            "type": "article-journal",
            "title": title,
            "container-title": holder,
            "author": [{"literal": who}],
        }
        for n, (title, holder, who) in enumerate(triples)
    ]
    entries = parse_string(write_bibtex(items, "bibtex"), "bibtex").entries.values()
    values = [
        value
        for entry in entries
        for value in (entry.fields["title"], entry.fields["journal"], " ".join(entry.persons["author"][0].last_names))
    ]
    assert read_latex(values) == [" ".join(text.split()) for triple in triples for text in triple]


@settings(deadline=None)
@given(st.text(alphabet="abc{}\\ %&_#~", min_size=1, max_size=20))
def test_an_address_is_word_for_word_but_for_what_ends_its_field(path):
    url = parse({"id": "a", "type": "webpage", "title": "T", "URL": f"https://a.org/{path}"}).fields["url"]
    assert url == re.sub(r"[{}\\\s]", lambda found: f"%{ord(found[0]):02X}", f"https://a.org/{path}")


# As LaTeX's own guide has them; pandoc also reads some that are left bare.
ESCAPED = {
    **{sign: f"\\{sign}" for sign in "&%#_$"},
    "{}": "\\{\\}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "\\": "\\textbackslash{}",
    "`": "\\textasciigrave{}",
    "<>": "\\textless{}\\textgreater{}",
    "---": "-{}-{}-",
    "''": "'{}'",
    "é山": "é山",
}


@pytest.mark.parametrize("sign", ESCAPED)
def test_each_sign_with_a_meaning_is_escaped(sign):
    assert escape_latex(sign) == ESCAPED[sign]


@pytest.mark.parametrize("text", ["a { b", "} {", "{{}"])
def test_a_brace_without_its_other_half_is_written_in_words(text):
    assert set(escape_latex(text).split()) <= {"a", "b", "\\textbraceleft{}", "\\textbraceright{}"} | {
        "\\textbraceleft{}\\textbraceleft{}\\textbraceright{}"
    }


def test_nothing_that_latex_runs_is_left_bare():
    assert escape_latex("\\input{/etc/passwd}$x$") == "\\textbackslash{}input\\{/etc/passwd\\}\\$x\\$"
