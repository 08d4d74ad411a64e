"""The command `ibid eval`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from qa.cli import IndexOption, JsonOption, settings_for


def evaluate(
    dataset: Annotated[Path, typer.Argument(help="A .jsonl file of questions, or a folder that holds some.")],
    *,
    as_json: JsonOption = False,
    index: IndexOption = None,
) -> None:
    """Measure how often the passages hold the answer."""
    from rich.console import Console
    from rich.progress import Progress

    from eval.measure import measure, run_questions
    from eval.questions import load_questions
    from index.bundle import open_index

    questions = load_questions(dataset)
    settings = settings_for(index)
    opened = open_index(settings)
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("questions", total=len(questions))
        outcomes = run_questions(opened, settings, questions, advance=lambda: progress.advance(task))
    figures = measure(outcomes)
    if as_json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:18} {'-' if figure is None else figure}")
