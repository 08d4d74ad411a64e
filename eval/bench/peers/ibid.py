"""Ibid itself, hybrid at three scales. A new process of it is not this one, but the command `ibid ask`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from eval.bench.peers.harness import K, Reply, run
from index.build import index_documents
from index.bundle import Index, open_index
from index.export import export_model
from index.plain import parse_plain
from index.settings import load_settings
from qa.answer import answer_question

DOCUMENT_PASSAGES = 20  # a paper's length


class Ibid:
    """Passages are given as documents of a paper's length; Ibid cuts them itself."""

    def load(self, model: Path) -> None:  # noqa: ARG002 - the settings name it
        """Export the model, if that was never done."""
        settings = load_settings()
        export_model(settings.model, settings.models_folder)

    def build(self, passages: Sequence[str], folder: Path) -> Mapping[str, int]:
        """Index the passages; the model is opened anew for it."""
        documents = [
            parse_plain("\n\n".join(passages[first : first + DOCUMENT_PASSAGES]), document_id=f"text-{first}")
            for first in range(0, len(passages), DOCUMENT_PASSAGES)
        ]
        manifest = index_documents(documents, replace(load_settings(), index=folder)).manifest
        names = ("documents", "contexts", "passages", "windows")
        return {name: getattr(manifest, name) for name in names}

    def open(self, model: Path, folder: Path) -> None:  # noqa: ARG002 - the index names it
        """Open the index."""
        self._settings = replace(load_settings(), index=folder)
        self._index: Index = open_index(self._settings)

    def ask(self, question: str) -> Reply:
        """Answer with passages, highlights, citations and a confidence."""
        answer = answer_question(self._index, question, self._settings, k=K)
        timing = answer.timing_ms
        cite_ms = timing.total - timing.encode - timing.retrieve
        stages = {"encode": timing.encode, "retrieve": timing.retrieve, "answer and cite": cite_ms}
        return Reply([passage.text for passage in answer.passages], stages)


if __name__ == "__main__":
    run(Ibid(), ["ibid", "onnxruntime", "faiss-cpu", "tantivy"])
