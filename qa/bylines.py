"""Names of authors, as a title page or an entry prints them, taken apart where that is safe.

A name that is not surely that of a person with a family and a given name stays in one piece, as `literal`: "Wei, W."
for Wang Wei would be wrong, "Wang Wei" is not. Names printed in capitals are written in small letters: the capitals are
those of a layout, and every word of a name begins with a large letter anyway, which is not so in a title.
"""

import re
import unicodedata
from collections.abc import Sequence

from index.model import Name, Reference, Work
from index.references.names import is_body, read_names

_DEGREES = re.compile(r",\s*(?:Ph\.?\s?D|M\.?D|M\.?Sc|B\.?Sc|M\.?A|M\.?B\.?A|D\.?Phil|Esq|R\.?N)\b\.?,?", re.IGNORECASE)
_CJK = re.compile(r"([\u3400-\u9fff\uac00-\ud7af]{1,2})[ \u3000]([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{1,4})")
# Families that stand first at home and last abroad: with one of them in front, the order cannot be told.
_EASTERN = frozenset(
    "bai cai cao chang chen cheng choi cui deng ding dong du fan fang feng fu gao guo han he hu huang jia "
    "jiang jin kang kim kong lai li liang liao lim lin liu long lu luo lü ma meng pan park peng qian qin "
    "ren shao shen shi song su sun tan tang tao tian wan wang wei wen wu xia xiao xie xiong xu xue yan "
    "yang yao ye yi yin yu yuan zeng zhang zhao zheng zhong zhou zhu zou".split()
)
# The same holds of Vietnamese names of two words; of longer ones, `read_names` knows the order.
_VIETNAMESE = frozenset(
    "bui bùi dang dinh do duong hoang huynh le lê ly ngo nguyen nguyễn pham phan tran trần vo vu vũ".split()
)
_TWO_WORDS = 2


def name_authors(work: Work, entry: Reference | None) -> tuple[Name, ...]:
    """Return the authors of a work as names; an entry that cites it tells which word is the family."""
    cited = entry.names if entry else ()
    if not work.authors:
        return name_printed(entry) if entry else ()
    families = [name.family for name in cited] if len(cited) == len(work.authors) else [""] * len(work.authors)
    return tuple(split_name(author, family) for author, family in zip(work.authors, families, strict=True))


def name_printed(entry: Reference) -> tuple[Name, ...]:
    """Return the authors of an entry as names, those with an acronym in front, such as "GR Japan", in one piece."""
    if not entry.names:
        return (Name(literal=entry.authors),) if entry.authors else ()
    return tuple(_check(name, entry.authors or "") for name in entry.names)


def split_name(author: str, family: str = "") -> Name:
    """Return a name that is written as one string.

    Args:
        author: As written, such as "Ada Lovelace" or "Lovelace, Ada".
        family: The family, where that is known.
    """
    author = _DEGREES.sub("", " ".join(author.split())).strip(" ,")
    together = _CJK.fullmatch(author)
    if together:
        return Name(family=together[1], given=together[2])
    if is_body(author) or re.search(r"[<>{}\\@\d]", author):
        return Name(literal=author)
    author = lower_capitals(author)
    known = _split_at(author, lower_capitals(family)) if family else None
    if known:
        return known
    names = read_names(author)
    is_told = len(names) == 1 and names[0].family and names[0].given and not _is_ambiguous(author)
    return names[0] if is_told else Name(literal=author)


def lower_capitals(name: str) -> str:
    """Return a name of two words or more that is printed in capitals with only its first letters large."""
    words = re.findall(r"[^\W\d_]{2,}", name)
    is_layout = name == name.upper() != name.lower() and (len(words) >= _TWO_WORDS or "," in name)
    return _lower(name) if is_layout else name


def _lower(name: str) -> str:
    low = re.sub(r"[^\W\d_]+", lambda word: word[0][0] + word[0][1:].lower(), name)
    return re.sub(r"\bMc([a-z])", lambda found: f"Mc{found[1].upper()}", low)


def _check(name: Name, printed: str) -> Name:
    together = f"{name.given} {name.family}"
    if _has_acronym(name.given) and together in printed and f"{name.family}," not in printed:
        return Name(literal=together)
    is_capital = name.given and len(name.family) > 1 and name.family == name.family.upper() != name.family.lower()
    return Name(family=_lower(name.family), given=name.given) if is_capital else name


def _split_at(author: str, family: str) -> Name | None:
    """Return a name whose family is known, if it stands at one of its ends."""
    words, of_family = author.replace(",", " ").split(), family.split()
    count = len(of_family)
    if not 0 < count < len(words):
        return None
    if _fold(words[-count:]) == _fold(of_family) and "," not in author:
        return Name(family=" ".join(words[-count:]), given=" ".join(words[:-count]))
    if _fold(words[:count]) == _fold(of_family):
        return Name(family=" ".join(words[:count]), given=" ".join(words[count:]))
    return None


def _is_ambiguous(author: str) -> bool:
    """Say whether the order of a name cannot be told, or whether an acronym in it speaks for a body."""
    words = author.casefold().replace(".", " ").split()
    is_turned = words[0] in _EASTERN or (len(words) == _TWO_WORDS and words[0] in _VIETNAMESE)
    return "," not in author and (is_turned or _has_acronym(author))


def _has_acronym(name: str) -> bool:
    return any(len(word) > 1 and word.isupper() and word.isalpha() for word in name.split())


def _fold(words: Sequence[str]) -> str:
    plain = unicodedata.normalize("NFKD", " ".join(words)).casefold()
    return "".join(char for char in plain if char.isalnum() or char == " ")
