"""Bytes to document: find the files to index, tell what they are, refuse what cannot be read, and parse the rest."""

import codecs
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from index.errors import SourceError
from index.model import Document, Provenance, Reading
from index.paper import make_document
from index.text import read_text

SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown", ".pdf", ".html", ".htm", ".xhtml"})
SOURCE_MAX_BYTES = 50_000_000
_SNIFFED_BYTES = 4096
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|link|div|article|section|main|header|p|h[1-6]|table|ul|ol|span)\b",
    re.IGNORECASE,
)
# As Python names them; it has others that are no charsets, such as "unicode_escape", "idna" and "rot13".
_CHARSETS = re.compile(r"ascii|iso8859|cp\d|koi8|mac|big5|gb|euc|shift_jis|iso2022|utf-(?:8|16|32)|tis-620|johab|hz")
# Markdown may begin with HTML; what it is then, only its name tells.
_MARKDOWN = "text/markdown"
_FEED = re.compile(rb"<(?:\?xml|rss|feed|svg)\b", re.IGNORECASE)
# What other files begin with, and what they are.
_MAGIC = (
    (b"PK\x03\x04", "application/zip"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xd0\xcf\x11\xe0", "application/msword"),
    (b"{\\rtf", "application/rtf"),
    (b"%!PS", "application/postscript"),
)
_CONVERT = "save it as PDF, HTML or plain text in UTF-8 first"


@dataclass(frozen=True, slots=True)
class Source:
    """A file to index: its bytes are read once, and `sha256` is theirs.

    Attributes:
        origin: Where it was read: a path, or the URL that answered.
        document_id: The id of its document.
        sha256: Of `content`.
        content: The bytes.
        label: The content type that a server gave them; empty for a file.
        provenance: How they were fetched; None for a file.
    """

    origin: str
    document_id: str
    sha256: str
    content: bytes
    label: str = ""
    provenance: Provenance | None = None


def find_sources(paths: Iterable[Path]) -> tuple[Source, ...]:
    """Read the files that `paths` name; a folder stands for the texts directly in it, in order of name.

    Raises:
        SourceError: A path is missing, unreadable, empty, too large or no PDF, HTML or text, or there is none at all.
    """
    files = [file for path in paths for file in _list_files(path)]
    sources: list[Source] = []
    for file in dict.fromkeys(file.resolve() for file in files):
        content = read_file(file)
        taken = {source.document_id for source in sources}
        label = _MARKDOWN if file.suffix.lower() in (".md", ".markdown") else ""
        sources.append(make_source(content, str(file), name=file.stem, taken=taken, label=label))
    return tuple(sources)


def make_source(content: bytes, origin: str, *, name: str, taken: Iterable[str] = (), label: str = "") -> Source:
    """Return bytes as a source whose document's id follows from `name` and is none of `taken`.

    Raises:
        SourceError: They are empty, too large or no text, HTML or PDF.
    """
    if len(content) > SOURCE_MAX_BYTES:
        raise SourceError(f"{origin} is larger than {SOURCE_MAX_BYTES // 1_000_000} MB", "split it into several files")
    check_content(content, origin, label)
    digest = hashlib.sha256(content).hexdigest()
    slug = slugify(name)
    candidates = chain([slug, f"{slug}-{digest[:8]}"], (f"{slug}-{digest[:8]}-{number}" for number in count(2)))
    return Source(origin, next(each for each in candidates if each not in set(taken)), digest, content, label)


def parse_source(source: Source) -> Document:
    """Parse one source as a paper.

    Raises:
        SourceError: No text can be had from it.
    """
    reading = read_content(source.content, source.origin, source.label)
    return make_document(reading, document_id=source.document_id)


def sniff_type(content: bytes) -> str:
    """Return the content type of bytes by what they are, whatever their label says.

    "application/pdf", "text/html" and "text/plain" can be read; anything else cannot.
    """
    start = content[:_SNIFFED_BYTES]
    if b"%PDF-" in start[:1024]:
        return "application/pdf"
    known = next((kind for magic, kind in _MAGIC if start.startswith(magic)), None)
    if known:
        return known
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        start = start.decode("utf-16", "ignore").encode()
    first = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if first.startswith(b"<") and _HTML.search(start):
        return "text/html"
    if _FEED.match(first):
        return "application/xml"
    return "application/octet-stream" if b"\x00" in start else "text/plain"


def read_content(content: bytes, name: str, content_type: str = "") -> Reading:
    """Read bytes of any kind that can be read.

    Args:
        content: The bytes.
        name: What to call them in an error.
        content_type: The label that they came with, if any: only its charset counts, and that a text is Markdown.

    Raises:
        SourceError: They are of no such kind, or hold no text that can be had.
    """
    kind = _find_kind(content, content_type)
    if kind == "application/pdf":
        from index.pdf.reader import read_pdf

        return read_pdf(content, name)
    if kind == "text/html":
        from index.html.reader import read_html

        return read_html(content, name, content_type=content_type)
    return read_text(_decode(content, name, content_type))


def check_content(content: bytes, name: str, content_type: str = "") -> None:
    """Raise SourceError unless bytes are of a kind that can be read."""
    if _find_kind(content, content_type) not in ("application/pdf", "text/html"):
        _decode(content, name, content_type)


def _find_kind(content: bytes, content_type: str) -> str:
    kind = sniff_type(content)
    return "text/plain" if kind == "text/html" and content_type.startswith(_MARKDOWN) else kind


def _decode(content: bytes, name: str, content_type: str = "") -> str:
    """Return plain text; only a server's label makes it anything but UTF-8.

    Raises:
        SourceError: It is empty or no text.
    """
    kind = _find_kind(content, content_type)
    charset = re.search(r"charset=[\"']?([\w.:-]{1,40})", content_type, re.IGNORECASE)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if not charset or kind != "text/plain":
            raise SourceError(f"{name} is not UTF-8 text (byte {error.start})", _CONVERT) from error
        text = _decode_as(content, charset[1], name)
    if kind != "text/plain" or _CONTROL.search(text):
        raise SourceError(f"{name} is a binary file ({kind}), not text", _CONVERT)
    if not text.strip():
        raise SourceError(f"{name} is empty", "put the paper's text into it, or name another file")
    return text


def _decode_as(content: bytes, charset: str, name: str) -> str:
    """Decode by a server's label, which may name any codec; only those that servers write texts in are believed."""
    try:
        known = _CHARSETS.match(codecs.lookup(charset).name)
        text = content.decode(charset, "strict") if known else ""
    except (LookupError, UnicodeError) as error:
        raise SourceError(f"{name} is no text in {charset}", _CONVERT) from error
    if not known:
        raise SourceError(f"{name} is no text in {charset}", _CONVERT)
    return text


def _list_files(path: Path) -> Sequence[Path]:
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if _is_paper(file))
        if not files:
            raise SourceError(f"the folder {path} holds no paper", "put a PDF, HTML, .txt or .md file into it")
        return files
    if not path.exists():
        raise SourceError(f"there is no file or folder {path}", "name one that exists: ibid build PATH")
    if not path.is_file():
        raise SourceError(f"{path} is no regular file", "name a file: ibid build PATH")
    return [path]


def _is_paper(file: Path) -> bool:
    """Say whether a file in a folder may be a paper: neither hidden nor a note on the folder."""
    is_note = file.name.startswith(".") or file.stem.casefold() == "readme"
    return file.suffix.lower() in SUFFIXES and file.is_file() and not is_note


def read_file(path: Path) -> bytes:
    """Return the bytes of a file, at most one more than a source may have.

    Raises:
        SourceError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(SOURCE_MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}", "check the file's permissions") from error


def slugify(name: str) -> str:
    """Return a name in small letters, digits and hyphens, as ids are written."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:80] or "document"
