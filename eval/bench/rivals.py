"""Who is measured: Ibid, its peers, and the bare encoder; each peer in a virtual environment that is made here."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from eval.bench.child import Child, run_child

Kind: TypeAlias = Literal["own", "dense", "hybrid", "encoder"]
ROOT = Path(__file__).resolve().parents[2]
PEERS_VARIABLE = "IBID_BENCH_PEERS"
# The one that needs no other packages than those that it comes with; with CUDA it would be several GB.
_CONSTRAINT = "torch==2.13.0"
# Models are folders on this machine, and nobody needs to be told of a benchmark.
_ENVIRON = {
    "HF_HUB_OFFLINE": "1",
    "ANONYMIZED_TELEMETRY": "False",
    "DO_NOT_TRACK": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
    "PYTHONPATH": str(ROOT),
    "PYTHONWARNINGS": "ignore",
}


@dataclass(frozen=True, slots=True)
class Rival:
    """One that is measured.

    Attributes:
        name: What it is called.
        kind: What it finds passages by.
        module: The module of `eval.bench.peers` that drives it.
        environment: Name of its virtual environment; None for that of this process.
        packages: What is installed there.
    """

    name: str
    kind: Kind
    module: str
    environment: str | None = None
    packages: tuple[str, ...] = ()


IBID = Rival("Ibid", "own", "ibid")
ENCODER = Rival("sentence-transformers (encoding only)", "encoder", "sentence_encoder")
_TXTAI = ("txtai==9.14.0",)
PEERS = (
    Rival("txtai", "dense", "txtai_dense", "txtai", _TXTAI),
    Rival("txtai, hybrid", "hybrid", "txtai_hybrid", "txtai", _TXTAI),
    Rival(
        "LlamaIndex + FAISS",
        "dense",
        "llamaindex",
        "llamaindex",
        (
            "llama-index-core==0.14.25",
            "llama-index-vector-stores-faiss==0.7.0",
            "llama-index-embeddings-huggingface==0.8.0",
            "faiss-cpu==1.15.1",
        ),
    ),
    Rival("chroma", "dense", "chroma", "chroma", ("chromadb==1.5.9", "sentence-transformers==6.2.0")),
    Rival("haystack", "dense", "haystack", "haystack", ("haystack-ai==3.4.1", "sentence-transformers-haystack==2.0.0")),
)


def find_peers_folder() -> Path:
    """Return where the environments of peers are."""
    return Path(os.environ.get(PEERS_VARIABLE) or ROOT / ".peers")


def install(rival: Rival) -> Path:
    """Return the interpreter that runs a rival, after installing what it needs where that is not there.

    Raises:
        subprocess.CalledProcessError: It cannot be installed.
    """
    if rival.environment is None:
        return Path(sys.executable)
    folder = find_peers_folder() / rival.environment
    python, stamp = folder / "bin" / "python", folder / "installed"
    wanted = "\n".join([*rival.packages, _CONSTRAINT])
    if not stamp.exists() or stamp.read_text() != wanted:
        constraints = find_peers_folder() / "constraints.txt"
        constraints.parent.mkdir(parents=True, exist_ok=True)
        constraints.write_text(_CONSTRAINT + "\n")
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)  # noqa: S603 - our own command
        pip: list[str | Path] = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-c", constraints]
        subprocess.run([*pip, *rival.packages], check=True)  # noqa: S603 - our own list
        stamp.write_text(wanted)
    return python


def run_task(rival: Rival, task: Mapping[str, object]) -> tuple[Child, dict[str, Any]]:
    """Let a rival do a task in a new process; return the process, and what it says of itself.

    Raises:
        ChildError: It fails.
    """
    command: list[str | Path] = [install(rival), "-m", f"eval.bench.peers.{rival.module}", json.dumps(task)]
    child = run_child(command, _ENVIRON)
    told: dict[str, Any] = json.loads(child.stdout.splitlines()[-1])
    return child, told


def name_index(rival: Rival, texts: Sequence[str]) -> Path:
    """Return the folder of an index; it is built once for what is installed, or for the code that Ibid is."""
    made_by = rival.packages or [file.read_text(encoding="utf-8") for file in sorted((ROOT / "index").rglob("*.py"))]
    digest = hashlib.sha256(json.dumps([made_by, list(texts)]).encode()).hexdigest()[:12]
    return find_peers_folder() / "indexes" / f"{rival.module}-{digest}"
