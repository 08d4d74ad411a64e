"""Where the figures of a run go: files beside this one, and a block of the README."""

from pathlib import Path

from eval.bench.charts import draw_charts
from eval.bench.run import Run, save_run
from eval.bench.table import describe_run, format_bars, format_records, format_run
from eval.readme import README, update_readme

RESULTS = Path(__file__).parent / "results"
RUN_FILE = "bench.json"
BLOCK = "bench"  # of the README


def publish_run(run: Run, *, folder: Path = RESULTS, readme: Path = README) -> None:
    """Write a run as JSON, tables and drawings, and its main figures into the README."""
    save_run(run, folder / RUN_FILE)
    charts = draw_charts(run)
    for name, svg in charts.items():
        (folder / f"{name}.svg").write_text(svg, encoding="utf-8")
    shown = "\n".join(f"![{name}]({name}.svg)" for name in charts)
    text = f"# Ibid, its peers, and the limit\n\n`make bench-peers` writes this. {format_run(run)}\n{shown}\n"
    (folder / "bench.md").write_text(text, encoding="utf-8")
    update_readme(BLOCK, format_block(run), readme)


def format_block(run: Run) -> str:
    """Return what stands in the README."""
    charts = " ".join(f"![{name}](eval/bench/results/{name}.svg)" for name in ("cold", "question", "build"))
    return "\n\n".join([describe_run(run), format_bars(run), format_records(run), charts])
