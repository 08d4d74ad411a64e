"""An account of a conversation in Markdown, as CommonMark, GitHub and pandoc read it alike.

Every text is escaped: what a page or a paper says is words here, whatever it looks like.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from qa.account import Account, Excerpt, Exchange, Run

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#$@^~|&]")
# What makes a list, a heading, a definition or a rule of a line that begins with it.
_LEAD = re.compile(r"^(?:([-+=:%])|(\(?\w+)([.)])(?=\s|$))")
# An address that every reader of Markdown takes for one between < and >, without the stop of its sentence.
_PLAIN_URL = re.compile(
    r"https?://[a-z0-9](?:[\w.~:/?#@!$'()*+,;=-]|%[0-9a-f]{2}|&(?!#?\w+;))*(?<![.,;:!?'()*])", re.ASCII | re.IGNORECASE
)
_URL_KEPT = "".join(map(chr, range(0x21, 0x7F))).translate(str.maketrans("", "", '<>"\\`{}|^'))


def write_markdown(account: Account) -> str:
    """Return an account in Markdown."""
    return "\n\n".join(_iter_blocks(account)) + "\n"


def _iter_blocks(account: Account) -> Iterator[str]:
    yield f"# {escape(account.title)}"
    yield f"A conversation about {_escape_line(account.paper)}, begun on {account.day}."
    for exchange in account.exchanges:
        yield from _iter_exchange(exchange)
    if account.sources:
        yield "## Sources"
        for source in account.sources:
            yield " ".join(
                part for part in (_number(source.number), escape(source.citation), _show(source.url)) if part
            )


def _iter_exchange(exchange: Exchange) -> Iterator[str]:
    yield f"## {exchange.number}. {escape(exchange.question)}"
    if exchange.read_as:
        yield f"Read as: {escape(exchange.read_as)}"
    for sentence in exchange.sentences:
        yield " ".join([f"**{escape(sentence.text)}**", *map(_number, sentence.sources)])
    if not exchange.sentences:
        yield f"**The sources do not answer this.**{' Nearest passages:' if exchange.excerpts else ''}"
    for excerpt in exchange.excerpts:
        yield from _iter_excerpt(excerpt)


def _iter_excerpt(excerpt: Excerpt) -> Iterator[str]:
    yield "\n>\n".join(_quote(runs) for runs in excerpt.paragraphs) or ">"
    if not excerpt.is_verbatim:
        yield "**Not verbatim:** the document did not say this word by word when it was asked."
    yield " ".join(part for part in (_number(excerpt.source), escape(excerpt.citation), _show(excerpt.url)) if part)
    original = f" · {_link(excerpt.original.text, excerpt.original.url)}" if excerpt.original else ""
    yield f"{_escape_line(excerpt.place)}{original}"
    if excerpt.notes:
        yield "\n".join(f"- {_escape_line(note)}" for note in excerpt.notes)


def _quote(runs: Sequence[Run]) -> str:
    """Return a paragraph as a quote, each of its lines ended by a line break.

    Marked words are bold if they stand between spaces: elsewhere Markdown would not know where they end.
    """
    whole = "".join(run.text for run in runs)
    ends = [sum(len(run.text) for run in runs[:number]) for number in range(1, len(runs))]
    if all(whole[end - 1].isspace() or whole[end].isspace() for end in ends):
        written = "".join(_embolden(run.text) if run.is_marked else escape(run.text) for run in runs)
    else:
        written = escape(whole)
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in written.split("\n"))
    return "\\\n".join(f"> {_escape_lead(line)}" for line in lines if line)


def _embolden(text: str) -> str:
    """Return a text in bold, line by line, without the white space around it."""
    lines = (re.fullmatch(r"(\s*)(.*?)(\s*)", line) for line in text.split("\n"))
    return "\n".join(f"{w[1]}**{escape(w[2])}**{w[3]}" if w and w[2] else "" for w in lines)


def escape(text: str) -> str:
    """Return a text in which nothing means anything but itself, for any place but the beginning of a line.

    Addresses are put between < and >: some readers make links of them wherever they stand, escapes and all.
    """
    pieces = []
    end = 0
    for url in _PLAIN_URL.finditer(text):
        pieces += [_SPECIAL.sub(_escape_one, text[end : url.start()]), f"<{url[0]}>"]
        end = url.end()
    return "".join([*pieces, _SPECIAL.sub(_escape_one, text[end:])])


def _escape_one(special: re.Match[str]) -> str:
    return f"\\{special[0]}"


def _escape_line(text: str) -> str:
    return _escape_lead(escape(text))


def _escape_lead(escaped: str) -> str:
    return _LEAD.sub(lambda found: f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}", escaped)


def _number(number: int) -> str:
    return rf"\[{number}\]"


def _show(url: str | None) -> str:
    """Return an address as a link that shows itself."""
    if not url:
        return ""
    return f"<{url}>" if _PLAIN_URL.fullmatch(url) else _link(url, url)


def _link(text: str, url: str) -> str:
    bare = quote(url, safe=_URL_KEPT)
    return f"[{escape(text)}](<{re.sub(r'&(?=#?[0-9A-Za-z]+;)', '&amp;', bare)}>)"
