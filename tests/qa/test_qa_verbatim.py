"""Quotes that are compared with their documents when they are shown, and links to web pages and printed ones."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from index.build import build_index
from index.bundle import find_bundle, load_manifest, open_index, save_manifest
from index.library import find_folder
from index.settings import Settings
from index.stamps import stamp_files
from qa.answer import answer_question
from qa.links import digest_words
from qa.render import render_answer

pytestmark = pytest.mark.model

FILLER = "This report was written for those who were not there to see the nests of the herons by themselves. " * 4
PAGE = f"""<html><head><title>On Herons</title><link rel=canonical href=https://herons.example/on-herons></head><body>
<nav><a href=/>Herons nest in May.</a></nav><article><h1>On Herons</h1><p>{FILLER}</p><h2>Nests</h2>
<p>The marsh is wide. Herons nest in M&shy;ay. They leave it in autumn.</p>
<h2>Later</h2><p>{FILLER}</p></article></body></html>"""


@pytest.fixture(scope="module")
def herons(tmp_path_factory, model_folder):
    """Settings of a home in which a web page is indexed."""
    folder = tmp_path_factory.mktemp("herons")
    (folder / "models").symlink_to(model_folder.parent, target_is_directory=True)
    (folder / "herons.html").write_text(PAGE, encoding="utf-8")
    settings = Settings(home=folder, threshold=0.0)
    build_index([folder / "herons.html"], settings)
    return settings


def ask(settings):
    return answer_question(open_index(settings), "When do herons nest?", settings, k=5)


def find_herons(answer):
    return next(passage for passage in answer.passages if "Herons nest" in passage.text)


def test_a_link_to_a_web_page_is_told_apart_from_what_frames_it(herons):
    citation = find_herons(ask(herons)).citation
    assert citation.opens == "quote"
    assert citation.deep_link.startswith("https://herons.example/on-herons#:~:text=")
    assert citation.deep_link.endswith("-,Herons%20nest%20in%20May.") or "May.,-They" in citation.deep_link


def test_a_link_into_the_viewer_names_span_and_words(herons):
    passage = find_herons(ask(herons))
    mark = passage.highlights[0]
    start, end = passage.locator.start, passage.locator.end
    marked = f"mark={start + mark.start}-{start + mark.end}"
    words = digest_words(passage.text[mark.start : mark.end])
    assert passage.citation.view == f"/documents/{passage.document.id}?at={start}-{end}&{marked}&is={words}#here"


def tamper(settings, folder, sql):
    """Return settings of a copy of a home in whose corpus a statement was run, and which passes its checks."""
    shutil.copytree(settings.home, folder, symlinks=True)
    copied = replace(settings, home=folder)
    bundle = find_bundle(find_folder(copied))
    (segment,) = (folder for folder in bundle.iterdir() if folder.is_dir())
    with closing(sqlite3.connect(segment / "corpus.sqlite")) as db, db:
        assert db.execute(sql).rowcount == 1
    manifest = load_manifest(bundle)
    card = replace(manifest.segments[0], files=stamp_files(segment))
    save_manifest(bundle, replace(manifest, segments=(card,)))
    return copied


@pytest.fixture(scope="module")
def tampered(herons, tmp_path_factory):
    sql = "UPDATE passages SET text = replace(text, 'in May', 'in June') WHERE text LIKE '%nest in May%'"
    return ask(tamper(herons, tmp_path_factory.mktemp("tampered") / "home", sql))


def test_a_passage_that_its_document_does_not_hold_is_no_quote(tampered):
    passage = next(passage for passage in tampered.passages if "in June" in passage.text)
    assert not passage.verbatim
    assert (passage.highlights, passage.citation.deep_link, passage.citation.opens) == ((), None, None)


def test_such_a_passage_is_never_the_answer(tampered):
    assert "June" not in tampered.answer.text
    assert all(
        passage.verbatim for passage in tampered.passages if passage.rank in tampered.answer.sentences[0].citations
    )


def test_such_a_passage_is_printed_with_a_plain_line(tampered, capsys):
    render_answer(tampered, {passage.document.id: () for passage in tampered.passages})
    assert capsys.readouterr().out.count("not verbatim: the document does not say this word by word") == 1


def test_nothing_is_answerable_where_no_passage_is_verbatim(herons, tmp_path):
    sql = "UPDATE texts SET text = replace(text, 'e', 'é')"
    answer = ask(tamper(herons, tmp_path / "home", sql))
    assert (answer.answerable, answer.answer.text) == (False, "")
    assert not any(passage.verbatim for passage in answer.passages)


def test_a_passage_as_built_is_verbatim(herons):
    answer = ask(herons)
    assert all(passage.verbatim for passage in answer.passages)
    assert json.dumps(answer.passages[0].verbatim) == "true"
