"""txtai, by vectors and words."""

from eval.bench.peers.harness import run
from eval.bench.peers.txtai_dense import Txtai

if __name__ == "__main__":
    run(Txtai(hybrid=True), ["txtai", "torch", "transformers", "faiss-cpu"])
