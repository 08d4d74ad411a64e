"""The indexes of datasets, each built once and kept in the home's folder `eval`."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from eval.beir import PlainText
from index.assemble import Progress
from index.build import index_documents
from index.bundle import Index, open_index
from index.model import Document
from index.plain import parse_plain
from index.settings import Settings


def open_texts(texts: Sequence[PlainText], settings: Settings, progress: Progress) -> Index:
    """Open the index of a dataset's corpus, after building it where there is none for these texts and settings.

    A document without text is found by its title; one that has neither cannot be found and is left out.
    """
    documents = [
        parse_plain(text.text if text.text.strip() else text.title, document_id=text.id, title=text.title)
        for text in texts
        if text.text.strip() or text.title.strip()
    ]
    folder = _name_folder([[text.id, text.title, text.text] for text in texts], settings)
    return _open_built(documents, replace(settings, index=folder), progress)


def reshape_index(index: Index, settings: Settings, progress: Progress) -> Settings:
    """Build the documents of an open index anew in the shape that `settings` give; return settings that open it."""
    documents = [index.corpus.load_document(work.id) for work in index.corpus.list_works()]
    reshaped = replace(settings, index=_name_folder(index.manifest.id, settings))
    _open_built(documents, reshaped, progress)
    return reshaped


def _open_built(documents: Sequence[Document], settings: Settings, progress: Progress) -> Index:
    index_documents(documents, settings, progress)
    return open_index(settings)


def _name_folder(corpus: object, settings: Settings) -> Path:
    """Return the folder of the index of a corpus in one shape, so that two shapes do not displace each other."""
    parts = json.dumps([corpus, settings.shape()], sort_keys=True)
    return settings.home / "eval" / hashlib.sha256(parts.encode()).hexdigest()[:16]
