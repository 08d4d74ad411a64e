"""A program of its own that does one long work for the server: `python -m web.job`.

It reads what to do as one line of JSON, and prints how far it is as lines of JSON. It ends when it is told to
(SIGTERM) and when the server is gone, and leaves the index that was there whole.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal, NoReturn, TypeAlias

from index.assemble import Built, Progress
from index.errors import IbidError, SourceError
from index.settings import Settings

# Questions go before: a work may take longer, an answer may not.
_NICENESS = 10
EXIT_CANCELLED = 130
_MARKDOWN_SUFFIXES = (".md", ".markdown")

TaskKind: TypeAlias = Literal["add", "fetch", "text", "forget"]
Tell: TypeAlias = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Task:
    """What to do.

    Attributes:
        kind: "add" indexes a paper, "fetch" fetches what one cites, "text" takes a file as the text of a work that one
            cites, and "forget" removes such a text.
        paper: The paper that it is about, by its name; empty for a new one.
        address: URL, DOI or arXiv id of a new paper.
        file: Where the bytes lie that were sent; empty where none were.
        name: As what they were sent: a file's bare name.
        number: An entry of the paper's bibliography; of "fetch", none stands for all.
    """

    kind: TaskKind
    paper: str = ""
    address: str = ""
    file: str = ""
    name: str = ""
    number: str = ""


def write_order(task: Task, settings: Settings) -> str:
    """Return what the program reads: what to do and where, on one line."""
    return json.dumps({"task": asdict(task), "settings": asdict(settings)}, default=str) + "\n"


def read_order(line: str) -> tuple[Task, Settings]:
    """Return what `write_order` wrote."""
    order = json.loads(line)
    task, settings = order["task"], order["settings"]
    paths = {name: Path(settings[name]) if settings[name] else None for name in ("home", "index")}
    return Task(**task), Settings(**{**settings, **paths})


def main() -> None:
    """Do what standard input asks for."""
    # Only what is said here may stand in the lines; whatever else is printed goes to the log.
    lines = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    signal.signal(signal.SIGTERM, _cancel)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then ends this one in good order
    os.nice(_NICENESS)
    order = sys.stdin.readline()
    threading.Thread(target=_end_with, args=(sys.stdin,), daemon=True).start()

    def tell(line: Mapping[str, Any]) -> None:
        print(json.dumps(line), file=lines, flush=True)

    try:
        run_task(*read_order(order), tell)
    except IbidError as error:
        tell(error.to_json())


def _cancel(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(EXIT_CANCELLED)


def _end_with(server: IO[str]) -> None:
    """End this program when the server, which holds the other end of the line, is gone."""
    server.read()
    os.kill(os.getpid(), signal.SIGTERM)


def run_task(task: Task, settings: Settings, tell: Tell) -> None:
    """Do what is asked, and tell how far it is and which paper it was.

    Raises:
        IbidError: It cannot be done.
    """
    progress = Progress(lambda stage, total: tell({"stage": stage, "total": total}), lambda n: tell({"done": n}))
    if task.paper and settings.index is None:
        settings = replace(settings, paper=task.paper)
    built = {"add": _add, "fetch": _fetch, "text": _take_text, "forget": _forget}[task.kind](task, settings, progress)
    _audit(built, settings, progress)
    from index.library import load_paper

    tell({"paper": built.folder.name, "title": load_paper(built.folder).title})


def _add(task: Task, settings: Settings, progress: Progress) -> Built:
    from index.library import list_papers

    known = {paper.name for paper in list_papers(settings)}
    try:
        return _build(task, settings, progress)
    except BaseException:
        _remove_unfinished(settings, known)
        raise


def _remove_unfinished(settings: Settings, known: Collection[str]) -> None:
    """Remove a paper that none knew before and that has no index: nobody can open it."""
    from index.build import remove_paper
    from index.bundle import CURRENT_FILE
    from index.library import list_papers

    for name in {paper.name for paper in list_papers(settings)}.difference(known):
        if not (settings.papers_folder / name / CURRENT_FILE).exists():
            with suppress(IbidError):  # another program builds it just now
                remove_paper(settings, name)


def _build(task: Task, settings: Settings, progress: Progress) -> Built:
    from index.address import parse_address
    from index.build import build_sources, fetch_paper
    from index.sources import make_source

    if task.address:
        # Never a path, even where a file lies there: whoever asks may be on another machine.
        address = parse_address(task.address)
        if address is None:
            raise SourceError(f"{task.address!r} is no address", "give a DOI, an arXiv id or a URL")
        progress.announce("fetch", 0)
        return build_sources([fetch_paper(address, settings)], settings, progress=progress)
    content = Path(task.file).read_bytes()
    source = make_source(content, task.name, name=Path(task.name).stem, label=_label(task.name))
    # Files of one name need not be one paper; those of the same bytes are.
    origin = f"{task.name} #{source.sha256[:8]}"
    try:
        return build_sources([replace(source, origin=origin)], settings, progress=progress)
    except SourceError as error:
        raise SourceError(error.message.replace(origin, task.name), error.hint) from error


def _label(name: str) -> str:
    """Return the content type that a file's name tells, where its bytes do not."""
    return "text/markdown" if name.lower().endswith(_MARKDOWN_SUFFIXES) else ""


def _fetch(task: Task, settings: Settings, progress: Progress) -> Built:
    from index.build import fetch_works
    from index.fetch.works import Wanted

    return fetch_works(settings, Wanted((task.number,) if task.number else ()), progress)


def _take_text(task: Task, settings: Settings, progress: Progress) -> Built:
    from index.entry_text import take_text

    content = Path(task.file).read_bytes()
    return take_text(settings, task.number, content, name=task.name, label=_label(task.name), progress=progress)


def _forget(task: Task, settings: Settings, progress: Progress) -> Built:
    from index.entry_text import forget_work

    return forget_work(settings, task.number, progress)


def _audit(built: Built, settings: Settings, progress: Progress) -> None:
    """Audit the citations of what was built, so that the first question need not wait for it."""
    from index.bundle import open_index
    from qa.audits import load_audits

    progress.announce("audit", 0)
    load_audits(open_index(replace(settings, index=built.folder, paper=None)), settings)


if __name__ == "__main__":
    main()
