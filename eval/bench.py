"""`make bench`: how fast a cold `ibid ask`, a warm question and a build are, medians with their spread."""

import json
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.ask import ask_questions
from eval.gate import EXAM
from eval.questions import load_questions
from index.build import index_documents
from index.bundle import open_index
from index.encode import OnnxEncoder
from index.settings import Settings, load_settings

_COLD_RUNS = 5
_BUILDS = 5
_QUESTION = "How much will Toyota invest in North Carolina?"


def time_cold_ms() -> list[float]:
    """Return the wall times of `ibid ask` in new processes, after one that is not counted."""
    command = [str(Path(sys.executable).parent / "ibid"), "ask", _QUESTION]
    times = []
    for _ in range(_COLD_RUNS + 1):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own command
        times.append((time.perf_counter() - started) * 1e3)
    return times[1:]


def time_builds(settings: Settings) -> list[float]:
    """Return how many times as long as opening the model and encoding all passages once a whole build takes."""
    index = open_index(settings)
    documents = [index.corpus.load_document(work.id) for work in index.corpus.list_works()]
    texts = [index.corpus.load_place(passage).passage.text for passage in range(index.manifest.passages)]
    ratios = []
    for _ in range(_BUILDS):
        started = time.perf_counter()
        OnnxEncoder(settings.models_folder / index.manifest.encoder).encode_passages(texts)
        encoded = time.perf_counter()
        with TemporaryDirectory() as folder:
            index_documents(documents, replace(settings, index=Path(folder)))
            ratios.append((time.perf_counter() - encoded) / (encoded - started))
    return ratios


def main() -> None:
    """Print the figures as JSON."""
    settings = load_settings()
    outcomes = ask_questions(load_questions(EXAM), open_index(settings), settings)
    warm = statistics.quantiles([outcome.latency_ms for outcome in outcomes], n=100)
    cold = time_cold_ms()
    builds = time_builds(settings)
    figures = {
        "cold_ask_ms": {"median": statistics.median(cold), "min": min(cold), "max": max(cold)},
        "build_over_encoding": {"median": statistics.median(builds), "min": min(builds), "max": max(builds)},
        "warm_question_ms": {"p50": warm[49], "p95": warm[94], "p99": warm[98]},
    }
    print(json.dumps({name: {k: round(v, 2) for k, v in of.items()} for name, of in figures.items()}, indent=1))


if __name__ == "__main__":
    main()
