"""Haystack: a pipeline over its document store in memory, with its components for sentence-transformers."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from haystack import Document, Pipeline
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack.utils import ComponentDevice
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from eval.bench.peers.harness import K, Reply, run

_FILE = "store.json"


class Haystack:
    """Documents that are embedded, written and saved; a pipeline of two components answers."""

    def load(self, model: Path) -> None:
        """Load the model."""
        device = ComponentDevice.from_str("cpu")
        self._embedder = SentenceTransformersDocumentEmbedder(model=str(model), device=device, progress_bar=False)
        self._embedder.warm_up()
        self._embedder.run([Document(content="warm")])

    def build(self, passages: Sequence[str], folder: Path) -> Mapping[str, int]:
        """Embed the passages and save the store."""
        store = InMemoryDocumentStore(shared=False)
        # Of its own it names a document by its content, and takes no two that are the same.
        documents = [Document(id=str(number), content=passage) for number, passage in enumerate(passages)]
        store.write_documents(self._embedder.run(documents)["documents"])
        folder.mkdir(parents=True)
        store.save_to_disk(str(folder / _FILE))
        return {"documents": store.count_documents()}

    def open(self, model: Path, folder: Path) -> None:
        """Load the store and the model."""
        store = InMemoryDocumentStore.load_from_disk(str(folder / _FILE))
        embedder = SentenceTransformersTextEmbedder(
            model=str(model), device=ComponentDevice.from_str("cpu"), progress_bar=False
        )
        self._pipeline = Pipeline()
        self._pipeline.add_component("embedder", embedder)
        self._pipeline.add_component("retriever", InMemoryEmbeddingRetriever(document_store=store, top_k=K))
        self._pipeline.connect("embedder.embedding", "retriever.query_embedding")
        self._pipeline.warm_up()

    def ask(self, question: str) -> Reply:
        """Run the pipeline."""
        found = self._pipeline.run({"embedder": {"text": question}})
        return Reply([document.content for document in found["retriever"]["documents"]])


if __name__ == "__main__":
    run(Haystack(), ["haystack-ai", "sentence-transformers-haystack", "sentence-transformers", "torch", "transformers"])
