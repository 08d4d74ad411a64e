"""Make the page that shows how to cite sources of an index."""

from collections.abc import Sequence

from markupsafe import Markup

from index.bundle import Index
from index.errors import StyleError
from index.settings import Settings
from qa.answer import parse_locator
from qa.citations import Citations
from qa.latex import strip_markup
from qa.links import document_url, place_url
from qa.targets import Catalogue, find_target, load_catalogue
from web.addresses import file_url
from web.bibliography import Bibliography
from web.compose import make_sentence, name_window
from web.pages import CitePage
from web.parts import InText, Link, StyleChoice
from web.style_names import FILES, STYLES
from web.texts import join_list, say
from web.wanted import Wanted, make_citations


def compose_cite(index: Index, settings: Settings, wanted: Wanted) -> CitePage:
    """Return the citations of what is wanted, with what to do with them; a style that is not there is told in place.

    Raises:
        CitationError: Too much is named, or nothing, or what there is none of.
        LocatorError: There is no such document or place.
    """
    nothing, trouble = Citations("", "", ""), ""
    try:
        whole = make_citations(index, settings, wanted)
        in_text = nothing if wanted.bibliography else make_citations(index, settings, wanted, in_text=True)
    except StyleError as error:
        whole, in_text, trouble = nothing, nothing, f"{make_sentence(error.message)} {make_sentence(error.hint)}"
    lines = _split(whole.text)
    heading = _name_heading(wanted, len(lines))
    notes = dict.fromkeys([*whole.notes, *in_text.notes])
    return CitePage(
        title=name_window(heading),
        question="",
        heading=heading,
        targets=tuple(wanted.targets),
        styles=tuple(StyleChoice(name, say(f"style.{name}"), name == wanted.style) for name in STYLES),
        other="" if wanted.style in STYLES else wanted.style,
        trouble=trouble,
        citations=lines,
        in_text=_pair(index, wanted.targets, _split(in_text.text)),
        notes=tuple(make_sentence(note) for note in notes),
        files=tuple(Link(say(f"file.{form}"), file_url(wanted.targets, form, index.paper)) for form in FILES),
    )


def _name_heading(wanted: Wanted, works: int) -> str:
    if wanted.bibliography:
        return say("cite.whole")
    return say("cite.sources", n=max(works, 1))


def _split(html: str) -> tuple[Markup, ...]:
    """Return the lines of citations in HTML, in which `qa.pandoc` has escaped all but a closed list of marks."""
    lines = (line.removeprefix("<p>").removesuffix("</p>") for line in html.splitlines())
    return tuple(Markup(line) for line in lines)  # noqa: S704


def _pair(index: Index, targets: Sequence[str], lines: Sequence[Markup]) -> tuple[InText, ...]:
    """Return each place that is cited with its citation in running text."""
    if not lines:
        return ()
    catalogue = load_catalogue(index)
    bibliography = Bibliography(catalogue.paper, index.corpus.list_references(catalogue.paper))
    return tuple(
        InText(_link(index, catalogue, bibliography, target), line) for target, line in zip(targets, lines, strict=True)
    )


def _link(index: Index, catalogue: Catalogue, bibliography: Bibliography, target: str) -> Link:
    """Return where a target can be read, by its title and place."""
    found = find_target(index, catalogue, target)
    title = strip_markup(str(catalogue.items[found.name].csl.get("title") or found.name))
    text = join_list([title, found.place or ""])
    if ":" in target:
        document, start, end = parse_locator(target)
        return Link(text, place_url(document, (start, end)))
    entry = bibliography.link(target.strip().removeprefix("[").removesuffix("]"))
    return Link(text, entry.url if entry else document_url(target.strip()))
