"""`python -m eval.bench.added --windows N`: how long until a new document of ten pages is found among N windows.

The index is the one that `scale.py` grows, in a folder of its own as if it had been built from a folder of texts. Then
a text is put into that folder and `ibid build` is run; a process that has the index open, as a server has, asks for a
sentence of the text until it is found. The model reads the new text as it reads any.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from eval.bench.child import ChildError, run_child
from eval.bench.passages import load_passages
from eval.bench.scale import grow
from index.accessions import Accession, Accessions, save_accessions
from index.assemble import list_makers, make_manifest
from index.bundle import LiveIndex, find_bundle, install_bundle, load_manifest, new_bundle, save_manifest
from index.corpus import Corpus
from index.encode import OnnxEncoder
from index.export import export_model
from index.families import list_families
from index.library import Original, Paper, save_paper
from index.reader import Reader
from index.segment import CORPUS_FILE, link_segment
from index.settings import Settings, load_settings
from index.sources import Source, find_sources
from qa.answer import Answer, answer_question

_ROUNDS = 5
_WORDS = 4_000  # of ten pages
_PARAGRAPH_WORDS = 120
_POLL_S = 0.02
_LONG_AGO_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class Added:
    """Seconds from the start of a build.

    Attributes:
        found_s: Until a process that has the index open finds the new document.
        built_s: Until the build has ended.
        asked_s: Of `ibid ask` after that, from its start to its end.
        segments: How many the index has then.
    """

    found_s: float
    built_s: float
    asked_s: float
    segments: int


def lay_out(windows: int, settings: Settings) -> Path:
    """Make a folder of texts and an index of it, unless they are there; return the folder that holds both."""
    folder = settings.home / "eval" / "added" / str(windows)
    index = folder / "index"
    if (index / "current").exists():
        return folder
    own = grow(windows, settings)
    bundle = find_bundle(own.index or settings.home)
    cards = load_manifest(bundle).segments
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "sources").mkdir(parents=True)
    digests: dict[str, tuple[str, int]] = {}
    for card in cards:
        digests |= _write_texts(Corpus(bundle / card.name / CORPUS_FILE), folder / "sources")
    known, sources = Accessions(), find_sources([folder / "sources"])
    for source in sources:
        if source.note:
            known.note(source.origin, source.note)
    paper = _describe(sources, folder)
    save_paper(index, paper, [source.load for source in sources])
    model = export_model(settings.model, settings.models_folder)
    reader = Reader(list_families(index, paper, sources, known), list_makers(settings, model), known)
    for stamp, source in zip(reader.stamps, sources, strict=True):
        known.read[stamp] = _note_reading(source, *digests[source.document_id])
    with new_bundle(index) as part:
        for card in cards:
            link_segment(bundle / card.name, part / card.name)
        save_manifest(part, make_manifest(reader.identity, settings, OnnxEncoder(model), model.name, cards))
        save_accessions(index, known, reader.stamps)
        install_bundle(index, part, reader.identity)
    return folder


def _note_reading(source: Source, digest: str, chars: int) -> Accession:
    return Accession(source.document_id, 1, [digest], [chars])


def _write_texts(corpus: Corpus, folder: Path) -> dict[str, tuple[str, int]]:
    """Write a file for each document, as if it had lain there for long; return digests and lengths by its name."""
    when = time.time_ns() - _LONG_AGO_NS
    found = {}
    for digest, work in zip(corpus.list_digests(), corpus.list_works(), strict=True):
        text = corpus.load_text(work.id)
        file = folder / f"{work.id}.txt"
        file.write_text(text, encoding="utf-8")
        os.utime(file, ns=(when, when))
        found[work.id] = digest, len(text)
    return found


def _describe(sources: tuple[Source, ...], folder: Path) -> Paper:
    originals = tuple(Original(each.origin, each.document_id, each.sha256, each.label) for each in sources)
    return Paper("index", sources[0].document_id, originals, None, (str(folder / "sources"),))


def add(folder: Path, settings: Settings) -> Added:
    """Put a new text into a folder of texts, build its index anew, and ask for it."""
    sources, index = folder / "sources", folder / "index"
    number = sum(1 for _ in sources.glob("new-*.txt"))
    question = f"By how many candles was the lighthouse of {name_place(number)} lit?"
    (sources / f"new-{number}.txt").write_text(write_text(number), encoding="utf-8")
    live = LiveIndex(replace(settings, index=index))
    answer_question(live.get(), question, settings)
    ibid = Path(sys.executable).parent / "ibid"
    started = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - our own command
        [ibid, "build", sources, "--index", index], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as build:
        while not _is_found(answer_question(opened := live.get(), question, settings), number):
            _wait(build, index, opened.folder)
        found_s = time.perf_counter() - started
        build.wait()
        built_s = time.perf_counter() - started
    asked = run_child([ibid, "ask", question, "--json", "--index", index])
    if f"new-{number}" not in {each["document"]["id"] for each in json.loads(asked.stdout)["passages"]}:
        raise ChildError("the new document is not found")
    return Added(found_s, built_s, asked.wall_s, len(live.get().manifest.segments))


def write_text(number: int) -> str:
    """Return about ten pages of what all is measured on, with a sentence that no other text has in their middle."""
    words = " ".join(load_passages().texts[number::40]).split()[:_WORDS]
    answer = f"The lighthouse of {name_place(number)} was lit by {1000 + number} candles until 1902."
    words[_WORDS // 2 : _WORDS // 2] = ["\n\n", *answer.split(), "\n\n"]
    paragraphs = (" ".join(words[at : at + _PARAGRAPH_WORDS]) for at in range(0, len(words), _PARAGRAPH_WORDS))
    return "\n\n".join(paragraphs)


def name_place(number: int) -> str:
    """Return the name of a place that no other text names."""
    return "Sk" + "".join("aeioukrlmn"[int(digit)] + "v" for digit in str(number)) + "holm"


def _is_found(answer: Answer, number: int) -> bool:
    return f"new-{number}" in {passage.document.id for passage in answer.passages}


def _wait(build: "subprocess.Popen[bytes]", index: Path, bundle: Path) -> None:
    """Wait until another bundle is in force than the one that does not find the new document."""
    has_ended = False
    while find_bundle(index) == bundle:
        if has_ended:
            raise ChildError(f"the build ends with {build.returncode}, and the new document is not found")
        has_ended = build.poll() is not None
        time.sleep(_POLL_S)


def main() -> None:
    """Add documents to an index of a size, and print the median times."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.added")
    parser.add_argument("--windows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    args = parser.parse_args()
    settings = replace(load_settings(), index=None)
    folder = lay_out(args.windows, settings)
    rounds = []
    for _ in range(args.rounds):
        rounds.append(add(folder, settings))
        each = rounds[-1]
        print(
            f"found after {each.found_s:.2f} s; the build ends after {each.built_s:.2f} s, and `ibid ask` takes "
            f"{each.asked_s:.2f} s; {each.segments} segments"
        )
    spread = [statistics.median(each.found_s for each in rounds), max(each.found_s for each in rounds)]
    print(f"{args.windows:,} windows: found after {spread[0]:.2f} s (median), {spread[1]:.2f} s at most")


if __name__ == "__main__":
    main()
