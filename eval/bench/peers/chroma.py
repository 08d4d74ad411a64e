"""Chroma, persistent, with its function for sentence-transformers."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import chromadb
from chromadb.config import Settings
from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

from eval.bench.peers.harness import K, Reply, run

_COLLECTION = "passages"


class Chroma:
    """One collection; passages are added in as few calls as it allows."""

    def load(self, model: Path) -> None:
        """Load the model."""
        self._encode = SentenceTransformerEmbeddingFunction(model_name=str(model), device="cpu")
        self._encode(["warm"])

    def build(self, passages: Sequence[str], folder: Path) -> Mapping[str, int]:
        """Add the passages."""
        client = _open(folder)
        collection = client.create_collection(_COLLECTION, embedding_function=self._encode)
        most = client.get_max_batch_size()
        for first in range(0, len(passages), most):
            texts = list(passages[first : first + most])
            collection.add(ids=[str(first + at) for at in range(len(texts))], documents=texts)
        return {"passages": collection.count()}

    def open(self, model: Path, folder: Path) -> None:
        """Load the model and open the collection."""
        self.load(model)
        self._collection = _open(folder).get_collection(_COLLECTION, embedding_function=self._encode)

    def ask(self, question: str) -> Reply:
        """Query the collection."""
        return Reply(self._collection.query(query_texts=[question], n_results=K)["documents"][0])


def _open(folder: Path) -> "chromadb.api.ClientAPI":
    return chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))


if __name__ == "__main__":
    run(Chroma(), ["chromadb", "sentence-transformers", "torch", "transformers"])
