"""`make bench`: how fast a cold `ibid ask` and a warm question are, medians with their spread."""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from eval.ask import ask_questions
from eval.gate import EXAM
from eval.questions import load_questions
from index.bundle import open_index
from index.settings import load_settings

_COLD_RUNS = 5
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


def main() -> None:
    """Print the figures as JSON."""
    settings = load_settings()
    outcomes = ask_questions(load_questions(EXAM), open_index(settings), settings)
    warm = statistics.quantiles([outcome.latency_ms for outcome in outcomes], n=100)
    cold = time_cold_ms()
    figures = {
        "cold_ask_ms": {"median": statistics.median(cold), "min": min(cold), "max": max(cold)},
        "warm_question_ms": {"p50": warm[49], "p95": warm[94], "p99": warm[98]},
    }
    print(json.dumps({name: {k: round(v, 1) for k, v in of.items()} for name, of in figures.items()}, indent=1))


if __name__ == "__main__":
    main()
