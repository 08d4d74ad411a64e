"""BibTeX and BibLaTeX: records whose letters LaTeX reads as they were, with DOI and address as they are.

Written here and not by pandoc, whose BibTeX has no DOI. Letters stay in UTF-8, which LaTeX has read since 2018; what
has a meaning in LaTeX is escaped. DOI and address are fields that LaTeX takes word for word.
"""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

Dialect: TypeAlias = Literal["bibtex", "biblatex"]

_SPECIALS = {
    **{char: f"\\{char}" for char in "&%#_$"},
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "`": r"\textasciigrave{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}
# BibTeX counts braces, with or without a backslash; those that are no pairs are written in words.
_LONE_BRACES = {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
# Signs that join to another one: "--" is a dash, "''" a quotation mark, "?`" a turned one.
_JOINED = re.compile(r"(?<=-)(?=-)|(?<=')(?=')|(?<=,)(?=,)|(?<=[?!])(?=`)")
_TYPES: dict[Dialect, dict[str, str]] = {
    "bibtex": {"thesis": "phdthesis", "report": "techreport"},
    "biblatex": {
        "thesis": "thesis",
        "report": "report",
        "webpage": "online",
        "article": "online",
        "dataset": "dataset",
        "software": "software",
        "patent": "patent",
    },
}
_COMMON_TYPES = {
    "article-journal": "article",
    "article-magazine": "article",
    "article-newspaper": "article",
    "paper-conference": "inproceedings",
    "chapter": "incollection",
    "book": "book",
}
_HELD_IN = {"article": "journal", "inproceedings": "booktitle", "incollection": "booktitle"}
_PUBLISHERS = {"phdthesis": "school", "techreport": "institution", "thesis": "institution", "report": "institution"}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_PLAIN = {"volume": "volume", "issue": "number", "edition": "edition", "version": "version", "genre": "type"}
_MARKUP = re.compile(r"</?(?:i|b|sub|sup|sc)>|<span(?:\s[^<>]{0,80})?>|</span>")


def write_bibtex(items: Iterable[Mapping[str, Any]], dialect: Dialect) -> str:
    """Return records of items in CSL-JSON, whose ids are the keys."""
    return "\n".join(_write_record(item, dialect) for item in items)


def escape_latex(text: str) -> str:
    """Return `text` such that LaTeX prints it; straight quotes take the shape that the font gives them."""
    specials = _SPECIALS if _is_paired(text) else _SPECIALS | _LONE_BRACES
    return "".join(specials.get(char, char) for char in _JOINED.sub("\0", text)).replace("\0", "{}")


def _is_paired(text: str) -> bool:
    """Say whether each brace of a text has its other half."""
    depths = list(itertools.accumulate((char == "{") - (char == "}") for char in text))
    return not depths or (min(depths) >= 0 and depths[-1] == 0)


def strip_markup(text: str) -> str:
    """Return a title of CSL-JSON without the marks that it may hold, such as <i>."""
    return _MARKUP.sub("", text)


def _write_record(item: Mapping[str, Any], dialect: Dialect) -> str:
    kind = (_COMMON_TYPES | _TYPES[dialect]).get(item["type"], "misc")
    fields = _list_fields(item, kind, dialect)
    lines = (f"  {name} = {value},\n" for name, value in fields.items() if value)
    return f"@{kind}{{{item['id']},\n{''.join(lines)}}}\n"


def _list_fields(item: Mapping[str, Any], kind: str, dialect: Dialect) -> dict[str, str]:
    """Return the fields of a record, each as it is written behind its equals sign."""
    texts = {
        "title": _protect(strip_markup(item.get("title", ""))),
        _name_holder(kind, dialect): escape_latex(strip_markup(item.get("container-title", ""))),
        "pages": re.sub(r"\s*[-–]+\s*", "--", escape_latex(item.get("page", ""))),
        _PUBLISHERS.get(kind, "publisher"): escape_latex(item.get("publisher", "")),
        "address" if dialect == "bibtex" else "location": escape_latex(item.get("publisher-place", "")),
        "note": escape_latex(item.get("note", "")),
        **{name: escape_latex(str(item.get(variable, ""))) for variable, name in _PLAIN.items()},
        **_identify(item, dialect),
    }
    people = {role: _join_names(item.get(role, [])) for role in ("author", "editor")}
    braced = {name: f"{{{value}}}" for name, value in (people | texts).items() if value}
    return braced | _date(item, dialect)


def _name_holder(kind: str, dialect: Dialect) -> str:
    if dialect == "biblatex":
        return {"article": "journaltitle", "online": "organization"}.get(kind, "booktitle")
    return _HELD_IN.get(kind, "howpublished")


def _identify(item: Mapping[str, Any], dialect: Dialect) -> dict[str, str]:
    number = str(item.get("number", ""))
    fields = {"doi": _verbatim(item.get("DOI", "")), "url": _verbatim(item.get("URL", ""))}
    if number.startswith("arXiv:"):
        kind = "archiveprefix" if dialect == "bibtex" else "eprinttype"
        return fields | {"eprint": number.removeprefix("arXiv:"), kind: "arXiv"}
    return fields | ({"number": escape_latex(number)} if number and "issue" not in item else {})


def _verbatim(address: str) -> str:
    """Return an address as it is, but for what would end the field that holds it."""
    return re.sub(r"[{}\\\s]", lambda found: f"%{ord(found[0]):02X}", address)


def _date(item: Mapping[str, Any], dialect: Dialect) -> dict[str, str]:
    issued, accessed = (_parts(item, variable) for variable in ("issued", "accessed"))
    read = "-".join(f"{part:02}" for part in accessed)
    if dialect == "biblatex":
        printed = "-".join(f"{part:02}" for part in issued)
        return {name: f"{{{date}}}" for name, date in (("date", printed), ("urldate", read)) if date}
    fields = {"year": f"{{{issued[0]}}}"} if issued else {}
    fields |= {"month": _MONTHS[issued[1] - 1]} if len(issued) > 1 and 1 <= issued[1] <= len(_MONTHS) else {}
    return fields | ({"urldate": f"{{{read}}}"} if read else {})


def _parts(item: Mapping[str, Any], variable: str) -> Sequence[int]:
    return list(item[variable]["date-parts"][0]) if variable in item else []


def _join_names(names: Iterable[Mapping[str, str]]) -> str:
    return " and ".join(_write_name(name) for name in names)


def _write_name(name: Mapping[str, str]) -> str:
    """Return a name as "Family, Given"; braces keep together what BibTeX would take apart."""
    if name.get("literal"):
        return f"{{{escape_latex(name['literal'])}}}"
    parts = [_keep_together(escape_latex(name.get(part, ""))) for part in ("family", "given")]
    return ", ".join(parts) if all(parts) else f"{{{''.join(parts)}}}"


def _keep_together(part: str) -> str:
    return f"{{{part}}}" if "," in part or re.search(r"\band\b", part, re.IGNORECASE) else part


def _protect(title: str) -> str:
    """Return a title with braces around the words that begin with a capital or hold one.

    A style of BibTeX may write all others small; it cannot tell which capitals are those of names, as in "the United
    States", so all stay as they are printed.
    """
    escaped = escape_latex(title)
    if title == title.upper():
        return f"{{{escaped}}}" if title != title.lower() else escaped
    first, *others = title.split()
    held = [any(char.isupper() for char in word) for word in (first[1:], *others)]
    return " ".join(_brace(word) if is_held else word for word, is_held in zip(escaped.split(), held, strict=True))


def _brace(word: str) -> str:
    """Return a word in braces, the punctuation behind it outside."""
    bare = word.rstrip(",;:.?!")
    return f"{{{bare}}}{word[len(bare) :]}"
