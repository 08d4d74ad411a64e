"""Underscores that are drawn as short rules, as TeX does in fonts that have none, put where they stand among glyphs."""

from collections.abc import Sequence

from index.pdf.fragments import Glyph

Rule = tuple[float, float, float]  # from x to x, and the height at which it lies

_MAX_RULES, _MAX_NEAR = 300, 2_000
_REACH_EM = 0.2  # that an underscore stands from the letter before it
_OVERLAP_EM = 0.15  # by which it may touch the letters beside it
_UNDER_EM = 0.3  # that it may lie below the line
_WIDTH_EM = (0.2, 0.7)


def put_underscores(glyphs: Sequence[Glyph], rules: Sequence[Rule]) -> list[Glyph]:
    """Return the glyphs of a page with an underscore behind each one that such a rule follows."""
    lines: dict[int, list[int]] = {}
    for at, glyph in enumerate(glyphs) if rules else ():
        if glyph.style:
            lines.setdefault(round(glyph.y), []).append(at)
    behind: dict[int, Glyph] = {}
    for rule in rules[:_MAX_RULES]:
        level = round(rule[2])
        near = [at for y in range(level - 4, level + 2) for at in lines.get(y, ())][:_MAX_NEAR]
        found = next((at for at in near if _follows(glyphs[at], rule)), None)
        if found is not None and not any(_overlaps(glyphs[at], rule) for at in near):
            behind[found] = glyphs[found]._replace(char="_", x0=rule[0], x1=rule[1])
    return [each for at, glyph in enumerate(glyphs) for each in (glyph, behind.get(at)) if each]


def _follows(glyph: Glyph, rule: Rule) -> bool:
    """Say whether a rule stands behind a glyph as an underscore does."""
    left, right, y = rule
    size = glyph.style.size if glyph.style else 1.0
    fits = _WIDTH_EM[0] * size < right - left < _WIDTH_EM[1] * size
    return (
        fits
        and -_OVERLAP_EM * size < left - glyph.x1 < _REACH_EM * size
        and -0.1 * size < y - glyph.y < _UNDER_EM * size
    )


def _overlaps(glyph: Glyph, rule: Rule) -> bool:
    margin = _OVERLAP_EM * (glyph.style.size if glyph.style else 1.0)
    return glyph.x0 < rule[1] - margin and glyph.x1 > rule[0] + margin
