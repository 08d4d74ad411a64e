"""Entries that are the same work, by what identifies it, or by title, author and year."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

from index.model import Reference
from index.references.identifiers import is_doi_url

_TITLE_MIN_LETTERS = 12  # shorter titles, such as "Introduction", are those of many works
_SAME_TITLE = 0.9  # share of letters that two titles of one work have in common


def find_same_works(references: Sequence[Reference]) -> dict[str, str]:
    """Return the number of each entry that repeats a work, with that of the first entry of the same work.

    Two entries are the same work if they share a DOI, an arXiv id or a URL, or if their titles, first authors and years
    agree but for case, punctuation and a few letters. Entries with different DOIs are different works.
    """
    firsts: dict[str, Reference] = {}
    same: dict[str, str] = {}
    for reference in references:
        keys = _work_keys(reference)
        known = next((firsts[key] for key in keys if key in firsts and _may_be_same(reference, firsts[key])), None)
        if known and known.number != reference.number:
            same[reference.number] = same.get(known.number, known.number)
        for key in keys:
            firsts.setdefault(key, known or reference)
    return same


def _work_keys(reference: Reference) -> list[str]:
    """Return keys of which the same work shares at least one, the surest first."""
    keys = [f"doi {reference.doi}"] if reference.doi else []
    keys += [f"arxiv {reference.arxiv}"] if reference.arxiv else []
    if reference.url and not is_doi_url(reference.url) and not reference.arxiv:
        keys.append(f"url {_fold_url(reference.url)}")
    words, author = _fold_words(reference.title or ""), _first_author(reference)
    if author and sum(map(len, words)) >= _TITLE_MIN_LETTERS:
        # A typo spares the beginning or the end of the title, and the letters of either in any order.
        halves = ("".join(words[: len(words) // 2]), "".join(words[len(words) // 2 :]))
        keys += [f"title {part} {author} {reference.year} {half}" for part, half in enumerate(halves)]
    return keys


def _may_be_same(one: Reference, other: Reference) -> bool:
    """Say whether two entries that share a key agree in the rest."""
    if one.doi and other.doi:
        return one.doi == other.doi
    if one.arxiv and other.arxiv:
        return one.arxiv == other.arxiv
    if not one.title or not other.title:
        return True
    title, other_title = ("".join(_fold_words(each.title or "")) for each in (one, other))
    if re.findall(r"\d+", title) != re.findall(r"\d+", other_title):
        return False  # the second part of a report is not the first
    return SequenceMatcher(None, title, other_title, autojunk=False).ratio() >= _SAME_TITLE


def _first_author(reference: Reference) -> str:
    name = reference.names[0] if reference.names else None
    return "".join(_fold_words((name.family or name.literal) if name else reference.authors or ""))[:40]


def _fold_words(text: str) -> list[str]:
    """Return the words of `text` in small letters without accents."""
    plain = unicodedata.normalize("NFKD", text[:500]).casefold()
    return re.findall(r"[^\W_]+", "".join(char for char in plain if not unicodedata.combining(char)))


def _fold_url(url: str) -> str:
    """Return a URL as it compares: without scheme, "www.", fragment and closing slash."""
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", url.split("#", maxsplit=1)[0].strip(), flags=re.IGNORECASE)
    host, slash, path = bare.partition("/")
    return f"{host.casefold()}{slash}{path}".rstrip("/")
