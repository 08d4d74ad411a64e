import pytest

from index.references.headings import is_bibliography_title

TITLES = [
    "References",
    "7. REFERENCES",
    "A. Bibliography",
    "6.2 References and further reading",
    "VII. Works cited:",
    "Literaturverzeichnis",
    "Literatur",
    "Références",
    "Bibliographie",
    "Referencias",
    "Bibliografía",
    "Riferimenti bibliografici",
    "Referências",
    "Литература",
    "Список литературы",
    "参考文献",
    "参考文献：",
    "참고문헌",
    "Tài liệu tham khảo",
]


@pytest.mark.parametrize("title", TITLES)
def test_a_heading_announces_a_bibliography_in_many_languages(title):
    assert is_bibliography_title(title)


@pytest.mark.parametrize(
    "title", ["Literature review", "Frames of reference", "References to rain in poetry", "Sources of rain", "Rain", ""]
)
def test_a_heading_that_only_speaks_of_sources_announces_none(title):
    assert not is_bibliography_title(title)
