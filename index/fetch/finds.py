"""What an answer of a server turns out to be: a text of the work that was asked for, or a refusal.

Bytes are judged by what they are, never by their label.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.errors import SourceError
from index.extract import read_content, sniff_type
from index.fetch.download import Download
from index.fetch.routes import Address, check_url
from index.model import FetchState, Reading, Reference
from index.references.headings import is_bibliography_title

_READABLE = ("application/pdf", "text/html", "text/plain")
# Plain text to look at, but written for programs: an error of a service, the inside of a page.
_FOR_PROGRAMS = re.compile(r"(?:application|text)/(?:[\w.+-]{0,60}json|(?:x-)?javascript|ecmascript|css)$")
# Prose outside the bibliography from which a scholarly page counts as the full text: long abstracts, with summaries and
# highlights, stay below it, and hardly any article does.
_FULL_TEXT_WORDS = 1_000
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CJK_CHARS_PER_WORD = 2
_HEAD_CHARS = 3_000  # in which a text names its title
_TITLE_WORD = re.compile(r"[^\W_]{4,}|[\u3040-\u30ff\u3400-\u9fff]{2}")
_TITLE_SHARE = 0.5
_LICENCE = re.compile(r"creativecommons\.org/(?:licenses/[a-z-]{2,12}/\d\.\d|publicdomain/zero/1\.0)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Find:
    """A text that came.

    Attributes:
        download: The answer that held it.
        address: Where it was asked for.
        kind: What its bytes are.
        is_full: Whether it is more than an abstract.
        names_title: Whether it begins with words of the title that the entry prints; a page in another language, or
            with a new title, does not.
        licence: Under which it may be used, where that is stated.
        pdf_url: Where it says that its PDF is.
    """

    download: Download
    address: Address
    kind: str
    is_full: bool
    names_title: bool
    licence: str | None
    pdf_url: str | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why no text came; `hint` says what to do, where that depends on the case."""

    state: FetchState
    reason: str
    hint: str = ""


def appraise(download: Download, address: Address, reference: Reference) -> Find | Refusal:
    """Say what came; reads the bytes, which may take seconds.

    Args:
        download: What came.
        address: Where it was asked for.
        reference: The entry that it was asked for.

    Returns:
        A text of the work, or why there is none.
    """
    from index.html.metadata import choose_facts

    kind = sniff_type(download.content)
    refused = _check_status(download.status) or _check_kind(download, kind)
    if refused and download.status not in (401, 402, 403):
        return refused
    reading, unread = _read(download)
    refused = _judge(download, reading, reference, kind) or refused or unread
    if refused:
        return refused
    facts = choose_facts(reading.facts)
    pdf, licence = facts.get("pdf_url"), facts.get("licence")
    return Find(
        download=download,
        address=address,
        kind=kind,
        is_full=is_full_text(reading, kind, is_page=address.route in ("landing_page", "archive")),
        names_title=names_title(reading, reference.title),
        licence=address.licence or (str(licence.value) if licence else _find_licence(reading)),
        pdf_url=check_url(pdf.value, download.got) if pdf else None,
    )


def is_full_text(reading: Reading, kind: str, *, is_page: bool) -> bool:
    """Say whether a text is more than an abstract.

    A PDF and a text are. So is a page that an entry itself names, unless it speaks of a paper that is elsewhere.

    Args:
        reading: The text.
        kind: What its bytes are.
        is_page: Whether the entry itself names it.

    Returns:
        Whether it is.
    """
    of_paper = any(fact.field == "pdf_url" or fact.provenance.startswith("citation_") for fact in reading.facts)
    if kind != "text/html" or (is_page and not of_paper):
        return True
    return _count_words(reading) >= _FULL_TEXT_WORDS


def names_title(reading: Reading, title: str | None) -> bool:
    """Say whether a text begins with half the longer words of a title; true where there are none to look for."""
    wanted = _list_title_words(title or "")
    said = [str(fact.value) for fact in reading.facts if fact.field == "title"]
    head = "\n".join([*said, *(block.text[:_HEAD_CHARS] for block in reading.blocks[:60])])[:_HEAD_CHARS]
    return len(wanted & _list_title_words(head)) >= _TITLE_SHARE * len(wanted)


def _list_title_words(text: str) -> set[str]:
    return set(_TITLE_WORD.findall(text.casefold()))


def _check_status(status: int) -> Refusal | None:
    if status in (200, 203, 206):
        return None
    if status in (401, 402, 403, 451):
        return Refusal("paywalled", f"the server refuses to hand it out ({status})")
    if status in (400, 404, 410):
        return Refusal("not_found", f"the server does not know the page ({status})")
    return Refusal("unreachable", f"the server answers with an error ({status})")


def _check_kind(download: Download, kind: str) -> Refusal | None:
    if not download.content.strip():
        return Refusal("unreadable", "the answer is empty")
    if kind not in _READABLE:
        return Refusal("unreadable", f"what came is {kind}, which holds no text that can be read")
    if kind == "text/plain" and _FOR_PROGRAMS.match(download.content_type):
        return Refusal("unreadable", f"what came is {download.content_type}, which is for programs")
    return None


def _read(download: Download) -> tuple[Reading, Refusal | None]:
    """Return what was read, nothing where nothing can be, and then why not."""
    name = f"the text from {urlsplit(download.got).hostname or download.got[:80]}"
    try:
        return read_content(download.content, name, download.headers.get("content-type", "")), None
    except SourceError as error:
        return Reading(()), Refusal("unreadable", error.message, error.hint)


def _judge(download: Download, reading: Reading, reference: Reference, kind: str) -> Refusal | None:
    """Return what a page is instead of the work, such as a paywall with status 200."""
    from index.fetch.verdict import judge

    is_page = kind == "text/html" or (kind == "text/plain" and "html" in download.content_type)
    if not is_page:
        return None
    try:
        verdict = judge(
            download.content,
            reading,
            status=download.status,
            asked=download.asked,
            got=download.got,
            expected_title=reference.title,
        )
    except SourceError:  # too large to look at, so it was not read either, which says why
        return None
    return Refusal(verdict.state, verdict.reason) if verdict else None


def _count_words(reading: Reading) -> int:
    """Count the words of the prose before the bibliography; two characters of Chinese or Japanese make one."""
    count = 0
    for block in reading.blocks:
        if block.level and is_bibliography_title(block.text):
            break
        if not block.level and not block.is_item:
            count += len(block.text.split()) + len(_CJK.findall(block.text)) // _CJK_CHARS_PER_WORD
    return count


def _find_licence(reading: Reading) -> str | None:
    """Return the Creative Commons licence that a text names, if it names one only: it may speak of a picture's."""
    named = {found.group().lower() for block in reading.blocks for found in _LICENCE.finditer(block.text)}
    return f"https://{named.pop()}" if len(named) == 1 else None
