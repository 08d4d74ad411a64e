"""Citations out: sources of an index in a citation style, or as a file for a reference manager."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any, Literal, TypeAlias

from index.bundle import Index
from index.errors import CitationError
from index.settings import Settings
from index.storage import write_whole
from qa.audits import load_audit
from qa.corrected import CorrectedOrder, correct_order
from qa.latex import write_bibtex
from qa.numbering import number_sources
from qa.pandoc import Line, PandocError, render
from qa.plain_form import format_entry, format_in_text
from qa.ris import write_ris
from qa.styles import DEFAULT_STYLE, load_style
from qa.targets import Catalogue, Target, find_target, list_bibliography, load_catalogue

Form: TypeAlias = Literal["text", "html", "bibtex", "biblatex", "ris", "csl-json"]
_Items: TypeAlias = Sequence[Mapping[str, Any]]

TARGETS_MAX = 2000
# What each form is called on the web, and how its files end.
MEDIA: Mapping[Form, tuple[str, str]] = {
    "text": ("text/plain; charset=utf-8", "txt"),
    "html": ("text/html; charset=utf-8", "html"),
    "bibtex": ("application/x-bibtex; charset=utf-8", "bib"),
    "biblatex": ("application/x-bibtex; charset=utf-8", "bib"),
    "ris": ("application/x-research-info-systems; charset=utf-8", "ris"),
    "csl-json": ("application/vnd.citationstyles.csl+json", "json"),
}
_WRITERS: Mapping[Form, Callable[[_Items], str]] = {
    "bibtex": lambda items: write_bibtex(items, "bibtex"),
    "biblatex": lambda items: write_bibtex(items, "biblatex"),
    "ris": write_ris,
    "csl-json": lambda items: json.dumps(items, ensure_ascii=False, indent=2) + "\n",
}
_MEND = "to have the style, install pandoc (pip install pypandoc-binary)"
_CJK_RANGES = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0xAC00, 0xD7AF))


@dataclass(frozen=True, slots=True)
class Citations:
    """Citations as a text that ends in a line break, and what a reader should know of them.

    Attributes:
        text: In text and HTML one citation a line; HTML is a fragment that holds only marks of text and links.
        media_type: Of the text.
        filename: A name for a file of it.
        notes: What is not as asked for or expected, such as an archived copy.
    """

    text: str
    media_type: str
    filename: str
    notes: tuple[str, ...] = ()


def cite_targets(
    index: Index, targets: Sequence[str], *, style: str = DEFAULT_STYLE, form: Form = "text", in_text: bool = False
) -> Citations:
    """Return the citations of what is named, in that order, a work that is named twice once.

    Args:
        index: Of a paper and what it cites.
        targets: Each `document:start-end`, a document's id, or the number of an entry.
        style: As `qa.styles.load_style` knows it; it matters to text and HTML.
        form: In which form.
        in_text: Whether to cite as in running text, each target with its place; a style of notes gives the note.

    Raises:
        CitationError: There is nothing to cite, no such entry, or no such form.
        LocatorError: There is no such document or place.
        StyleError: There is no such style.
    """
    if not 0 < len(targets) <= TARGETS_MAX:
        raise CitationError(f"{len(targets)} sources are named", f"name 1 to {TARGETS_MAX:,} sources to cite")
    _check_form(form, in_text=in_text)
    catalogue = load_catalogue(index)
    found = [find_target(index, catalogue, target) for target in targets]
    return _cite(catalogue, found, style, form, in_text=in_text)


def cite_bibliography(
    index: Index, order: Sequence[str] | None = None, *, style: str = DEFAULT_STYLE, form: Form = "text"
) -> Citations:
    """Return the bibliography of the index's first paper, each work once.

    Args:
        index: Of a paper and what it cites.
        order: Numbers of entries in the order that is wanted, without those that are not; by default all as printed.
        style: As in `cite_targets`.
        form: As in `cite_targets`.

    Raises:
        CitationError: The bibliography is empty or has no such entry, or there is no such form.
        StyleError: There is no such style.
    """
    _check_form(form, in_text=False)
    catalogue = load_catalogue(index)
    done = _cite(catalogue, list_bibliography(catalogue, order), style, form, in_text=False)
    return replace(done, filename=f"bibliography.{MEDIA[form][1]}")


def cite_corrected(index: Index, settings: Settings, *, style: str = DEFAULT_STYLE, form: Form = "text") -> Citations:
    """Return the bibliography of the index's first paper in the order in which its text means it; else as printed.

    Raises:
        CitationError: The bibliography is empty, or there is no such form.
        StyleError: There is no such style.
    """
    catalogue = load_catalogue(index)
    audit = load_audit(index, catalogue.paper, settings)
    order = correct_order(audit, catalogue.entries) if audit else CorrectedOrder(catalogue.entries)
    done = cite_bibliography(index, order.entries, style=style, form=form)
    return replace(done, notes=(*order.notes, *done.notes))


def save_citations(citations: Citations, file: Path) -> None:
    """Write citations to a file, whole or not at all; an HTML file says that it is in UTF-8.

    Raises:
        CitationError: The file cannot be written.
    """
    is_page = citations.media_type.startswith("text/html")
    head = '<!doctype html>\n<meta charset="utf-8">\n<title>Citations</title>\n' if is_page else ""
    content = (head + citations.text).encode(errors="replace")
    try:
        if file.exists() and not file.is_file():  # such as a pipe, which must not be replaced
            with file.open("wb") as opened:
                opened.write(content)
        else:
            write_whole(file.resolve(), content)
    except OSError as error:
        raise CitationError(
            f"cannot write to {file}: {error.strerror}",
            "name a file in a folder that can be written, or free some space",
        ) from error


def _check_form(form: str, *, in_text: bool) -> None:
    if form not in MEDIA:
        raise CitationError(f"there is no form {form[:40]!r}", f"ask for one of {', '.join(MEDIA)}")
    if in_text and form in _WRITERS:
        raise CitationError(f"{form} holds no citations in text", "ask for text or html, or leave --in-text out")


def _cite(catalogue: Catalogue, targets: Sequence[Target], style: str, form: Form, *, in_text: bool) -> Citations:
    numbers = number_sources(target.name for target in targets)
    chosen = {name: catalogue.items[name] for name in numbers}
    notes = [note for item in chosen.values() for note in item.notes]
    items = [item.csl for item in chosen.values()]
    if form in _WRITERS:
        return _make(form, _WRITERS[form](items), items, notes)
    sheet = load_style(style)
    uses = [(str(catalogue.items[target.name].csl["id"]), target.place) for target in targets]
    lines, more = _render(items, uses, sheet, style, in_text=in_text)
    texts = [line.text for line in lines] if form == "text" else [f"<p>{line.html}</p>" for line in lines]
    return _make(form, "".join(f"{text}\n" for text in texts), items, [*notes, *more])


def _render(
    items: _Items, uses: Sequence[tuple[str, str]], sheet: bytes, style: str, *, in_text: bool
) -> tuple[list[Line], list[str]]:
    """Return a line per use, or per item where no citation in text is asked for, and notes."""
    wanted = uses if in_text else [(str(item["id"]), "") for item in items]
    plain = _list_plain(items, wanted, in_text=in_text)
    try:
        done = render([_prepare(item) for item in items], wanted, sheet)
    except PandocError as error:
        return plain, [f"this is a plain form, not the style {style}: {error}; {_MEND}"]
    has_entries = bool(done.entries) and not in_text
    lines = [done.entries.get(name, Line("", "")) for name, _ in wanted] if has_entries else list(done.in_text)
    notes = [] if has_entries or in_text else [f"the style {style} has no bibliography; this is its note"]
    # Some styles print nothing of a work without author and date.
    if not all(line.text for line in lines):
        notes.append(f"the style {style} prints nothing where so little is known; there, this is a plain form")
    return [line if line.text else other for line, other in zip(lines, plain, strict=True)], notes


def _list_plain(items: _Items, uses: Sequence[tuple[str, str]], *, in_text: bool) -> list[Line]:
    by_id = {str(item["id"]): item for item in items}
    found = [(by_id[name], place) for name, place in uses]
    texts = [format_in_text(item, place) if in_text else format_entry(item) for item, place in found]
    return [Line(text, escape(text, quote=False)) for text in texts]


def _prepare(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item as citeproc prints it best; what a manager of references is given stays as it is."""
    prepared = {**item, "author": _join_names(item)}
    if item["type"] == "document" and not {"URL", "DOI"} & set(item):
        prepared["type"] = "report"  # a document without an address is private to Chicago, which leaves it out
    title = str(item.get("title", ""))
    if title.startswith("[") and title.endswith("]"):  # a description is no title, and "Www." no word
        prepared["title"] = f'<span class="nocase">{title}</span>'
    if str(item.get("URL", "")).casefold() == f"https://doi.org/{item.get('DOI')}".casefold():
        del prepared["URL"]  # some styles print both
    return prepared


def _join_names(item: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """Return the names of an item, Chinese, Japanese and Korean ones in one piece: citeproc sets a stop behind them."""
    return [
        {"literal": f"{name['family']}{name['given']}"}
        if name.get("given") and name.get("family") and _is_cjk(name["family"])
        else name
        for name in item.get("author", [])
    ]


def _is_cjk(text: str) -> bool:
    return any(low <= ord(char) <= high for char in text for low, high in _CJK_RANGES)


def _make(form: Form, text: str, items: _Items, notes: Sequence[str]) -> Citations:
    media_type, ending = MEDIA[form]
    stem = str(items[0]["id"]) if len(items) == 1 else "citations"
    return Citations(text, media_type, f"{stem}.{ending}", tuple(dict.fromkeys(notes)))
