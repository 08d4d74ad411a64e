"""Formulas as their authors wrote them, in the place of what shows them: MathML, MathJax, KaTeX, pictures."""

import re

from lxml.html import HtmlElement

from index.html.page import drop, read_line

_MATH_WRAPPERS = frozenset({"mwe-math-element", "katex", "katex-display", "MathJax", "MathJax_Display"})
_MATHJAX = frozenset({"MathJax", "MathJax_Display", "MathJax_Preview", "MathJax_SVG", "MathJax_CHTML"})
_DISPLAY_STYLE = re.compile(r"(\{?)\s{0,9}\\(?:displaystyle|textstyle)\b\s{0,9}(.*)", re.DOTALL)


def _replace(element: HtmlElement, text: str) -> None:
    """Put a text in the place of an element."""
    if element.getparent() is not None:
        element.tail = text + (element.tail or "")
    drop(element)


def write_formulas(tree: HtmlElement) -> None:
    """Put every formula of a tree into plain words, in place."""
    scripts = [script for script in tree.iter("script") if (script.get("type") or "").startswith("math/tex")]
    for script in scripts:
        script.tag, script.attrib["class"] = "span", "formula"
    if scripts:
        for element in list(tree.iter("span", "div")):
            if not _MATHJAX.isdisjoint(element.get("class", "").split()):
                drop(element)
    for formula in [each for each in tree.iter("*") if each.tag.rpartition(":")[2] == "math"]:
        if formula.getroottree().getroot() is tree:
            _replace(_find_wrapper(formula), _read_formula(formula))
    for table in tree.iter("table"):
        if "ltx_eqn_table" in table.get("class", ""):
            _unfold_table(table)


def _find_wrapper(formula: HtmlElement) -> HtmlElement:
    """Return the outermost element that shows a formula, with the pictures of it."""
    outer = [each for each in formula.iterancestors() if each.tag != "body"][:6]
    shells = [
        each for each in outer if each.tag == "mjx-container" or _MATH_WRAPPERS & set(each.get("class", "").split())
    ]
    return shells[-1] if shells else formula


def _read_formula(formula: HtmlElement) -> str:
    """Return a formula as its author wrote it, where the page says so, or else its signs in a row."""
    sources = [each.text or "" for each in formula.iter("*") if each.get("encoding") == "application/x-tex"]
    written = " ".join((formula.get("alttext") or next(iter(sources), "")).replace("%\n", "")[:5000].split())
    styled = _DISPLAY_STYLE.fullmatch(written)
    plain = styled[2].removesuffix("}" if styled[1] else "").strip() if styled else written
    return plain or read_line(formula)


def _unfold_table(table: HtmlElement) -> None:
    """Make a paragraph of a table that only centres a formula."""
    for part in table.iter("table", "tbody", "tr", "td", "th"):
        part.tag = "span"
        part.tail = f" {part.tail or ''}"
    table.tag = "p"
