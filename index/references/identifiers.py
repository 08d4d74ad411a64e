"""DOIs, arXiv ids and URLs in running text: found, rejoined where a line break cut them, trimmed and checked."""

import re
from dataclasses import dataclass

_TEXT_MAX_CHARS = 20_000
_JOINS_MAX = 8  # line breaks inside one URL
_URL = re.compile(
    r"(?:https?|ftp)://[^\s<>\"“”|\\^`]{3,2000}|(?<![\w@./-])www\.[^\s<>\"“”|\\^`]{4,2000}", re.IGNORECASE
)
# The old DOIs of Wiley hold angle brackets: 10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2
_DOI = re.compile(
    r"(?<![\w.])10\.\d{4,9}(?:\.\d{1,9})?/(?:\(SICI\)[^\s\"]{1,300}|[^\s<>\"“”|\\^`]{1,300})", re.IGNORECASE
)
_ARXIV_ID = r"(?:\d{4}\.\d{4,5}|[a-z][a-z-]{1,15}(?:\.[a-z]{2})?/\d{7})(?:v\d{1,3})?"
_ARXIV = re.compile(
    rf"(?:\barxiv(?:\.org/(?:abs|pdf|html)/|(?:\.org)?\s?:\s?(?:arxiv\s?:\s?)?|\s)|\bCoRR,?\s(?:vol\.\s)?abs/|\babs/"
    rf"|10\.48550/arxiv\.)({_ARXIV_ID})(?!\d)",
    re.IGNORECASE,
)
# What stands around an identifier and goes with it.
_LABEL = re.compile(
    r"(?:[\[(<]\s?)?(?:\b(?:available(?:\sonline)?(?:\s(?:from|at))?|retrieved\sfrom|(?:accessed|online|archived)\sat|url|doi"
    r"|DOI\surl|link|internet|https?://(?:dx\.)?doi\.org|(?:dx\.)?doi\.org|from|arxiv|see)\s?[:/]?\s?){1,3}[<(\[]?$",
    re.IGNORECASE,
)
_MEDIUM = re.compile(
    r"\s?\[(?:online|internet|preprint|electronic resource|website|web page|web log post)\]", re.IGNORECASE
)
# An arXiv id as a source: "arXiv preprint arXiv:2402.12345v1 [cs.LG]", "(arXiv:2402.12345)", "CoRR, abs/2402.12345".
_ARXIV_PHRASE = re.compile(
    r"[(\[]?(?:(?:in\s|also\s)?arxiv(?:\se-?prints?|\spreprints?)?[:,.]?\s(?:p\.\s)?)?"
    rf"{_ARXIV.pattern}(?:\s?\[[a-z-]{{2,12}}(?:\.[a-z-]{{2,12}})?\])?[)\]]?",
    re.IGNORECASE,
)
# What a publisher's address adds to the DOI in it.
_DOI_TAIL = re.compile(r"(?:/(?:full|pdf|epdf|abstract|html|meta|fulltext))?/?(?:[?#].*)?$")
_PATH_END = re.compile(r"\.(?:html?|pdf|php|aspx?|jsp|xml|txt|shtml)$", re.IGNORECASE)
_DOI_HOST = re.compile(r"https?://(?:dx\.|www\.)?doi\.org/?", re.IGNORECASE)
_CUT_DOI = (
    (re.compile(r"(https?:)\s?/\s?/\s?(?=\w)", re.IGNORECASE), r"\1//"),
    (re.compile(r"\b(doi\.)\s(org/)", re.IGNORECASE), r"\1\2"),
    (re.compile(r"\b(doi\.org)\s?/\s?(10\.)", re.IGNORECASE), r"\1/\2"),
    (re.compile(r"(?<![\w./])(10\.\d{4,9})\s?/\s?(?=[\w(])"), r"\1/"),
)


@dataclass(frozen=True, slots=True)
class Identifiers:
    """The identifiers of an entry, checked; `url` is the first that leads to no DOI, else the one that does."""

    url: str | None = None
    doi: str | None = None
    arxiv: str | None = None


def find_doi(text: str) -> str | None:
    """Return the first DOI in `text` in lower case, without the punctuation behind it."""
    found = _DOI.search(text)
    return _DOI_TAIL.sub("", _trim(found.group()), count=1).lower() if found else None


def find_url(text: str) -> str | None:
    """Return the first URL in `text`, without the punctuation behind it."""
    found = _URL.search(text)
    return _trim(found.group()) if found else None


def find_arxiv(text: str) -> str | None:
    """Return the first arXiv id in `text`, without its version."""
    found = _ARXIV.search(text)
    return re.sub(r"v\d+$", "", found[1]) if found else None


def is_doi_url(url: str | None) -> bool:
    """Say whether a URL is a DOI's."""
    return bool(url and _DOI_HOST.match(url))


def rejoin_urls(text: str) -> str:
    """Return `text`, which has no line breaks, with the URLs and DOIs whole that a space cuts in two."""
    for cut, whole in _CUT_DOI:
        text = cut.sub(whole, text)
    position = 0
    for _ in range(len(text) // 8):  # each round passes a URL
        found = _URL.search(text, position) or None
        if not found:
            break
        text, position = _rejoin_url(text, found.end())
    return text


def _rejoin_url(text: str, end: int) -> tuple[str, int]:
    """Return the text with the URL that ends at `end` rejoined, and where it ends then."""
    for _ in range(_JOINS_MAX):
        following = re.compile(r" ([^\s<>\"“”]{1,400})").match(text, end)
        start = max(text.rfind(" ", 0, end), text.rfind("<", 0, end)) + 1
        if not following or not _goes_on(text[start:end], following[1], last=following.end() == len(text)):
            break
        text = text[:end] + text[end + 1 :]
        end = following.end() - 1
    return text, end


def _goes_on(url: str, word: str, *, last: bool) -> bool:
    """Say whether `word`, behind a space, belongs to the URL before it."""
    bare = word.rstrip(".,;:)]>")
    if (
        not bare
        or not re.match(r"[\w/%=&?#~.+-]", bare)
        or re.match(r"https?:|www\.|doi:|10\.\d{4}", bare, re.IGNORECASE)
    ):
        return False
    inner = bool(re.search(r"[\w%][/=_&?%#~-][\w%]|\w\.\w", bare)) or bool(re.search(r"[^\W\d]\d|\d[^\W\d]", bare))
    if url[-1] in "/=&%_#~?-":
        small = bare[0].islower() or not bare[0].isalpha()
        return (inner and (small or "/" in bare)) or bool(_PATH_END.search(bare)) or (url[-1] != "/" and last and small)
    if url[-1] == ".":
        return bool(
            re.match(r"[a-z0-9-]{1,60}(?:\.[a-z]{2,6})?/|[a-z0-9-]{1,60}\.[a-z]{2,6}$|(?:html?|pdf|php)$", bare)
        )
    if url[-1] in ",;:)]>":
        return False
    return bool(re.match(r"[/_=&%#-][\w%]|\.(?:html?|pdf|php)$|\?[\w-]{1,40}=", bare)) or (
        bare[0].islower() and bool(_PATH_END.search(bare)) and "/" in url[8:]
    )


def take_identifiers(text: str) -> tuple[Identifiers, str]:
    """Return the identifiers of an entry, and the entry without them and the labels before them.

    Args:
        text: On one line, its URLs rejoined.
    """
    text = text[:_TEXT_MAX_CHARS]
    urls = [_trim(found.group()) for found in _URL.finditer(text)]
    plain = [url for url in urls if not is_doi_url(url)]
    doi, arxiv = find_doi(text), find_arxiv(text)
    doi, arxiv = _check_doi(doi), _check_arxiv(arxiv)
    url = next(iter(plain or urls), None)
    return Identifiers(url=_check_url(url), doi=doi, arxiv=arxiv), _strip(text)


def _strip(text: str) -> str:
    for pattern in (_URL, _ARXIV_PHRASE, _DOI):
        text = _blank(text, pattern)
    return re.sub(r"\s{2,}", " ", _MEDIUM.sub("", text)).strip()


def _blank(text: str, pattern: re.Pattern[str]) -> str:
    """Cut out what `pattern` finds, with the label before it, and the bracket and stop behind it."""
    kept: list[str] = []
    position = 0
    for found in pattern.finditer(text):
        before = text[position : found.start()]
        label = _LABEL.search(before, max(0, len(before) - 80))
        kept.append((before[: label.start()] if label else before.removesuffix("<")).rstrip())
        position = found.start() + len(_trim(found.group()))
        position += len(re.match(r"[>)\]?]{0,3}", text[position:])[0])  # type: ignore[index]
    return " ".join([*kept, text[position:].lstrip() if kept else text])


def _trim(found: str) -> str:
    """Drop the punctuation behind an identifier, and a closing bracket that it does not open."""
    pairs = {")": "(", "]": "[", "}": "{"}
    while found:
        bare = found.rstrip(".,;:?!'’\u2018*…")
        last = bare[-1:]
        if last in pairs and bare.count(last) > bare.count(pairs[last]):
            bare = bare[:-1]
        if bare == found:
            break
        found = bare
    return found


def _check_doi(doi: str | None) -> str | None:
    import idutils

    return doi if doi and idutils.is_doi(doi) else None


def _check_arxiv(arxiv: str | None) -> str | None:
    import idutils

    return arxiv if arxiv and idutils.is_arxiv(arxiv) else None


def _check_url(url: str | None) -> str | None:
    import idutils

    whole = f"https://{url}" if url and url[:4].casefold() == "www." else url
    return whole if whole and idutils.is_url(whole) else None
