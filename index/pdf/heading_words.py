"""The words of headings and captions: the numbers that they begin with, and the names that sections often have."""

import re

from index.pdf.lines import HYPHEN, LOWERED, RAISED
from index.references.headings import is_bibliography_title

_MAX_CHARS = 160
_MAX_SECTIONS = 30  # that a paper numbers
_SPACED_LETTERS = 5  # from which single letters in a row are a word that is spaced out

_DECIMAL = re.compile(
    r"(?:Appendix\s|Section\s)?(\d{1,2}(?:\.\d{1,2}){0,4}|[A-Z](?:\.\d{1,2}){1,3})[.):]?\s{1,4}"
    r"(?=[^\W\d_]|[“\"'\u2018(¿])"
)
_ROMAN = re.compile(r"(X{0,2}(?:IX|IV|V?I{1,3}|V|X))[.:]\s{1,4}(?=[^\W\d_])")
_LETTER = re.compile(r"[A-Z][.)]\s{1,4}(?=[A-Z“])")
_APPENDIX = re.compile(r"(?:Appendix|Appendices|Annex|APPENDIX)(?:\s[A-Z\d])?\b[.:]?")
# What sections of papers are often called, as patterns.
_NAMES = (
    r"abstract|summary|introduction|background|related works?|literature review|highlights|nomenclature"
    r"|(?:materials? and )?methods?|methods? and materials?|methodology|experiments?|evaluation|abbreviations"
    r"|results(?: and discussion)?|(?:general )?discussion(?: and conclusions?)?|(?:concluding )?remarks|limitations"
    r"|conclusions?(?: and .{3,40})?|future work|acknowledge?ments?|funding|disclosures?|ethics(?: statement)?"
    r"|(?:cited )?references?(?: cited| and notes)?|bibliography|works cited|literature(?: cited)?|list of references"
    r"|notes(?: and references)?|appendix(?: [a-z\d])?|appendices|(?:table of )?contents|supporting information"
    r"|data availability(?: statement)?|authors?['\u2019]? contributions?|competing interests?|conflicts? of interests?"
    r"|declarations?(?: of .{5,40})?|supplementary (?:materials?|information)"
)
_FIRST = re.compile(r"(?:[01]|I)[\s.:)]")
_DATE = re.compile(r"\d{1,2}\s(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_NAMED = re.compile(rf"(?:[\dIVX]{{1,4}}\.?\s+)?(?:{_NAMES})\s*[:.]?$", re.IGNORECASE)
_OUTERMOST = re.compile(
    r"(?:[\dIVX]{1,4}[.)]?\s+)?(?:introduction|results|discussion|methods|conclusions?|references|bibliography)\W*$",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"(?:Supplement\w{0,10}\s)?(?:Fig(?:ure)?|Table|Tab|Algorithm|Listing|Scheme|Box|Plate|Chart|Exhibit)s?\.?\s{0,2}"
    r"(?:[A-Z]{0,2}\.?\d{1,3}(?:[.\-]\d{1,3}){0,2}|[IVX]{1,5}|[A-Z])[a-z]?\s{0,2}(?:[.:|–—(]|\s?(?-i:(?=[A-Z]))|$)",
    re.IGNORECASE,
)


def is_caption(text: str) -> bool:
    """Say whether a line begins the caption of a figure or a table."""
    return bool(_CAPTION.match(text))


def is_bibliography(text: str) -> bool:
    """Say whether a heading announces a bibliography."""
    return is_bibliography_title(text)


def is_named(text: str) -> bool:
    """Say whether a line is what sections of papers are often called."""
    return len(text) < _MAX_CHARS and bool(_NAMED.match(plain(text)))


def is_outermost(text: str) -> bool:
    """Say whether a heading is one of those that papers have on their outermost level."""
    return bool(_OUTERMOST.match(text))


def is_roman(text: str) -> bool:
    """Say whether a heading begins with a Roman number."""
    return bool(_ROMAN.match(text))


def is_lettered(text: str) -> bool:
    """Say whether a heading begins with a single letter."""
    return bool(_LETTER.match(text)) and not _DECIMAL.match(text)


def opens_body(text: str) -> bool:
    """Say whether a heading may be the first of a paper, by its name or its number."""
    return is_named(text) or (number_level(text) > 0 and bool(_FIRST.match(text)))


def plain(text: str) -> str:
    """Return the words of a line without marks of raised pieces, and spaced-out letters drawn together."""
    text = text.replace(RAISED, "").replace(LOWERED, "").replace(HYPHEN, "-")
    letters = text.split(" ")
    is_spaced = len(letters) >= _SPACED_LETTERS and all(len(letter) == 1 for letter in letters)
    return "".join(letters) if is_spaced else text


def number_level(text: str) -> int:
    """Return how deep the number of a heading lies, or 0 where there is none; a letter counts as the second level."""
    decimal = _DECIMAL.match(text)
    if decimal:
        parts = re.sub(r"(?:\.0)+$", "", decimal[1]).split(".")
        if "." in decimal[1]:
            return len(parts)
        fits = not parts[0].isdigit() or 0 < int(parts[0]) <= _MAX_SECTIONS
        return int(fits and text[decimal.end() :][:1].isupper() and not _DATE.match(text))
    if _ROMAN.match(text) or _APPENDIX.match(text):
        return 1
    return 2 if _LETTER.match(text) else 0
