"""Bytes to what was read of them: tell what they are, and refuse what cannot be read."""

import codecs
import re
from pathlib import Path

from index.errors import SourceError
from index.model import Reading
from index.text import read_text

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
MARKDOWN = "text/markdown"
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
    return "text/plain" if kind == "text/html" and content_type.startswith(MARKDOWN) else kind


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


def read_file(path: Path) -> bytes:
    """Return the bytes of a file, at most one more than a source may have.

    Raises:
        SourceError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(SOURCE_MAX_BYTES + 1)
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: str | Path, error: OSError) -> SourceError:
    """Return the error of a file that the system does not let be read."""
    return SourceError(f"cannot read {path}: {error.strerror}", "check the file's permissions")


def slugify(name: str) -> str:
    """Return a name in small letters, digits and hyphens, as ids are written."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:80] or "document"
