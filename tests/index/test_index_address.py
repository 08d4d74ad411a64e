import pytest

from index.address import parse_address


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("10.37602/IJSSMR.2025.8436", "10.37602/ijssmr.2025.8436"),
        ("doi:10.1000/182", "10.1000/182"),
        ("DOI: 10.1000/182", "10.1000/182"),
        ("https://doi.org/10.1000/182", "10.1000/182"),
        ("http://dx.doi.org/10.1000/182?", "10.1000/182"),
        (" <https://doi.org/10.1000/182> ", "10.1000/182"),
    ],
)
def test_a_doi_is_known_in_each_of_its_forms(text, doi):
    assert parse_address(text).doi == doi


@pytest.mark.parametrize(
    ("text", "arxiv"),
    [
        ("2411.09134", "2411.09134"),
        ("arXiv:2411.09134v2", "2411.09134"),
        ("https://arxiv.org/abs/2411.09134?", "2411.09134"),
        ("https://arxiv.org/pdf/2411.09134v1.pdf", "2411.09134"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("math.AG/0601001", "math.ag/0601001"),
    ],
)
def test_an_arxiv_id_is_known_in_each_of_its_forms(text, arxiv):
    assert parse_address(text).arxiv == arxiv


def test_any_other_web_address_is_a_url():
    assert parse_address("https://a.example/b?c=d").url == "https://a.example/b?c=d"


@pytest.mark.parametrize(
    "text", ["paper.pdf", "seeds/", "", "ftp://a.example/b", "file:///etc/passwd", "https://", "10.1"]
)
def test_what_is_no_address_is_none(text):
    assert parse_address(text) is None
