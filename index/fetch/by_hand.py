"""Texts of cited works that a reader put into a folder by hand, named by the entries that they belong to."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from index.model import Reference

# The kinds of files that are taken. Where an entry has two, the one before: a PDF knows its pages.
_SUFFIXES = (".pdf", ".html", ".htm", ".xhtml", ".md", ".markdown", ".txt", ".text")
_VERSION = re.compile(r"v\d{1,3}$")


def find_by_hand(folder: Path, references: Sequence[Reference]) -> tuple[dict[str, Path], tuple[Path, ...]]:
    """Find the texts of works that were put into a folder by hand.

    A file is named by the number of an entry (`8.html`, `8.pdf`), by its DOI (`doi-10.1000_xyz.pdf`) or by its arXiv
    id (`arxiv-2411.09134.pdf`, or as arXiv itself names it, `2411.09134v2.pdf`). Folders inside are not looked at:
    browsers put pictures there.

    Returns:
        The file of each entry that has one, by its number, and the files that are of no use: they name no entry, are of
        no kind that can be read, or name an entry that has a better one.
    """
    files = list_candidates(folder)
    names = {name: number for reference in reversed(references) for name, number in _iter_names(reference)}
    names |= {name_by_hand(reference.number): reference.number for reference in reversed(references)}
    found: dict[str, Path] = {}
    for file in sorted(files, key=_rank_suffix):
        name = _normalise(file.stem)
        number = names.get(name, names.get(_VERSION.sub("", name)))
        if number is not None and file.suffix.lower() in _SUFFIXES:
            found.setdefault(number, file)
    return found, tuple(file for file in files if file not in found.values())


def name_by_hand(number: str) -> str:
    """Return the name, without a suffix, of the file that holds the text of entry `number`."""
    return _normalise(number)


def list_candidates(folder: Path) -> list[Path]:
    """Return the files in a folder that may be texts put in by hand, by name; none of a folder that is not there."""
    return sorted(file for file in folder.iterdir() if _is_candidate(file, folder)) if folder.is_dir() else []


def _is_candidate(file: Path, folder: Path) -> bool:
    """Say whether a file may be a text; what a link takes from elsewhere on the machine is not to be quoted."""
    if not file.is_file() or file.name.startswith(".") or file.stem.casefold() == "readme":
        return False
    return not file.is_symlink() or file.resolve().is_relative_to(folder.resolve())


def _rank_suffix(file: Path) -> int:
    suffix = file.suffix.lower()
    return _SUFFIXES.index(suffix) if suffix in _SUFFIXES else len(_SUFFIXES)


def _iter_names(reference: Reference) -> Iterator[tuple[str, str]]:
    """Yield the names, made alike, that a file with an entry's text may have but for its number."""
    if reference.doi:
        slug = _normalise(reference.doi)
        yield from ((f"doi-{slug}", reference.number), (slug, reference.number))
    if reference.arxiv:
        slug = _normalise(reference.arxiv)
        yield from ((f"arxiv-{slug}", reference.number), (slug, reference.number))


def _normalise(name: str) -> str:
    """Return a name in small letters and digits with hyphens between; a number without leading zeros."""
    slug = re.sub(r"[\W_]+", "-", unquote(name).casefold()).strip("-")
    return (slug.lstrip("0") or "0") if slug.isdecimal() else slug
