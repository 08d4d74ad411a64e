"""Citations by pandoc's citeproc: the one file that knows pandoc, run as a program on one document per call.

The document is pandoc's own tree, so nothing of a work is ever read as Markdown or TeX; of HTML, citeproc knows <i>,
<b>, <sup>, <sub> and <span> in a title, as CSL-JSON has them. The tree that comes back is written out here, all text
escaped, by a closed list of marks.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

_Node: TypeAlias = Any  # of pandoc's tree: {"t": constructor, "c": content}
_API_VERSION = (1, 23)  # of the tree
_TIMEOUT_S = 60
_MARKS = {
    "Emph": "em",
    "Strong": "strong",
    "Superscript": "sup",
    "Subscript": "sub",
    "Underline": "u",
    "Strikeout": "s",
}
_QUOTES = {"SingleQuote": ("\u2018", "’"), "DoubleQuote": ("“", "”")}
# Where the nodes are that stand inside another one.
_INNER: Mapping[str, Callable[[_Node], list[_Node]]] = {
    **dict.fromkeys([*_MARKS, "Para", "Plain", "Note", "SmallCaps"], lambda content: content),
    **dict.fromkeys(["Span", "Cite", "Div", "Link", "Quoted"], lambda content: content[1]),
}
_SPACES = frozenset({"Space", "SoftBreak", "LineBreak"})
_ADDRESSES = ("https://", "http://")


class PandocError(Exception):
    """Pandoc is not there, or did not do what it was asked; it is caught where a plain form takes its place."""


@dataclass(frozen=True, slots=True)
class Line:
    """A citation, as plain text and as HTML."""

    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """What a style makes of sources: the citation of each use in running text, and the entry of each source by id."""

    in_text: tuple[Line, ...]
    entries: Mapping[str, Line]


def render(items: Sequence[Mapping[str, Any]], uses: Sequence[tuple[str, str]], style: bytes) -> Rendered:
    """Return citations and entries as a style has them; a call takes about .1 s, however many there are.

    Args:
        items: In CSL-JSON.
        uses: The id of the item that is cited and where in it, such as "p. 7", or nothing, in the order of a text.
        style: In the Citation Style Language.

    Raises:
        PandocError: Pandoc is not there, fails, or takes too long.
    """
    blocks = [{"t": "Para", "c": [_cite(number, *use)]} for number, use in enumerate(uses, 1)]
    document = {"pandoc-api-version": _API_VERSION, "meta": {}, "blocks": blocks}
    found = _run(document, items, style)
    paragraphs, entries = found[: len(uses)], found[len(uses) :]
    of_entries = {
        entry["c"][0][0].removeprefix("ref-"): _write(entry["c"][1])
        for division in entries
        if division["t"] == "Div" and division["c"][0][0] == "refs"
        for entry in division["c"][1]
    }
    return Rendered(tuple(_write([paragraph]) for paragraph in paragraphs), of_entries)


def find_pandoc() -> Path:
    """Return the program: the one that comes in a package, or else the machine's.

    Raises:
        PandocError: There is none.
    """
    spec = find_spec("pypandoc")
    packaged = [Path(folder) / "files" / "pandoc" for folder in (spec and spec.submodule_search_locations) or ()]
    on_path = shutil.which("pandoc")
    found = next((file for file in [*packaged, *([Path(on_path)] if on_path else [])] if file.is_file()), None)
    if found is None:
        raise PandocError("pandoc is not installed")
    return found


def _run(document: Mapping[str, Any], items: Sequence[Mapping[str, Any]], style: bytes) -> list[_Node]:
    with tempfile.TemporaryDirectory(prefix="ibid-cite-") as folder:
        works, csl = Path(folder) / "works.json", Path(folder) / "style.csl"
        works.write_text(json.dumps(items), encoding="utf-8")
        csl.write_bytes(style)
        files = [f"--data-dir={folder}", f"--bibliography={works}", f"--csl={csl}"]
        command = [str(find_pandoc()), "--sandbox", "--from=json", "--to=json", "--citeproc", *files]
        sent = json.dumps(document).encode()
        try:
            done = subprocess.run(command, input=sent, capture_output=True, timeout=_TIMEOUT_S, check=True)  # noqa: S603
            return list(json.loads(done.stdout)["blocks"])
        except subprocess.CalledProcessError as error:
            raise PandocError(f"pandoc failed: {error.stderr.decode(errors='replace').strip()[:200]}") from error
        except subprocess.TimeoutExpired as error:
            raise PandocError(f"pandoc took longer than {_TIMEOUT_S} s") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PandocError(f"pandoc cannot be used: {error}") from error


def _cite(number: int, item_id: str, place: str) -> _Node:
    """Return a citation; citeproc reads the place in its suffix as a locator."""
    words = [",", *place.split()] if place else []
    suffix = [node for word in words for node in ({"t": "Space"}, {"t": "Str", "c": word})][1:]
    citation = {
        "citationId": item_id,
        "citationPrefix": [],
        "citationSuffix": suffix,
        "citationMode": {"t": "NormalCitation"},
        "citationNoteNum": number,
        "citationHash": 0,
    }
    return {"t": "Cite", "c": [[citation], []]}


def _write(nodes: Iterable[_Node]) -> Line:
    lines = [_write_node(node) for node in nodes]
    html = "".join(line.html for line in lines)
    return Line(" ".join("".join(line.text for line in lines).split()), " ".join(html.split()))


def _write_node(node: _Node) -> Line:
    """Return a node with all that is in it; what is no text of a citation, such as raw code, is left out."""
    kind, content = node["t"], node.get("c")
    if kind == "Str":
        return Line(content, escape(content, quote=False))
    if kind in _SPACES:
        return Line(" ", " ")
    if kind not in _INNER:
        return Line("", "")
    inner = _join(_INNER[kind](content))
    if kind == "Quoted":
        return _wrap(inner, *_QUOTES[content[0]["t"]])
    if kind == "Link" and content[2][0].startswith(_ADDRESSES):
        return Line(inner.text, f'<a href="{escape(content[2][0])}">{inner.html}</a>')
    return Line(inner.text, f"<{_MARKS[kind]}>{inner.html}</{_MARKS[kind]}>") if kind in _MARKS else inner


def _join(nodes: Iterable[_Node]) -> Line:
    lines = [_write_node(node) for node in nodes]
    return Line("".join(line.text for line in lines), "".join(line.html for line in lines))


def _wrap(line: Line, opening: str, closing: str) -> Line:
    return Line(f"{opening}{line.text}{closing}", f"{opening}{line.html}{closing}")
