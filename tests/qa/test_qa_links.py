"""Addresses of quotes."""

import gc
import re
import weakref
from dataclasses import replace

import pytest

from index.corpus import Corpus
from index.paper import parse_paper
from index.write_corpus import CorpusWriter
from qa.links import digest_words, document_url, link_quote, place_url, safe_url


@pytest.mark.parametrize("url", ["https://example.org/a?b=1#c", "http://localhost:8000/", "HTTPS://EXAMPLE.ORG/"])
def test_an_address_of_the_web_may_be_followed(url):
    assert safe_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//evil.example",
        "/ask",
        "http:evil",
        "https://[",
        "",
        None,
    ],
)
def test_any_other_address_may_not(url):
    assert safe_url(url) is None


def test_a_document_s_id_cannot_leave_its_place_in_the_address():
    assert document_url("../a?b#c") == "/documents/..%2Fa%3Fb%23c"


def test_a_place_opens_at_the_highlight():
    assert place_url("paper", (3, 9), (4, 6)) == "/documents/paper?at=3-9&mark=4-6#here"


def test_a_place_without_highlight_opens_at_the_passage():
    assert place_url("paper", (3, 9), None) == "/documents/paper?at=3-9#here"


def test_a_place_names_its_words_by_a_digest():
    told = place_url("paper", (3, 9), (4, 6), words="of")
    assert told == f"/documents/paper?at=3-9&mark=4-6&is={digest_words('of')}#here"


def test_a_digest_tells_words_apart():
    assert digest_words("rain fell") == digest_words("rain fell")
    assert digest_words("rain fell") != digest_words("rain  fell")
    assert re.fullmatch("[0-9a-f]{8}", digest_words("\ud800"))


def test_what_is_remembered_of_links_does_not_keep_an_index_that_was_replaced_open(tmp_path):
    rain = parse_paper("# Rain\n\nRain fell. It was wet.\n", document_id="rain")
    work = replace(rain.work, url="https://example.org/rain")
    with CorpusWriter(tmp_path / "corpus.sqlite") as writer:
        writer.begin(replace(rain, work=work))
    corpus = Corpus(tmp_path / "corpus.sqlite")
    start = rain.text.index("It was wet")
    assert link_quote(corpus, work, (start, start + 10), None)[1] == "quote"
    held = weakref.ref(corpus)
    del corpus
    gc.collect()
    assert held() is None
