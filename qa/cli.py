"""The `ibid` command. What lies above plugs in by entry point, such as `serve`, so that nothing here imports it."""

import gc
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from index.errors import IbidError
from index.settings import Settings, load_settings

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from index.assemble import Built
    from index.fetch.works import Wanted

EXIT_FORESEEN = 2
EXIT_INTERRUPTED = 130
PLUGIN_GROUP = "ibid.commands"


class SourceChoice(StrEnum):
    """Which documents may answer."""

    paper = "paper"
    references = "references"
    all = "all"


class _Commands(TyperGroup):
    """The commands of this file and those that other packages plug in, which are imported only when they are called."""

    def list_commands(self, ctx: Any) -> list[str]:  # the type is private to typer
        """Return all names, the pipeline's order first."""
        return [*super().list_commands(ctx), *sorted(_list_plugins())]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name."""
        own = super().get_command(ctx, cmd_name)
        plugin = None if own else _list_plugins().get(cmd_name)
        if plugin is None:
            return own
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(name=cmd_name)(plugin.load())
        return typer.main.get_command(single)


@cache
def _list_plugins() -> "dict[str, EntryPoint]":
    # Imported where it is needed: it takes a twentieth of a cold answer. Of this program alone: to read what all others
    # have takes twenty times as long.
    from importlib.metadata import distribution

    return {plugin.name: plugin for plugin in distribution("ibid").entry_points.select(group=PLUGIN_GROUP)}


# Between two searches for garbage while an index is built: what is made of thousands of documents lasts until its end.
_ALLOCATIONS = 100_000

app = typer.Typer(
    cls=_Commands,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Ask a scholarly paper, and everything it cites.",
)

IndexOption = Annotated[
    Path | None, typer.Option("--index", metavar="DIR", help="Folder of the index, instead of the one in IBID_HOME.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


PaperOption = Annotated[
    str | None,
    typer.Option("--paper", metavar="PAPER", help="A paper by (part of) its name or title, not the one in use."),
]
ByHandOption = Annotated[
    Path | None,
    typer.Option(
        "--references",
        metavar="DIR",
        help="Folder of works saved by hand: 8.pdf is the text of entry 8. By default references/ beside the paper.",
    ),
]


def settings_for(index: Path | None, paper: str | None = None) -> Settings:
    """Return the settings in force, with the index's folder and the paper of the command line if it gives them."""
    settings = load_settings()
    if index:
        return replace(settings, index=index.absolute(), paper=None)
    return replace(settings, paper=paper) if paper else settings


@app.callback()
def _root() -> None:
    """Keep one command from becoming the whole program."""


@app.command()
def build(
    origins: Annotated[
        list[str] | None, typer.Argument(metavar="[PATH|URL|DOI|ARXIV ...]", help="What to index.")
    ] = None,
    *,
    references: ByHandOption = None,
    fetch_too: Annotated[bool, typer.Option("--fetch", help="Fetch the works that it cites as well.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Build even if nothing has changed.")] = False,
    index: IndexOption = None,
) -> None:
    """Index a paper: PDF, HTML, Markdown or text; seeds/ by default."""
    gc.set_threshold(_ALLOCATIONS)
    from index.build import build_index
    from qa.progress import show_progress

    settings = settings_for(index)
    with show_progress() as progress:
        built = build_index(
            origins or [str(_default_seeds())], settings, by_hand=references, fresh=fresh, progress=progress
        )
    _report(built)
    _prepare(built, settings)
    if fetch_too:
        from index.fetch.works import Wanted

        _fetch(settings if settings.index else replace(settings, paper=built.folder.name), Wanted(by_hand=references))


def _prepare(built: "Built", settings: Settings) -> None:
    """Audit the citations of what was built, so that the first question need not wait for it."""
    from index.bundle import open_index
    from qa.audits import load_audits
    from qa.progress import show_progress

    with show_progress() as progress:
        progress.announce("audit", 0)
        load_audits(open_index(replace(settings, index=built.folder)), settings)


def _default_seeds() -> Path:
    """Return seeds/ here, or else that of the checkout that this program runs from."""
    here = Path("seeds")
    return here if here.exists() else Path(__file__).resolve().parent.parent / "seeds"


def _report(built: "Built") -> None:
    manifest = built.manifest
    counts = f"{manifest.documents} documents, {manifest.passages} passages, {manifest.windows} windows"
    done = "nothing has changed" if built.encoded is None else f"{built.encoded} texts encoded"
    print(f"index {manifest.id} in {built.folder}: {counts}; {done}")


@app.command()
def fetch(
    *,
    only: Annotated[list[str] | None, typer.Option(metavar="N", help="Number of an entry; may be repeated.")] = None,
    refresh: Annotated[bool, typer.Option("--refresh", help="Ask again for what has come already.")] = False,
    references: ByHandOption = None,
    paper: PaperOption = None,
    index: IndexOption = None,
) -> None:
    """Fetch the works that the paper cites, politely, and index them; tell what came and what did not and why."""
    from index.fetch.works import Wanted

    _fetch(settings_for(index, paper), Wanted(tuple(only or ()), refresh=refresh, by_hand=references))


def _fetch(settings: Settings, wanted: "Wanted") -> None:
    from index.build import fetch_works
    from index.bundle import open_index
    from qa.progress import show_progress
    from qa.render import render_entries
    from qa.sources import list_sources

    with show_progress() as progress:
        built = fetch_works(settings, wanted, progress)
    render_entries(list_sources(open_index(settings)).references)
    _report(built)
    _prepare(built, settings)


@app.command()
def papers(*, as_json: JsonOption = False) -> None:
    """List the papers of the home; the one in use is marked."""
    from index.errors import NoIndexError
    from index.library import list_papers, read_in_use
    from qa.render import render_papers

    settings = load_settings()
    listed = list_papers(settings)
    try:
        used = read_in_use(settings)
    except NoIndexError:
        used = ""
    if as_json:
        rows = [{"name": paper.name, "title": paper.title, "in_use": paper.name == used} for paper in listed]
        print(json.dumps(rows, ensure_ascii=False))
    else:
        render_papers(listed, used)


@app.command()
def use(paper: Annotated[str, typer.Argument(help="A paper by (part of) its name or title.")]) -> None:
    """Choose the paper that is asked from now on."""
    from index.library import find_name, use_paper

    settings = load_settings()
    name = find_name(settings, paper)
    use_paper(settings, name)
    print(f"{name} is in use")


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="A paper, or the number of an entry whose fetched text is to go.")],
    *,
    paper: PaperOption = None,
    index: IndexOption = None,
) -> None:
    """Remove a paper with all that belongs to it, or the text that was fetched for an entry of the paper in use."""
    from index.build import remove_paper
    from index.entry_text import forget_work
    from index.library import find_name, has_paper

    settings = settings_for(index, paper)
    if paper or index or (name.isdigit() and not has_paper(settings, name)):
        built = forget_work(settings, name)
        _report(built)
        _prepare(built, settings)
        return
    found = find_name(settings, name)
    remove_paper(settings, found)
    print(f"{found} is removed")


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    *,
    k: Annotated[int, typer.Option("-k", help="How many passages.")] = 5,
    source: Annotated[SourceChoice, typer.Option(help="Which documents may answer.")] = SourceChoice.all,
    as_json: JsonOption = False,
    paper: PaperOption = None,
    index: IndexOption = None,
) -> None:
    """Answer a question with the passages that hold the answer."""
    from concurrent.futures import ThreadPoolExecutor

    from index.threads import use_one_thread
    from qa.question import check_k, check_question

    check_question(question)
    check_k(k)
    settings = settings_for(index, paper)
    gc.disable()  # nearly all that an answer makes lasts until its end
    use_one_thread()
    from index.bundle import open_index

    # The model loads beside Python: what else an answer needs is imported meanwhile.
    with ThreadPoolExecutor(1) as aside:
        opening = aside.submit(open_index, settings)
        from qa.answer import answer_question
        from qa.render import render_answer
    opened = opening.result()
    answer = answer_question(opened, question, settings, k=k, source=source.value)
    if as_json:
        print(json.dumps(asdict(answer), ensure_ascii=False))
        return
    named = [source.document.id for source in answer.sources]
    render_answer(answer, {document: opened.corpus.list_references(document) for document in named})


@app.command()
def show(
    locator: Annotated[str, typer.Argument(help="As `ibid ask` prints it.")],
    *,
    paper: PaperOption = None,
    index: IndexOption = None,
) -> None:
    """Show a passage in its surroundings."""
    from index.bundle import open_index
    from qa.answer import parse_locator
    from qa.render import render_place

    document, start, end = parse_locator(locator)
    corpus = open_index(settings_for(index, paper)).corpus
    render_place(corpus.load_document(document), corpus.find_place(document, start, end))


@app.command()
def sources(*, as_json: JsonOption = False, paper: PaperOption = None, index: IndexOption = None) -> None:
    """List the documents in the index, and the entries of the bibliography with what became of each."""
    from index.bundle import open_index
    from qa.render import render_sources
    from qa.sources import list_sources

    listed = list_sources(open_index(settings_for(index, paper)))
    if as_json:
        print(json.dumps(asdict(listed), ensure_ascii=False))
    else:
        render_sources(listed)


@app.command()
def doctor(*, index: IndexOption = None) -> None:
    """Check model, index, network and settings, and say how to mend what is wrong."""
    from qa.doctor import check_health
    from qa.render import render_health

    checks = check_health(settings_for(index))
    render_health(checks)
    if not all(check.ok for check in checks):
        raise typer.Exit(EXIT_FORESEEN)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a foreseen failure is one line on standard error and exit code 2."""
    arguments = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        code = app(args=arguments, standalone_mode=False)
        sys.stdout.flush()
    except IbidError as error:
        code = _fail(str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    except typer.TyperException as error:
        message = error.format_message() if isinstance(error, typer.BadParameter) else str(error)
        code = _fail(f"{message.rstrip('.')}; see `ibid --help`")
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    if code == EXIT_INTERRUPTED:  # typer turns Ctrl-C into this code
        print("ibid: interrupted; an index in force is whole", file=sys.stderr)
    gc.freeze()  # what is left goes with the process; to look for rings in it takes a sixth of a cold answer
    raise SystemExit(code)


def _fail(message: str) -> int:
    print("ibid: " + " ".join(message.split()), file=sys.stderr)
    return EXIT_FORESEEN
