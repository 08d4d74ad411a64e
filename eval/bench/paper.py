"""On the paper of `seeds`: a cold `ibid ask`, a warm question, a build, an audit, and a server for ten users."""

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.ask import ask_questions
from eval.audited import load_works, print_entry
from eval.bench.child import run_child
from eval.bench.load import Served, ask_api, ask_page, measure_bursts, measure_load, serve
from eval.bench.spread import find_percentiles, summarise
from eval.gate import EXAM
from eval.questions import load_questions
from index.build import index_documents
from index.bundle import open_index
from index.encode import OnnxEncoder
from index.model import Document
from index.paper import parse_paper
from index.settings import Settings
from qa.audit import audit_paper

_COLD_RUNS = 5
_BUILDS = 5
_AUDITS = 5
_WORKS = 100  # that the long paper cites
_QUESTION = "How much will Toyota invest in North Carolina?"


def measure_paper(settings: Settings) -> dict[str, dict[str, float]]:
    """Return the figures of the paper that is in use, by name; to build what is audited takes longest."""
    outcomes = ask_questions(load_questions(EXAM), open_index(settings), settings)
    children = [run_child([Path(sys.executable).parent / "ibid", "ask", _QUESTION]) for _ in range(_COLD_RUNS + 1)][1:]
    return {
        "cold_ask_ms": _spread([child.wall_s * 1e3 for child in children]),
        "cold_ask_peak_mb": _spread([child.peak_bytes / 1e6 for child in children]),
        "build_over_encoding": _spread(time_builds(settings)),
        "audit_of_40_pages_s": _spread(time_audits_s(settings)),
        "warm_question_ms": asdict(find_percentiles([outcome.latency_ms for outcome in outcomes])),
        **{name: asdict(served) for name, served in time_load(settings).items()},
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    return asdict(summarise(values))


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


def write_long_paper() -> tuple[Document, list[Document]]:
    """Return a paper of about 40 pages that cites 100 works, and the texts of these works, of three pages each."""
    cited, running = load_works("exam")[0][:_WORKS], [work.text for work in load_works("training")[0]]
    texts = [work.text for work in (*load_works("exam")[0], *load_works("training")[0])]
    parts = ["A LONG PAPER", "1 INTRODUCTION"]
    for number, work in enumerate(cited, 1):
        parts += [running[number], " ".join(f"{claim.rstrip('.')} [{number}]." for claim in work.claims[:2])]
    parts += ["REFERENCES", *(print_entry(number, work) for number, work in enumerate(cited, 1))]
    works = [
        parse_paper("\n\n".join([work.title, work.text, *texts[at : at + 9]]), document_id=work.id, kind="reference")
        for at, work in enumerate(cited)
    ]
    paper = parse_paper("\n\n".join(parts), document_id="long")
    owned = [
        replace(each, work=replace(each.work, cited_by="long", entries=(str(number),)))
        for number, each in enumerate(works, 1)
    ]
    return paper, owned


def time_audits_s(settings: Settings) -> list[float]:
    """Return how many seconds the audit of a long paper takes, of which all texts are indexed."""
    paper, works = write_long_paper()
    times = []
    with TemporaryDirectory() as folder:
        own = replace(settings, index=Path(folder))
        index_documents([paper, *works], own)
        index = open_index(own)
        for _ in range(_AUDITS):
            started = time.perf_counter()
            audit = audit_paper(index, paper, own)
            times.append(time.perf_counter() - started)
    wrong = sum(marker.verdict in ("mismatch", "missing") for marker in audit.markers)
    print(f"{len(paper.text.split()):,} words, {len(audit.markers)} markers, {wrong} called wrong", file=sys.stderr)
    return times


def time_load(settings: Settings) -> dict[str, Served]:
    """Return how a server does when ten users ask at once: the API, and the page up to the first passage."""
    texts = [question.text for question in load_questions(EXAM)]
    with serve(settings) as port:
        return {
            "api_for_ten_users": measure_load(port, [ask_api(text) for text in texts]),
            "first_passage_for_ten_users_at_once": measure_bursts(port, [ask_page(text) for text in texts]),
            "first_passage_for_ten_users_without_a_pause": measure_load(
                port, [ask_page(text) for text in texts], total=500
            ),
        }
