"""What is usual in a document: the size and font of its running text, and how far its lines stand apart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.pdf.lines import Line

_LARGER, _SMALLER = 1.07, 0.93
_LEADING_MIN, _LEADING_MAX = 0.9, 2.6  # ems that the lines of one paragraph stand apart
_LEADING_EM = 1.2  # where nothing tells it
_HALF = 0.3  # sizes are compared after rounding to halves


@dataclass(frozen=True, slots=True)
class Measures:
    """Size, font and weight of running text, and the usual distance of lines for each size."""

    size: float
    font: str
    bold: bool
    leading: dict[int, float]

    def gap(self, above: Line, line: Line) -> float:
        """Return how far a line stands below another one, as a multiple of what is usual for its size."""
        return (line.y - above.y) / self.leading.get(round(line.size), _LEADING_EM * line.size)

    def is_strong(self, line: Line) -> bool:
        """Say whether a line is larger or bolder than running text."""
        return self.is_large(line) or (line.bold and not self.bold)

    def is_large(self, line: Line) -> bool:
        """Say whether a line is larger than running text."""
        return line.size > _LARGER * self.size

    def is_small(self, line: Line) -> bool:
        """Say whether a line is smaller than running text."""
        return line.size < _SMALLER * self.size


def measure(lines: Sequence[Line]) -> Measures:
    """Find what is usual in a document."""
    sizes = Counter[float]()
    for line in lines:
        sizes[round(line.size * 2) / 2] += len(line.text)
    size = max(sizes, key=lambda key: sizes[key])
    fonts = Counter[tuple[str, bool]]()
    for line in lines:
        if abs(line.size - size) <= _HALF:
            fonts[line.font, line.bold] += len(line.text)
    font, bold = max(fonts, key=lambda key: fonts[key]) if fonts else (lines[0].font, lines[0].bold)
    return Measures(size, font, bold, _measure_leading(lines))


def _measure_leading(lines: Sequence[Line]) -> dict[int, float]:
    steps: dict[int, Counter[float]] = {}
    for above, line in pairwise(lines):
        size, step = round(line.size), line.y - above.y
        is_pair = above.column == line.column and round(above.size) == size
        if is_pair and _LEADING_MIN < step / line.size < _LEADING_MAX:
            steps.setdefault(size, Counter())[round(step * 2) / 2] += 1
    return {size: counts.most_common(1)[0][0] for size, counts in steps.items()}
