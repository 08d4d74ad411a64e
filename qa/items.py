"""What is cited, as CSL-JSON: a document of the index, an entry of a bibliography, or both where an entry has a text.

Titles stay as they are printed, also in capitals: which words of a title are names, such as "UNITED STATES", cannot be
told from it, and a wrong letter in a citation is worse than a loud one.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from index.csl import to_csl
from index.model import Outcome, Reference, Work
from qa.bylines import name_authors, name_printed

_ARXIV = re.compile(r"(?:10\.48550/arxiv\.|arxiv\.org/(?:abs|pdf)/)(\d{4}\.\d{4,5}|[a-z.-]+/\d{7})", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*(?:\[?\d{1,4}[.\])]\s*)?")
_ADDRESS = re.compile(r"<?https?://\S+")
# Line breaks and other signs without a shape; they would end a line of RIS, or a record.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]+")
_LETTERS = str.maketrans(
    {"đ": "d", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "ß": "ss", "\u0131": "i", "þ": "th", "ð": "d"}
)
_LITTLE_WORDS = frozenset("a an and der die das the of on in for to la le les el los un une".split())
# Letters that no other language has.
_VIETNAMESE = re.compile(r"[ơưƠƯ\u1ea0-\u1ef1]")
_KEY_PART_MAX_CHARS = 24


@dataclass(frozen=True, slots=True)
class Item:
    """A work to cite.

    Attributes:
        csl: Its CSL-JSON.
        stem: Of its key; of a work that an entry cites, what the entry says of it, whether or not its text is held.
        notes: What a reader should know of it.
    """

    csl: Mapping[str, Any]
    stem: str = ""
    notes: tuple[str, ...] = ()


def make_item(work: Work | None, entry: Reference | None, outcome: Outcome | None = None) -> Item:
    """Return the item of a work.

    Args:
        work: The document that is its text, where it is held.
        entry: The entry that cites it, if one does.
        outcome: What became of the entry.
    """
    merged = _merge(work, entry)
    csl = _narrow(_clean(to_csl(merged)), merged)
    if _VIETNAMESE.search(csl.get("title", "")):
        csl["language"] = "vi"  # or else styles give each word a capital, as in English
    told = [_read_where(csl, outcome), _entitle(csl, merged)]
    printed = to_csl(_merge(None, entry)) if entry else csl
    return Item(csl, _make_stem(printed), tuple(note for note in told if note))


def name_keys(items: Mapping[str, Item]) -> dict[str, Item]:
    """Return items with keys that are unique, ASCII, and the same whichever of them are cited.

    A key is the first author's family, the year and the first weighty word of the title; a number tells apart what has
    the same, in the order of the items.
    """
    taken: set[str] = set()
    keyed: dict[str, Item] = {}
    for name, item in items.items():
        stem = item.stem or fold_ascii(name)
        key = next(key for key in _iter_keys(stem) if key not in taken)
        taken.add(key)
        keyed[name] = replace(item, csl={**item.csl, "id": key})
    return keyed


def fold_ascii(text: str) -> str:
    """Return the letters and digits of `text` that ASCII has, in small letters and without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(char for char in plain if char.isascii() and char.isalnum())


def _merge(work: Work | None, entry: Reference | None) -> Reference:
    """Return one record of a work: what its text says goes before what an entry says of it."""
    base = entry or Reference(number="", raw="", start=0, end=0)
    if not work:
        return replace(base, names=name_printed(base), arxiv=base.arxiv or _find_arxiv(base.doi, base.url))
    year = work.year or base.year
    doi = work.doi or base.doi
    url = base.url or (None if doi and entry else work.url)
    return replace(
        base,
        title=work.title or base.title,
        names=name_authors(work, entry),
        year=year,
        issued=base.issued if year == base.year else None,
        container=work.container or base.container,
        doi=doi,
        url=url,
        arxiv=base.arxiv or _find_arxiv(doi, url),
    )


def _find_arxiv(*addresses: str | None) -> str | None:
    found = (_ARXIV.search(address) for address in addresses if address)
    return next((each[1] for each in found if each), None)


def _narrow(csl: dict[str, Any], merged: Reference) -> dict[str, Any]:
    """Return an item with what its other fields say of its type, its publisher and the site that holds it."""
    container = csl.get("container-title", "")
    if csl["type"] == "article" and container.casefold() in {"", "arxiv", "arxiv preprint"}:
        csl.pop("container-title", None)
        csl |= {"publisher": "arXiv", "URL": csl.get("URL") or f"https://arxiv.org/abs/{merged.arxiv}"}
    if csl["type"] == "document" and container and "DOI" in csl:
        csl["type"] = "article-journal"
    authors = [name.get("literal", "") for name in csl.get("author", [])]
    if csl["type"] == "webpage" and fold_ascii(container) in map(fold_ascii, authors):
        csl.pop("container-title", None)  # a site that is its own author is named once
    return csl


def _read_where(csl: dict[str, Any], outcome: Outcome | None) -> str:
    """Put into an item when its page was read; return a note where an archive's copy was."""
    read = outcome.provenance if outcome else None
    if not read or read.route == "by_hand":
        return ""
    if csl["type"] == "webpage" and "accessed" not in csl:
        csl["accessed"] = {"date-parts": [[int(part) for part in read.fetched_at[:10].split("-")]]}
    if read.route != "archive":
        return ""
    csl["note"] = f"Archived copy at {read.got}"
    return f"{csl.get('title') or csl.get('URL', 'a work')}: what was read is an archived copy, {read.got}"


def _entitle(csl: dict[str, Any], merged: Reference) -> str:
    """Give an item without a title what is printed, or say in brackets what it is; return a note of it."""
    if csl.get("title"):
        return ""
    if csl.get("author") and csl.get("container-title"):  # physicists print no titles
        return f"entry {merged.number} prints no title"
    printed = clean_text(_ADDRESS.sub("", _NUMBER.sub("", merged.raw))).strip(" .,;<>")
    host = urlsplit(csl.get("URL") or "").hostname
    if re.search(r"\w{3}", printed):
        csl["title"] = printed
        return f"entry {merged.number} could not be taken apart; it is cited as printed"
    csl["title"] = f"[Web page at {host}]" if host else "[Untitled work]"
    return f"entry {merged.number} prints no title" if merged.number else "the work has no title"


def _clean(csl: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item without empty fields, each value on one line."""
    cleaned = {field: _clean_value(value) for field, value in csl.items()}
    return {field: value for field, value in cleaned.items() if value not in ("", [], None)}


def _clean_value(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {part: _clean_value(inner) for part, inner in value.items()}
    if isinstance(value, Sequence):
        return [inner for inner in map(_clean_value, value) if inner not in ({"literal": ""}, {}, "")]
    return value


def clean_text(text: str) -> str:
    """Return `text` on one line, without control characters."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def _make_stem(csl: Mapping[str, Any]) -> str:
    authors = csl.get("author") or [{}]
    name = authors[0].get("family") or authors[0].get("literal") or ""
    year = csl["issued"]["date-parts"][0][0] if "issued" in csl else "nd"
    words = (fold_ascii(word) for word in re.split(r"[\W_]+", csl.get("title", "")))
    weighty = next((word for word in words if word and word not in _LITTLE_WORDS), "")
    family = fold_ascii(name)[:_KEY_PART_MAX_CHARS]
    return f"{family}{year}{weighty[:_KEY_PART_MAX_CHARS]}" if family or weighty else ""


def _iter_keys(stem: str) -> Iterator[str]:
    yield stem
    yield from (f"{stem}-{number}" for number in itertools.count(2))
