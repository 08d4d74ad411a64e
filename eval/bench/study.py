"""`python -m eval.bench.study`: the sizes measured so far, the law of each figure, and what breaks first, as a file."""

import argparse
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import TypeAdapter

from eval.bench.machine import Machine, describe_machine
from eval.bench.scale import Size, measure
from eval.plots import ACCENT, SOFT, draw
from index.settings import load_settings

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZES = (10_000, 100_000, 1_000_000)
STUDY = Path(__file__).parent / "scale.md"
RESULTS = Path(__file__).parent / "results"
_FILE = "scale.json"
_COLUMNS = (
    "windows",
    "passages",
    "question p50 / p95 / p99, ms",
    "encode, retrieve p50, ms",
    "recall@10",
    "opens, s",
    "memory, MB",
    "vectors + words, bytes a window",
    "table, texts with words' signs",
    "written, s",
)
_FIGURES: dict[str, Callable[[Size], float]] = {
    "question, p50, ms": lambda size: size.asked.total_ms.p50,
    "question, p95, ms": lambda size: size.asked.total_ms.p95,
    "retrieval, p50, ms": lambda size: size.asked.retrieve_ms.p50,
    "opening, s": lambda size: size.asked.opened_s,
    "memory, MB": lambda size: size.asked.peak_bytes / 1e6,
    "disk, MB": lambda size: sum(size.disk_bytes.values()) / 1e6,
    "writing, s": lambda size: size.written_s,
}
_BUDGET_MS = 100.0  # of a question: beyond it an answer is no longer instant (Nielsen, 1993)
_INTRODUCTION = """# From ten thousand windows to ten million

`python -m eval.bench.study --sizes N ...` measures sizes, adds them to those before, and writes this. Texts and vectors
are grown from real ones (`grown.py`), so that nothing has to be encoded: the time to write leaves that out. Recall is
the share of the ten passages whose vectors, before they were rounded, are nearest to a real question, among the ten
that the search finds.
"""


@dataclass(frozen=True, slots=True)
class Study:
    """Sizes, and what they were measured on."""

    machine: Machine
    date: str
    sizes: tuple[Size, ...]


_STUDY = TypeAdapter(Study)


def publish_sizes(measured: Sequence[Size], *, folder: Path = RESULTS, study: Path = STUDY) -> str:
    """Add sizes to those measured before, and write the study; return its text."""
    file = folder / _FILE
    known = _STUDY.validate_json(file.read_bytes()).sizes if file.exists() else ()
    by_windows = {size.windows: size for size in (*known, *measured)}
    sizes = [by_windows[windows] for windows in sorted(by_windows)]
    today = dt.datetime.now(dt.UTC).date().isoformat()
    told = Study(describe_machine(), today, tuple(sizes))
    folder.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_STUDY.dump_json(told, indent=1) + b"\n")
    for name, figure in (("latency", "question, p95, ms"), ("memory", "memory, MB"), ("disk", "disk, MB")):
        (folder / f"scale-{name}.svg").write_text(_draw_curve(sizes, figure), encoding="utf-8")
    text = format_study(told)
    study.write_text(text, encoding="utf-8")
    return text


def format_study(told: Study) -> str:
    """Return the study in Markdown."""
    curves = " ".join(f"![{name}](results/scale-{name}.svg)" for name in ("latency", "memory", "disk"))
    parts = [_INTRODUCTION, f"{told.date}. {told.machine.format()}.", format_sizes(told.sizes), curves]
    if len(told.sizes) > 1:
        parts += ["## What each follows", format_laws(told.sizes), format_limit(told.sizes)]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def format_sizes(sizes: Sequence[Size]) -> str:
    """Return what was measured as a table."""
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    for size in sizes:
        asked, total = size.asked, size.asked.total_ms
        held = {kind: of_kind / size.windows for kind, of_kind in size.disk_bytes.items()}
        cells = (
            f"{size.windows:,}",
            f"{size.passages:,}",
            f"{total.p50:.1f} / {total.p95:.1f} / {total.p99:.1f}",
            f"{asked.encode_ms.p50:.1f}, {asked.retrieve_ms.p50:.1f}",
            f"{asked.recall:.3f}",
            f"{asked.opened_s:.2f}",
            f"{asked.peak_bytes / 1e6:.0f}",
            f"{held['vectors']:.0f} + {held['words']:.0f}",
            f"{held['table']:.0f}, {held['texts']:.0f}",
            f"{size.written_s:.0f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def fit_exponent(sizes: Sequence[float], values: Sequence[float]) -> float:
    """Return b of the law a n^b that fits the last two sizes: what the next one will follow."""
    return float(np.log(values[-1] / values[-2]) / np.log(sizes[-1] / sizes[-2]))


def format_laws(sizes: Sequence[Size]) -> str:
    """Return with which power of the number of windows each figure grows."""
    counts = [float(size.windows) for size in sizes]
    lines = ["| figure | grows as n to the power of | at ten times the largest size |", "|---|---|---|"]
    for name, figure in _FIGURES.items():
        values = [figure(size) for size in sizes]
        exponent = fit_exponent(counts, values)
        lines.append(f"| {name} | {exponent:.2f} | {values[-1] * 10**exponent:,.0f} |")
    return "\n".join(lines)


def format_limit(sizes: Sequence[Size]) -> str:
    """Return which figure is the first to leave what an answer may take, or this machine has."""
    counts = [float(size.windows) for size in sizes]
    memory = describe_machine().memory_gb * 1e3
    bounds = {"question, p95, ms": _BUDGET_MS, "memory, MB": memory}
    reached = {}
    for name, bound in bounds.items():
        values = [_FIGURES[name](size) for size in sizes]
        exponent = max(fit_exponent(counts, values), 0.01)
        reached[name] = counts[-1] * (bound / values[-1]) ** (1 / exponent)
    first = min(reached, key=lambda name: reached[name])
    told = f"By these laws the first to go is **{first.split(',')[0]}**, at about {reached[first]:.1g} windows"
    return f"{told}, where it reaches {bounds[first]:,.0f} {first.rpartition(' ')[2]}."


def _draw_curve(sizes: Sequence[Size], name: str) -> str:
    """Draw a figure against the number of windows, both on logarithmic axes."""

    def paint(axes: "Axes") -> None:
        axes.loglog([size.windows for size in sizes], [_FIGURES[name](size) for size in sizes], "o-", color=ACCENT)
        axes.set(xlabel="windows", ylabel=name)
        axes.tick_params(colors=SOFT)

    return draw(paint)


def main() -> None:
    """Measure sizes, and write the study."""
    parser = argparse.ArgumentParser(
        prog="python -m eval.bench.study", description="Answers from 10^4 windows to 10^7."
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="windows of each index")
    settings = load_settings()
    print(publish_sizes([measure(windows, settings) for windows in parser.parse_args().sizes]))


if __name__ == "__main__":
    main()
