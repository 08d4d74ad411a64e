"""The command `ibid eval`."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import DatasetError
from index.settings import Settings
from qa.cli import IndexOption, JsonOption, PaperOption, settings_for

if TYPE_CHECKING:
    from eval.outcome import Evaluation
    from eval.significance import Comparison

_FileOption = Path | None


def evaluate(  # noqa: PLR0913 - the options of a command
    datasets: Annotated[
        list[Path] | None,
        typer.Argument(metavar="DATASET", help="A folder or .jsonl file of a set, or a .json file of --save."),
    ] = None,
    *,
    from_feedback: Annotated[
        bool, typer.Option("--from-feedback", help="Measure on what readers judged, instead of a set.")
    ] = False,
    split: Annotated[str, typer.Option(help="Which judgements of a set in the BEIR layout.")] = "test",
    run: Annotated[_FileOption, typer.Option(metavar="FILE", help="Write the ranked documents, for trec_eval.")] = None,
    report: Annotated[_FileOption, typer.Option(metavar="FILE.html", help="Write a report.")] = None,
    save: Annotated[_FileOption, typer.Option(metavar="FILE.json", help="Write all outcomes, to compare with.")] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Compare two sets, or two settings on one.")] = False,
    changes: Annotated[
        list[str] | None, typer.Option("--with", metavar="NAME=VALUE", help="A setting of the second run.")
    ] = None,
    as_json: JsonOption = False,
    paper: PaperOption = None,
    index: IndexOption = None,
) -> None:
    """Measure how well the passages answer."""
    settings = settings_for(index, paper)
    datasets = datasets or []
    if from_feedback:
        _refuse_feedback(datasets, split, run, compare=compare, changes=changes)
        _check_folders(report, save)
        _evaluate_feedback(settings, report, save, as_json=as_json)
        return
    if compare:
        _refuse_files(run=run, report=report, save=save)
        comparisons = _compare(datasets, settings, changes or [], split)
        _print_comparisons(comparisons, as_json=as_json)
        return
    if changes:
        raise DatasetError("--with changes the second run of a comparison", "add --compare")
    if len(datasets) != 1:
        raise DatasetError(
            f"{len(datasets)} datasets are named", "name one, or compare two with --compare, or use --from-feedback"
        )
    _check_folders(run, report, save)
    evaluation = _evaluate_one(datasets[0], settings, split, run)
    _save(evaluation, report, save)
    _print_figures(evaluation, as_json=as_json)


def _refuse_feedback(
    datasets: list[Path], split: str, run: Path | None, *, compare: bool, changes: list[str] | None
) -> None:
    """Refuse what --from-feedback leaves nothing to do for."""
    if datasets or compare or changes or run is not None or split != "test":
        raise DatasetError(
            "--from-feedback makes a set of its own for one run", "leave out DATASET, --compare, --with, --run, --split"
        )


def _evaluate_feedback(settings: Settings, report: Path | None, save: Path | None, *, as_json: bool) -> None:
    from eval.evaluate import evaluate_dataset
    from eval.feedback import load_feedback, tell_left_out
    from eval.table import format_figures
    from qa.progress import show_progress

    feedback = load_feedback(settings)
    with show_progress() as progress:
        evaluation = evaluate_dataset(feedback.dataset, settings, progress=progress)
    _save(evaluation, report, save)
    figures = {**evaluation.figures, **feedback.figures}
    print(json.dumps(figures) if as_json else "\n".join([format_figures(figures), *tell_left_out(feedback)]))


def _refuse_files(**files: Path | None) -> None:
    for name, file in files.items():
        if file is not None:
            raise DatasetError(f"--{name} is for one run, not for a comparison", "leave out either of the two")


def _check_folders(*files: Path | None) -> None:
    """Refuse a file that cannot be written before the work whose outcome it is for."""
    for file in files:
        if file is not None and (file.is_dir() or not file.absolute().parent.is_dir()):
            raise DatasetError(f"cannot write {file}", "name a file in a folder that exists")


def _evaluate_one(path: Path, settings: Settings, split: str, run: Path | None) -> "Evaluation":
    from eval.compare import is_saved, obtain_evaluation
    from eval.dataset import load_dataset
    from eval.evaluate import evaluate_dataset
    from eval.ranked import save_run
    from qa.progress import show_progress

    with show_progress() as progress:
        if run is None:
            return obtain_evaluation(path, settings, split=split, progress=progress)
        if is_saved(path):
            raise DatasetError(f"{path} holds outcomes, but no ranked documents", "name the dataset itself for --run")
        dataset = load_dataset(path, split)
        if dataset.layout != "beir":
            reason = f"{path} judges spans or answers, not documents, so that trec_eval has nothing to go by"
            raise DatasetError(reason, "use --run with a set in the BEIR layout")
        return evaluate_dataset(dataset, settings, progress=progress, keep_run=lambda ranked: save_run(ranked, run))


def _compare(datasets: list[Path], settings: Settings, changes: list[str], split: str) -> "list[Comparison]":
    from eval.compare import change_settings, evaluate_both, is_saved, obtain_evaluation
    from eval.significance import compare
    from qa.progress import show_progress

    wanted = 1 if changes else 2
    if len(datasets) != wanted:
        raise DatasetError(
            f"{len(datasets)} datasets are named to compare",
            "name two, or one with the settings to change: --compare --with dense_weight=0.7",
        )
    with show_progress() as progress:
        if not changes:
            first, second = (obtain_evaluation(p, settings, split=split, progress=progress) for p in datasets)
            return compare(first, second)
        if is_saved(datasets[0]):
            raise DatasetError(f"{datasets[0]} is saved and cannot be run with --with", "name the dataset itself")
        changed = change_settings(settings, changes)
        return compare(*evaluate_both(datasets[0], settings, changed, split=split, progress=progress))


def _save(evaluation: "Evaluation", report: Path | None, save: Path | None) -> None:
    if report is not None:
        from eval.report import write_report

        write_report(evaluation, report)
    if save is not None:
        from eval.saved import save_evaluation

        save_evaluation(evaluation, save)


def _print_figures(evaluation: "Evaluation", *, as_json: bool) -> None:
    from eval.table import format_figures

    print(json.dumps(evaluation.figures) if as_json else format_figures(evaluation.figures))


def _print_comparisons(comparisons: "list[Comparison]", *, as_json: bool) -> None:
    from eval.table import format_comparisons

    print(json.dumps([asdict(each) for each in comparisons]) if as_json else format_comparisons(comparisons))
