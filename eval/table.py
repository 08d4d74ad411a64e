"""Figures and comparisons as plain tables."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eval.significance import Comparison


def format_figures(figures: Mapping[str, float | int | None]) -> str:
    """Return one line per measure; a dash stands for what the dataset cannot give."""
    return format_rows([[name, format_figure(figure)] for name, figure in figures.items()])


def format_comparisons(comparisons: "Sequence[Comparison]") -> str:
    """Return one line per measure, with the interval of the difference and what it means."""
    head = ["measure", "n", "first", "second", "difference", "95 % interval", "p", "verdict"]
    rows = [
        [
            each.measure,
            str(each.questions),
            f"{each.first:.4f}",
            f"{each.second:.4f}",
            f"{each.difference:+.4f}",
            f"{each.low:+.4f} to {each.high:+.4f}",
            f"{each.p:.4f}",
            each.verdict,
        ]
        for each in comparisons
    ]
    return format_rows([head, *rows], left=("measure", "verdict"))


def format_figure(figure: float | None) -> str:
    """Return a whole number as it is, and any other with four digits."""
    if figure is None:
        return "-"
    return str(figure) if isinstance(figure, int) else f"{figure:.4f}"


def format_rows(rows: Sequence[Sequence[str]], left: Sequence[str] = ()) -> str:
    """Return rows in columns: the first to the left, as those whose head is in `left`, all others to the right."""
    columns = list(zip(*rows, strict=True))
    padded = []
    for number, cells in enumerate(columns):
        width = max(map(len, cells))
        leftward = number == 0 or cells[0] in left
        padded.append([cell.ljust(width) if leftward else cell.rjust(width) for cell in cells])
    return "\n".join("  ".join(row).rstrip() for row in zip(*padded, strict=True))
