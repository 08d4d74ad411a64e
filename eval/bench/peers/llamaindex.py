"""LlamaIndex with vectors in FAISS."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import faiss
from llama_index.core import StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.schema import TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.faiss import FaissVectorStore

from eval.bench.peers.harness import K, Reply, run

_DIMENSION = 384


class LlamaIndex:
    """A vector index of nodes, persisted as its guide to FAISS shows."""

    def load(self, model: Path) -> None:
        """Load the model."""
        self._model = HuggingFaceEmbedding(model_name=str(model), device="cpu")
        self._model.get_text_embedding("warm")

    def build(self, passages: Sequence[str], folder: Path) -> Mapping[str, int]:
        """Index the passages, a node each, and persist the index."""
        store = FaissVectorStore(faiss_index=faiss.IndexFlatIP(_DIMENSION))
        storage = StorageContext.from_defaults(vector_store=store)
        nodes = [TextNode(text=passage) for passage in passages]
        VectorStoreIndex(nodes, storage_context=storage, embed_model=self._model)
        storage.persist(str(folder))
        return {"nodes": len(nodes)}

    def open(self, model: Path, folder: Path) -> None:
        """Load the model and the index."""
        self.load(model)
        store = FaissVectorStore.from_persist_dir(str(folder))
        storage = StorageContext.from_defaults(vector_store=store, persist_dir=str(folder))
        index = load_index_from_storage(storage, embed_model=self._model)
        self._retriever = index.as_retriever(similarity_top_k=K)

    def ask(self, question: str) -> Reply:
        """Retrieve nodes."""
        return Reply([found.node.get_content() for found in self._retriever.retrieve(question)])


if __name__ == "__main__":
    run(LlamaIndex(), ["llama-index-core", "sentence-transformers", "torch", "transformers", "faiss-cpu"])
