"""An account of a conversation as one page of HTML that needs nothing else: no script, no font, no request."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from qa.account import Account, Excerpt, Exchange, Run, UsedSource

_STYLE = """
:root { color-scheme: light dark; --paper: #fbfaf7; --ink: #1c2226; --soft: #59636a; --line: #dcd8cf;
  --accent: #0b5d5e; --wash: #d5e9e6; --doubt: #845400; --doubt-wash: #fbf0d9; }
@media (prefers-color-scheme: dark) { :root { --paper: #14181a; --ink: #e4e1da; --soft: #a2acb1; --line: #2d3438;
  --accent: #82cbc7; --wash: #1d4342; --doubt: #e5b75c; --doubt-wash: #32280f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 16px 64px; max-width: 35rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
  overflow-wrap: break-word; }
h1, h2, .sentence, blockquote {
  font-family: "Iowan Old Style", "Palatino Linotype", Palatino, "Source Serif 4", Charter, Georgia, serif; }
h1 { margin: 0 0 8px; font-size: 1.728rem; line-height: 1.25; }
h2 { margin: 0 0 12px; font-size: 1.2rem; line-height: 1.35; }
section { margin-top: 40px; padding-top: 24px; border-top: 1px solid var(--line); }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 3px; }
p { margin: 0 0 8px; }
time { white-space: nowrap; }
.quiet { color: var(--soft); font-size: .875rem; }
.sentence { margin: 0 0 24px; padding-inline-start: 16px; border-inline-start: 3px solid var(--accent);
  font-size: 1.2rem; line-height: 1.4; }
.doubt { margin: 0 0 12px; padding: 8px 16px; border-inline-start: 3px solid var(--doubt);
  background: var(--doubt-wash); color: var(--doubt); }
article { margin: 0 0 32px; }
blockquote { margin: 0 0 12px; font-size: 1.0625rem; line-height: 1.55; }
mark { background: var(--wash); color: inherit; text-decoration: underline var(--accent) 1px;
  text-underline-offset: 3px; }
.sources { margin: 0; padding: 0; list-style: none; }
.sources li { margin: 0 0 8px; }
.notes { margin: 8px 0 0; padding-inline-start: 20px; color: var(--doubt); font-size: .875rem; }
@media print {
  :root { --paper: #fff; --ink: #000; --soft: #333; --line: #999; --accent: #000; --wash: #fff; --doubt: #000;
    --doubt-wash: #fff; }
  body { padding: 0; max-width: none; font-size: 10.5pt; }
  article, .sentence { break-inside: avoid; }
  h2 { break-after: avoid; }
  .original::after { content: " <" attr(href) ">"; overflow-wrap: anywhere; }
}
"""
_PAGE = Markup("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1 dir="auto">{title}</h1>
<p class="quiet">A conversation about <span dir="auto">{paper}</span>, begun on <time>{day}</time>.</p>
{exchanges}{sources}</main>
</body>
</html>
""")
_EXCERPT = Markup("""<article>
<blockquote dir="auto">{quote}</blockquote>
{doubt}<p>[{number}] <span dir="auto">{citation}</span> {address}</p>
<p class="quiet"><span dir="auto">{place}</span>{original}</p>
{notes}</article>
""")


def write_html(account: Account) -> str:
    """Return an account as a page of HTML."""
    return _PAGE.format(
        title=account.title,
        style=Markup(_STYLE),  # noqa: S704 - our own
        paper=account.paper,
        day=account.day,
        exchanges=_join(_exchange(exchange) for exchange in account.exchanges),
        sources=_sources(account.sources),
    )


def _exchange(exchange: Exchange) -> Markup:
    head = Markup('<section>\n<h2 dir="auto">{}. {}</h2>\n').format(exchange.number, exchange.question)
    read = Markup('<p class="quiet">Read as: <span dir="auto">{}</span></p>\n').format(exchange.read_as)
    nearest = " Nearest passages:" if exchange.excerpts else ""
    doubt = Markup('<p class="doubt"><strong>The sources do not answer this.</strong>{}</p>\n').format(nearest)
    sentences = _join(
        Markup('<p class="sentence" dir="auto">{}{}</p>\n').format(each.text, _join(map(_number, each.sources)))
        for each in exchange.sentences
    )
    excerpts = _join(_excerpt(excerpt) for excerpt in exchange.excerpts)
    return _join([head, read if exchange.read_as else "", sentences or doubt, excerpts, Markup("</section>\n")])


def _excerpt(excerpt: Excerpt) -> Markup:
    doubt = '<p class="doubt">Not verbatim: the document did not say this word by word when it was asked.</p>\n'
    link = Markup(' · <a class="original" href="{}" rel="noopener noreferrer">{}</a>')
    items = _join(Markup('<li dir="auto">{}</li>\n').format(note) for note in excerpt.notes)
    return _EXCERPT.format(
        quote=_join(_paragraph(runs) for runs in excerpt.paragraphs),
        doubt="" if excerpt.is_verbatim else Markup(doubt),  # noqa: S704 - our own
        number=excerpt.source,
        citation=excerpt.citation,
        address=_show(excerpt.url),
        place=excerpt.place,
        original=link.format(excerpt.original.url, excerpt.original.text) if excerpt.original else "",
        notes=Markup('<ul class="notes">\n{}</ul>\n').format(items) if excerpt.notes else "",
    )


def _paragraph(runs: Sequence[Run]) -> Markup:
    words = (Markup("<mark>{}</mark>" if run.is_marked else "{}").format(_break(run.text)) for run in runs)  # noqa: S704
    return Markup("<p>{}</p>").format(_join(words))


def _break(text: str) -> Markup:
    return Markup("<br>\n").join(text.split("\n"))


def _sources(sources: Sequence[UsedSource]) -> Markup:
    item = Markup('<li>[{}] <span dir="auto">{}</span> {}</li>\n')
    items = _join(item.format(each.number, each.citation, _show(each.url)) for each in sources)
    whole = Markup('<section>\n<h2>Sources</h2>\n<ul class="sources">\n{}</ul>\n</section>\n').format(items)
    return whole if sources else Markup("")


def _number(number: int) -> str:
    return f" [{number}]"


def _show(url: str | None) -> Markup:
    return Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(url) if url else Markup("")


def _join(parts: Iterable[str]) -> Markup:
    return Markup("").join(parts)
