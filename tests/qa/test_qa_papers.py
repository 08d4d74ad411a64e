"""Several papers in one home, and works put in by hand, as a user of the command meets them."""

import json

import pytest

pytestmark = pytest.mark.model

HERONS = """# On Herons

Grey herons nest in April, as was seen in Wales [1]. The keeper of the heronry is called Marigold Pike.

## References

[1] Pike, M. (1999). Nests of Wales. Heron Press. https://herons.example/nests
"""
NESTS = "# Nests of Wales\n\nThe tallest nest of Wales stands in Tenby and is nine feet high.\n"
STORKS = "# On Storks\n\nThe keeper of the storks is called Basil Finch.\n"
KEEPER = "Who is the keeper?"


@pytest.fixture
def notes(tmp_path):
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "herons.md").write_text(HERONS, encoding="utf-8")
    (folder / "storks.md").write_text(STORKS, encoding="utf-8")
    return folder


@pytest.fixture
def aviary(ibid, empty_home, notes):
    """A home in which two papers were built, the one on storks last."""
    for name in ("herons", "storks"):
        assert ibid("build", str(notes / f"{name}.md"), home=empty_home).returncode == 0
    return empty_home


def test_the_paper_built_last_is_asked(ibid, aviary):
    assert "Basil Finch" in ibid("ask", KEEPER, home=aviary).stdout


def test_another_paper_is_chosen_by_its_name(ibid, aviary):
    assert ibid("use", "heron", home=aviary).stdout == "herons is in use\n"
    assert "Marigold Pike" in ibid("ask", KEEPER, home=aviary).stdout


def test_a_single_question_goes_to_another_paper(ibid, aviary):
    assert "Marigold Pike" in ibid("ask", KEEPER, "--paper", "herons", home=aviary).stdout
    assert "Basil Finch" in ibid("ask", KEEPER, home=aviary).stdout


def test_the_environment_may_name_the_paper(ibid, aviary):
    assert "Marigold Pike" in ibid("ask", KEEPER, home=aviary, IBID_PAPER="herons").stdout


def test_the_papers_are_listed_and_the_one_in_use_is_marked(ibid, aviary):
    printed = ibid("papers", home=aviary).stdout
    assert printed == "  herons\n  On Herons\n* storks\n  On Storks\n"


def test_the_papers_are_listed_in_json(ibid, aviary):
    assert json.loads(ibid("papers", "--json", home=aviary).stdout) == [
        {"name": "herons", "title": "On Herons", "in_use": False},
        {"name": "storks", "title": "On Storks", "in_use": True},
    ]


def test_a_home_without_papers_says_how_to_make_one(ibid, empty_home):
    assert ibid("papers", home=empty_home).stdout == "there is no paper yet; make one with `ibid build`\n"


def test_a_removed_paper_is_gone_and_the_other_is_asked(ibid, aviary):
    assert ibid("remove", "storks", home=aviary).stdout == "storks is removed\n"
    assert "Marigold Pike" in ibid("ask", KEEPER, home=aviary).stdout
    assert not (aviary / "papers" / "storks").exists()


@pytest.mark.parametrize("command", [["use", "owls"], ["remove", "owls"], ["ask", KEEPER, "--paper", "owls"]])
def test_a_paper_that_is_not_there_is_refused_with_those_that_are(ibid, aviary, command):
    done = ibid(*command, home=aviary)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "ibid: no single paper goes by 'owls'; name one of: herons, storks\n"


def test_a_work_saved_by_hand_answers_as_a_reference(ibid, empty_home, notes):
    (notes / "references").mkdir()
    (notes / "references" / "1.md").write_text(NESTS, encoding="utf-8")
    ibid("build", str(notes / "herons.md"), home=empty_home)
    asked = ibid("ask", "How high is the tallest nest?", "--source", "references", "--json", home=empty_home)
    first = json.loads(asked.stdout)["passages"][0]
    assert (first["document"], "nine feet high" in first["text"]) == (
        {"id": "reference-1", "title": "Nests of Wales", "kind": "reference"},
        True,
    )
    assert first["citation"]["url"] == "https://herons.example/nests"


def test_works_saved_by_hand_may_lie_anywhere(ibid, empty_home, notes, tmp_path):
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "1.md").write_text(NESTS, encoding="utf-8")
    ibid("build", str(notes / "herons.md"), "--references", str(tmp_path / "saved"), home=empty_home)
    entry = json.loads(ibid("sources", "--json", home=empty_home).stdout)["references"][0]
    assert (entry["state"], entry["held_as"], entry["provenance"]["asked"]) == ("by_hand", "reference-1", "1.md")


def test_an_entry_without_an_address_is_told_of_the_folder_beside_its_own_paper(ibid, empty_home, tmp_path):
    for name, number in (("herons", 1), ("storks", 2)):
        (tmp_path / name / "references").mkdir(parents=True)
        (tmp_path / name / f"{name}.md").write_text(
            f"# On {name}\n\nThey nest [{number}].\n\n## References\n\n[{number}] Pike, M. (1999). Nests. Egg.\n",
            encoding="utf-8",
        )
        ibid("build", str(tmp_path / name / f"{name}.md"), home=empty_home)
    (tmp_path / "storks" / "references" / "2.md").write_text(NESTS, encoding="utf-8")
    ibid("build", str(tmp_path / "storks" / "storks.md"), home=empty_home)
    (heron,), (stork,) = (
        json.loads(ibid("sources", "--json", "--paper", name, home=empty_home).stdout)["references"]
        for name in ("herons", "storks")
    )
    assert heron["hint"] == "put its text into the folder references beside the paper, as 1.pdf or 1.html"
    assert (heron["state"], stork["state"], stork["held_as"]) == ("no_url", "by_hand", "reference-2")


def test_a_paper_whose_name_is_a_number_is_removed_by_it(ibid, empty_home, notes):
    (notes / "2024.md").write_text(STORKS, encoding="utf-8")
    ibid("build", str(notes / "2024.md"), home=empty_home)
    assert ibid("remove", "2024", home=empty_home).stdout == "2024 is removed\n"


def test_what_is_built_is_fetched_for_whatever_paper_the_environment_names(ibid, aviary, notes):
    (notes / "owls.md").write_text("# On Owls\n\nThe keeper of the owls is called Ann.\n", encoding="utf-8")
    done = ibid("build", str(notes / "owls.md"), "--fetch", home=aviary, IBID_PAPER="herons")
    built = [line.split(" in ")[1].split(":")[0] for line in done.stdout.splitlines() if line.startswith("index ")]
    assert [folder.rsplit("/", 1)[1] for folder in built] == ["owls", "owls"]


def test_a_paper_whose_record_cannot_be_read_leaves_the_others(ibid, aviary):
    (aviary / "papers" / "storks" / "paper.json").write_text("{", encoding="utf-8")
    listed = ibid("papers", home=aviary)
    assert (listed.stdout, "the paper storks is left out" in listed.stderr) == ("  herons\n  On Herons\n", True)
    assert ibid("remove", "storks", home=aviary).stdout == "storks is removed\n"
    assert ibid("use", "herons", home=aviary).stdout == "herons is in use\n"


def test_a_folder_of_works_that_is_not_there_is_refused(ibid, empty_home, notes):
    done = ibid("build", str(notes / "herons.md"), "--references", str(notes / "gone"), home=empty_home)
    assert (done.returncode, done.stderr) == (
        2,
        f"ibid: there is no folder {notes / 'gone'}; name one that exists: --references DIR\n",
    )


@pytest.mark.parametrize(
    ("number", "message"), [("7", "the paper lists no entry '7'"), ("1", "is a file of yours, 1.md")]
)
def test_a_text_that_was_not_fetched_cannot_be_removed(ibid, empty_home, notes, number, message):
    (notes / "references").mkdir()
    (notes / "references" / "1.md").write_text(NESTS, encoding="utf-8")
    ibid("build", str(notes / "herons.md"), home=empty_home)
    done = ibid("remove", number, home=empty_home)
    assert (done.returncode, message in done.stderr) == (2, True)


def test_a_paper_of_another_home_can_be_asked_where_it_lies(ibid, aviary, empty_home):
    assert "Marigold Pike" in ibid("ask", KEEPER, "--index", str(aviary / "papers" / "herons"), home=empty_home).stdout
