"""txtai, by vectors: one object that encodes, keeps texts in SQLite and vectors in FAISS."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from txtai import Embeddings

from eval.bench.peers.harness import K, Reply, run


class Txtai:
    """An index of one's own texts, as its introduction shows."""

    def __init__(self, *, hybrid: bool) -> None:
        self._hybrid = hybrid

    def load(self, model: Path) -> None:
        """Load the model."""
        self._embeddings = Embeddings(path=str(model), content=True, hybrid=self._hybrid)
        self._embeddings.batchtransform(["warm"])

    def build(self, passages: Sequence[str], folder: Path) -> Mapping[str, int]:
        """Index the passages and save the index."""
        self._embeddings.index(list(passages))
        self._embeddings.save(str(folder))
        return {"passages": self._embeddings.count()}

    def open(self, model: Path, folder: Path) -> None:  # noqa: ARG002 - the index names it
        """Open the index."""
        self._embeddings = Embeddings()
        self._embeddings.load(str(folder))

    def ask(self, question: str) -> Reply:
        """Search with the question."""
        return Reply([row["text"] for row in self._embeddings.search(question, K)])


if __name__ == "__main__":
    run(Txtai(hybrid=False), ["txtai", "torch", "transformers", "faiss-cpu"])
