"""A run as tables in Markdown: ratios and bars first."""

from collections.abc import Iterable, Mapping, Sequence

from eval.bench.bars import MB, Bar, list_asked, list_bars
from eval.bench.limits import TEXT_TOKENS, Limits
from eval.bench.peers.harness import K
from eval.bench.peers.ibid import DOCUMENT_PASSAGES
from eval.bench.rounds import Asked, Record
from eval.bench.run import Run
from eval.bench.spread import Spread, summarise

_NONE = "–"
_HOW = """\
Each is driven by its documented API, at its defaults, in an environment and in processes of its own; an answer has
{k} passages. In each round each is measured in turn: a new process that opens the saved index of all passages and
answers one question (of Ibid, the command `ibid ask`); a process that answers all questions; and the index of {built}
passages, evenly spread, built anew and saved, after that of one passage, so that the model and all else is loaded (Ibid
opens its model anew). Ratios are taken within a round. Ibid gets the passages as documents of {documents} passages,
which it cuts itself, into contexts, passages and windows; it indexes vectors and words at all three scales, and its
answers hold highlights, citations and a confidence as well. The others get the passages as they are and return them;
only hybrid ones look at words. Peak memory is what the system counts for a process, mapped files included."""


def format_run(run: Run) -> str:
    """Return all of a run."""
    parts = [
        ("", describe_run(run)),
        ("Bars", format_bars(run)),
        ("How it is measured", _HOW.format(built=run.measured.built, documents=DOCUMENT_PASSAGES, k=K)),
        ("Side by side", format_records(run)),
        ("Indexes", _format_indexes(run)),
        ("A warm question to Ibid, by stage", _format_stages(run.records[0])),
        ("The distance to the limit", _format_limits(run.limits)),
        ("Versions", _format_versions(run)),
    ]
    return "\n\n".join(f"## {heading}\n\n{part}" if heading else part for heading, part in parts) + "\n"


def describe_run(run: Run) -> str:
    """Return what was measured, where and when."""
    measured = run.measured
    return (
        f"{run.date}, {run.machine.format()}. {measured.passages:,} passages of {measured.words:.0f} words"
        f" ({measured.tokens:.0f} word pieces) from {measured.origin}, {measured.questions} questions, the same"
        " all-MiniLM-L6-v2 for all, each measured in turn; medians, with the least and the most of"
        f" {len(run.records[0].rounds)} rounds."
    )


def format_bars(run: Run) -> str:
    """Return what has to be reached, and whether it is."""
    rows = [_format_bar(bar) for bar in list_bars(run.records, run.limits)]
    return format_table(["figure", "measured", "bar", ""], rows)


def format_records(run: Run) -> str:
    """Return the rivals side by side."""
    head = ["", "cold process", "its peak", "warm p50", "p95", "p99", "build, passages/s", "words/s", "building peak"]
    rows = [_format_record(record, run.measured.words) for record in run.records]
    absent = [f"{name} could not be measured here: {reason}" for name, reason in run.absent.items()]
    return "\n\n".join([format_table(head, rows), *absent])


def format_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _format_bar(bar: Bar) -> list[str]:
    sign = "≤" if bar.side == "most" else "≥"
    limit = f"{sign} {bar.bar:.3g} {bar.unit}".strip()
    if bar.spread is None:
        return [bar.figure, "not measured", limit, _NONE]
    digits = 0 if bar.unit == "MB" else 2 if bar.bar >= 1 or bar.unit else 3
    return [bar.figure, bar.spread.format(digits, bar.unit), limit, "met" if bar.is_met else "**missed**"]


def _format_record(record: Record, words: float) -> list[str]:
    built = summarise([each.built_per_s for each in record.rounds])
    return [
        f"**{record.name}**" if record.kind == "own" else record.name,
        *(_format_asked(list_asked(record)) or [_NONE] * 5),
        built.format(1),
        f"{built.median * words:,.0f}",
        f"{record.saved.building_peak_bytes / MB:,.0f} MB",
    ]


def _format_asked(asked: Sequence[Asked]) -> list[str]:
    if not asked:
        return []
    return [
        summarise([each.cold_s for each in asked]).format(2, "s"),
        summarise([each.cold_peak_bytes / MB for each in asked]).format(0, "MB"),
        summarise([each.question_ms.p50 for each in asked]).format(1, "ms"),
        f"{_median(each.question_ms.p95 for each in asked):.1f} ms",
        f"{_median(each.question_ms.p99 for each in asked):.1f} ms",
    ]


def _format_indexes(run: Run) -> str:
    rows = [
        [
            record.name,
            f"{record.saved.index_bytes / run.measured.passages:,.0f}",
            f"{_median(each.peak_bytes for each in list_asked(record)) / MB:,.0f} MB",
            ", ".join(f"{count:,} {name}" for name, count in record.saved.counts.items()) or _NONE,
            f"{_median(each.built_per_s for each in record.rounds) * run.measured.tokens:,.0f}",
        ]
        for record in run.records
        if list_asked(record)
    ]
    head = ["", "index, bytes/passage", "memory of an open process", "units", "build, word pieces/s"]
    note = (
        "Peers and sentence-transformers cut a passage after 256 word pieces"
        f" ({run.measured.read_tokens:.0f} are left on average); Ibid reads all."
    )
    return f"{format_table(head, rows)}\n\n{note}"


def _format_stages(record: Record) -> str:
    asked = list_asked(record)
    stages = {name: summarise([each.stages_ms[name] for each in asked]) for name in asked[0].stages_ms}
    return format_table(["stage", "p50"], [[name, spread.format(2, "ms")] for name, spread in stages.items()])


def _format_limits(limits: Limits) -> str:
    rows = [[name, spread.format(0)] for name, spread in limits.rates.items()]
    table = format_table([f"on texts of {TEXT_TOKENS} word pieces", "10⁹ operations/s"], rows)
    return (
        f"{table}\n\nThe model takes {limits.operations_per_token / 1e6:.1f} million operations a word piece. The"
        f" encoder reaches {limits.encoder_over_float32.format(2)} of the rate of float32 matrix products and"
        f" {limits.encoder_over_int8.format(2)} of that in 8 bits, both of this run."
    )


def format_paper(paper: Mapping[str, Mapping[str, float]]) -> str:
    """Return the figures of the paper of `seeds`."""
    rows = [
        [name.replace("_", " "), ", ".join(f"{figure} {value:,.2f}" for figure, value in figures.items())]
        for name, figures in paper.items()
    ]
    return format_table(["on the paper of `seeds`", ""], rows)


def _format_versions(run: Run) -> str:
    rows = [
        [record.name, ", ".join(f"{name} {number}" for name, number in record.versions.items())]
        for record in run.records
    ]
    return format_table(["", "versions"], rows)


def _median(values: Iterable[float]) -> float:
    spread: Spread = summarise(list(values))
    return spread.median
