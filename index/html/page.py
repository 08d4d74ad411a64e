"""The bytes of a web page as a tree: decoded and parsed, with no entity expanded and nothing fetched.

Everything here is hostile. The parser stops at 256 levels; a page that nests deeper is read a second time, flat.
"""

import re
import sys
import unicodedata

import lxml.etree
import lxml.html
from lxml.html import HtmlElement
from w3lib.encoding import html_to_unicode

from index.errors import SourceError

_ASCII_END = 128
_DETECTED_BYTES = 20_000
_FOREIGN_MIN = 4  # letters beyond ASCII, from which a script is recognised
# Fewer bytes than this beyond ASCII may read as UTF-8 by chance, in the charsets of East Asia.
_CHANCE_BYTES = 12
_EAST_ASIAN = re.compile(r"big5|gb|euc|jp|jis|kr|johab|cp9[345]|hz", re.IGNORECASE)
# What no XML tree may hold.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_UNSEEN = re.compile("[\xad\u200b\u2060\ufeff]")
_CHARACTER = re.compile(r"&#(?:x([0-9a-f]{1,12})|([0-9]{1,12}));?", re.IGNORECASE)
# What may be left out of a page without its paragraphs running into one another.
_NESTING = re.compile(
    r"</?(?!/?(?:p|h[1-6]|li|tr|td|th|br|title|meta|style|script|pre)\b)[a-z][^<>]{0,2000}>", re.IGNORECASE
)
_BREAKS = frozenset("br p div li td th tr h1 h2 h3 h4 h5 h6 ul ol dl dt dd table section blockquote".split())
# A tree takes up to 0.4 kB for each tag or attribute; the longest papers and articles have some 200,000.
_MARKS_MAX = 500_000
_SHORTEN = "save its text as PDF or as plain text in UTF-8, or split it into several files"
_LINE_STEPS = 1000  # through elements and characters, beyond those that the length asked for needs
_EMPTY = "<html><body></body></html>"


def parse_page(content: bytes, content_type: str = "", name: str = "the page") -> HtmlElement:
    """Return the root of a page's tree, without marks that no reader sees; else as `parse_as_written`."""
    tree = parse_as_written(content, content_type, name)
    drop_marks(tree)
    return tree


def parse_as_written(content: bytes, content_type: str = "", name: str = "the page") -> HtmlElement:
    """Return the root of a page's tree.

    Args:
        content: The page.
        content_type: The header that came with it, which may name the charset.
        name: What to call it in an error.

    Returns:
        The element "html", without comments.

    Raises:
        SourceError: It has too many tags and attributes.
    """
    text = decode_page(content, content_type)
    if text.count("<") + text.count("=") > _MARKS_MAX:
        raise SourceError(f"{name} has more than {_MARKS_MAX // 1000} thousand tags and attributes", _SHORTEN)
    tree, is_cut = _parse(text)
    return _parse(_NESTING.sub(" ", text))[0] if is_cut else tree


def decode_page(content: bytes, content_type: str = "") -> str:
    """Return the text of a page, by the charset that its bytes bear out: what is valid UTF-8 is UTF-8.

    Then the header is believed, then the page's own declaration, then the look of the bytes.
    """
    charset, text = html_to_unicode(content_type, content, default_encoding="cp1252", auto_detect_fun=_detect)
    if _is_utf8(content, charset):
        text = content.decode("utf-8-sig")
    elif charset == "utf-8" and _is_garbled(text):
        text = content.decode(_detect(content) or "cp1252", "replace")
    return _CHARACTER.sub(_check_character, _ILLEGAL.sub("", text.replace("\f", " ")))


def _check_character(reference: re.Match[str]) -> str:
    """Return a reference to a character as it is, and a space for one that no text may hold."""
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return " " if code > sys.maxunicode or not code or _ILLEGAL.match(chr(code)) else reference.group()


def _is_utf8(content: bytes, charset: str) -> bool:
    """Say whether bytes are UTF-8 whatever they are labelled."""
    beyond = len(content) - len(content.translate(None, bytes(range(_ASCII_END, 256))))
    least = _CHANCE_BYTES if _EAST_ASIAN.search(charset) else 1
    if beyond < least or charset.startswith("utf-16"):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_garbled(text: str) -> bool:
    """Say whether more letters beyond ASCII were lost than kept."""
    lost = text.count("\ufffd")
    return lost > sum(map("\x7f".__lt__, text)) - lost


def _detect(content: bytes) -> str | None:
    """Return the charset that bytes without a label look like, or None for what may be Western.

    A detector tells scripts apart well, and the Latin charsets badly.
    """
    import charset_normalizer

    beyond = next((offset for offset, byte in enumerate(content) if byte >= _ASCII_END), len(content))
    sample = content[max(0, beyond - _DETECTED_BYTES // 2) :][:_DETECTED_BYTES]
    best = charset_normalizer.from_bytes(sample).best()
    letters = [letter for letter in str(best or "") if letter.isalpha() and not letter.isascii()]
    foreign = sum(not unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    return best.encoding if best and len(letters) >= _FOREIGN_MIN and foreign > len(letters) / 2 else None


def _parse(text: str) -> tuple[HtmlElement, bool]:
    """Return a tree, and whether the page nests too deep to be read whole."""
    parser = lxml.html.HTMLParser(
        encoding="utf-8", huge_tree=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except lxml.etree.LxmlError:
        return lxml.html.document_fromstring(_EMPTY), False
    return tree, any("xcessive depth" in entry.message for entry in parser.error_log)


def read_line(element: HtmlElement, max_chars: int = 1000) -> str:
    """Return the text of an element on one line, as far as `max_chars`; what stands in blocks of its own is spaced."""
    parts: list[str] = []
    size = 0
    for event, node in lxml.etree.iterwalk(element, events=("start", "end")):
        text = node.text if event == "start" else node.tail if node is not element else ""
        parts += [" " if node.tag in _BREAKS else "", text or ""]
        size += 1 + len(text or "")
        if size > _LINE_STEPS + 4 * max_chars:
            break
    return " ".join("".join(parts).split())[:max_chars]


def drop_marks(tree: HtmlElement) -> None:
    """Take out of a tree, in place, marks that no reader sees: soft hyphens, zero-width spaces, byte order marks."""
    for element in tree.iter("*"):
        if element.text:
            element.text = _UNSEEN.sub("", element.text)
        if element.tail:
            element.tail = _UNSEEN.sub("", element.tail)
        for name, value in element.attrib.items():
            if _UNSEEN.search(value):
                element.set(name, _UNSEEN.sub("", value))


def drop(element: HtmlElement) -> None:
    """Take an element out of its tree, but not the text behind it; the root stays."""
    if element.getparent() is not None:
        element.drop_tree()
