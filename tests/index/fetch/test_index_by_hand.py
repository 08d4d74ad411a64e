from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fetch.by_hand import find_by_hand, name_by_hand
from index.model import Reference

TAKANO = Reference("8", "8. Takano, R. (2024). ABCI 3.0. arXiv:2411.09134", 0, 48, arxiv="2411.09134")
REUTERS = Reference("9", "9. Reuters. (2024). Japan taps US chip startup.", 0, 47)


def put(folder, *names):
    for name in names:
        (folder / name).write_text("A text.")


def name_found(folder, *references):
    found, unused = find_by_hand(folder, references)
    return {number: file.name for number, file in found.items()}, [file.name for file in unused]


@pytest.mark.parametrize(
    "name",
    [
        "8.html",
        "8.pdf",
        "8.txt",
        "8.md",
        "8.HTM",
        "08.pdf",
        "arxiv-2411.09134.pdf",
        "arXiv_2411.09134v2.PDF",
        "2411.09134v1.pdf",
    ],
)
def test_a_file_is_found_by_number_or_arxiv_id(tmp_path, name):
    put(tmp_path, name)
    assert name_found(tmp_path, TAKANO, REUTERS) == ({"8": name}, [])


@pytest.mark.parametrize(
    "name", ["doi-10.1000_Xyz(1).pdf", "doi-10.1000-xyz-1.html", "DOI-10.1000%2Fxyz(1).pdf", "10.1000_xyz(1).txt"]
)
def test_a_file_is_found_by_doi_however_its_slash_is_written(tmp_path, name):
    put(tmp_path, name)
    assert name_found(tmp_path, replace(TAKANO, doi="10.1000/xyz(1)")) == ({"8": name}, [])


def test_an_old_arxiv_id_with_a_slash_is_found(tmp_path):
    put(tmp_path, "arxiv-hep-th_9901001v3.pdf")
    assert name_found(tmp_path, replace(TAKANO, arxiv="hep-th/9901001"))[0] == {"8": "arxiv-hep-th_9901001v3.pdf"}


def test_the_number_goes_before_the_identifier(tmp_path):
    put(tmp_path, "8.txt", "2411.txt")
    two = [replace(TAKANO, arxiv=None), replace(REUTERS, doi=None, arxiv="8")]
    assert name_found(tmp_path, *two) == ({"8": "8.txt"}, ["2411.txt"])


def test_of_two_files_of_an_entry_the_pdf_is_taken_and_the_other_told(tmp_path):
    put(tmp_path, "8.html", "8.pdf")
    assert name_found(tmp_path, TAKANO) == ({"8": "8.pdf"}, ["8.html"])


def test_files_that_name_no_entry_are_told(tmp_path):
    put(tmp_path, "99.pdf", "notes.txt", "8.docx", "doi-10.1_2.pdf")
    assert name_found(tmp_path, TAKANO) == ({}, ["8.docx", "99.pdf", "doi-10.1_2.pdf", "notes.txt"])


def test_hidden_files_folders_and_a_readme_are_passed_over(tmp_path):
    put(tmp_path, ".8.pdf", "README.md")
    (tmp_path / "8.html").mkdir()
    assert name_found(tmp_path, TAKANO) == ({}, [])


def test_a_folder_that_is_not_there_holds_nothing(tmp_path):
    assert name_found(tmp_path / "gone", TAKANO) == ({}, [])


@given(st.text(min_size=1, max_size=20).filter(lambda number: any(map(str.isalnum, number))))
def test_the_name_advised_for_an_entry_is_a_plain_file_name(number):
    assert set(name_by_hand(number)) & set("/\\. \x00") == set()


@pytest.mark.parametrize("number", ["8", "[Smith20]", "12a", "S-3", "2.1"])
def test_a_file_of_the_name_advised_for_an_entry_is_found(tmp_path, number):
    put(tmp_path, f"{name_by_hand(number)}.pdf")
    assert list(find_by_hand(tmp_path, [replace(TAKANO, number=number)])[0]) == [number]
