"""The commands `ibid cite` and `ibid audit`."""

import json
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from index.errors import CitationError
from qa.cli import IndexOption, JsonOption, PaperOption, settings_for


class CitationForm(StrEnum):
    """In which form citations are given."""

    text = "text"
    html = "html"
    bibtex = "bibtex"
    biblatex = "biblatex"
    ris = "ris"
    csl_json = "csl-json"


def cite(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET ...", help="A locator as `ibid ask` prints it, a document, or an entry's number."
        ),
    ] = None,
    *,
    style: Annotated[
        str,
        typer.Option(help="apa, mla, chicago, chicago-notes, ieee, harvard, vancouver, or any CSL style's file name."),
    ] = "apa",
    form: Annotated[CitationForm, typer.Option("--format", help="In which form.")] = CitationForm.text,
    in_text: Annotated[bool, typer.Option("--in-text", help="As in running text, with page or paragraph.")] = False,
    bibliography: Annotated[
        bool, typer.Option("--bibliography", help="All that the paper cites, in the order in which its text means it.")
    ] = False,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write to a file.")] = None,
    paper: PaperOption = None,
    index: IndexOption = None,
) -> None:
    """Cite sources in a style, or for a reference manager; notes on them go to standard error."""
    if bool(targets) == bibliography or (bibliography and in_text):
        raise CitationError(
            "there is nothing to cite" if not targets else "only one can be had, sources or the whole bibliography",
            "name what to cite: ibid cite LOCATOR or ibid cite NUMBER; or give --bibliography alone",
        )
    # Imported here, as help loads this file.
    from index.bundle import open_index
    from qa.citations import cite_corrected, cite_targets, save_citations

    settings = settings_for(index, paper)
    opened = open_index(settings)
    if targets:
        done = cite_targets(opened, targets, style=style, form=form.value, in_text=in_text)
    else:
        done = cite_corrected(opened, settings, style=style, form=form.value)
    if output:
        save_citations(done, output)
    else:
        print(done.text, end="")
    for note in done.notes:
        print(f"ibid: {note}", file=sys.stderr)


def audit(*, as_json: JsonOption = False, paper: PaperOption = None, index: IndexOption = None) -> None:
    """Check every marker: what it points to, what its sentence is about, and whether the two agree."""
    from index.bundle import open_index
    from qa.audits import join_audits, load_audits
    from qa.render import render_audit

    settings = settings_for(index, paper)
    opened = open_index(settings)
    audits = load_audits(opened, settings)
    if as_json:
        print(json.dumps(asdict(join_audits(audits)), ensure_ascii=False))
        return
    for each in audits.values():
        title = opened.corpus.load_work(each.document).title if len(audits) > 1 else ""
        render_audit(each, opened.corpus.list_references(each.document), title=title)
    if not audits:
        print("the paper has no markers that could be checked")
