"""`make bench`: how fast a cold `ibid ask`, a warm question, a build, an audit and a server for ten users are."""

import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from eval.ask import ask_questions
from eval.audited import load_works, print_entry
from eval.gate import EXAM
from eval.load import Served, ask_api, ask_page, measure_bursts, measure_load, serve
from eval.questions import load_questions
from index.build import index_documents
from index.bundle import open_index
from index.encode import OnnxEncoder
from index.model import Document
from index.paper import parse_paper
from index.settings import Settings, load_settings
from qa.audit import audit_paper

_COLD_RUNS = 5
_BUILDS = 5
_AUDITS = 5
_WORKS = 100  # that the long paper cites
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


def main() -> None:
    """Print the figures as JSON."""
    settings = load_settings()
    outcomes = ask_questions(load_questions(EXAM), open_index(settings), settings)
    warm = statistics.quantiles([outcome.latency_ms for outcome in outcomes], n=100)
    cold = time_cold_ms()
    builds = time_builds(settings)
    audits = time_audits_s(settings)
    served = time_load(settings)
    figures = {
        "cold_ask_ms": {"median": statistics.median(cold), "min": min(cold), "max": max(cold)},
        "build_over_encoding": {"median": statistics.median(builds), "min": min(builds), "max": max(builds)},
        "audit_of_40_pages_s": {"median": statistics.median(audits), "min": min(audits), "max": max(audits)},
        "warm_question_ms": {"p50": warm[49], "p95": warm[94], "p99": warm[98]},
        **{name: asdict(each) for name, each in served.items()},
    }
    print(json.dumps({name: {k: round(v, 2) for k, v in of.items()} for name, of in figures.items()}, indent=1))


if __name__ == "__main__":
    main()
