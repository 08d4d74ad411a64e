"""sentence-transformers on PyTorch, float32, 32 passages a batch: what a build takes that only encodes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sentence_transformers import SentenceTransformer

from eval.bench.peers.harness import run


class SentenceEncoder:
    """Vectors in a file; nothing can be asked."""

    def load(self, model: Path) -> None:
        """Load the model."""
        self._model = SentenceTransformer(str(model), device="cpu", local_files_only=True)
        self._model.encode(["warm"])

    def build(self, passages: Sequence[str], folder: Path) -> Mapping[str, int]:
        """Encode the passages."""
        vectors = self._model.encode(list(passages), batch_size=32)
        folder.mkdir(parents=True)
        np.save(folder / "vectors.npy", vectors)
        return {}


if __name__ == "__main__":
    run(SentenceEncoder(), ["sentence-transformers", "torch", "transformers"])
