"""Which words of a document an address names, and what is searched for in it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from index.bundle import Index
from index.model import Span
from qa.answer import parse_locator
from web.addresses import read_back


@dataclass(frozen=True, slots=True)
class PageSpans:
    """What is marked in a document: a passage, `at` or from `start` to `end`, and the words in it, `mark`.

    `digest`, which an address calls `is`, tells which words they were when the address was made. `find` is searched
    for; of the places where it stands, `n` is gone to. `back`, which an address calls `from`, is where the reader was.
    """

    at: str | None = None
    start: str | None = None
    end: str | None = None
    mark: str | None = None
    digest: Annotated[str | None, Query(alias="is")] = None
    find: Annotated[str, Query(max_length=200)] = ""
    n: Annotated[int, Query(ge=1, le=10_000)] = 1
    back: Annotated[str | None, Query(alias="from")] = None

    @property
    def passage(self) -> str | None:
        """The passage's span, as it stands in a locator."""
        return self.at if self.start is None and self.end is None else f"{self.start}-{self.end}"

    @property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """What stays in the address of the page while something is searched for."""
        fields = {"at": self.passage, "mark": self.mark, "is": self.digest, "from": read_back(self.back)}
        return tuple((name, value) for name, value in fields.items() if value is not None)


def find_span(index: Index, document: str, span: str | None, digest: str | None) -> Span | None:
    """Return the span that an address names, if it names one.

    Raises:
        LocatorError: It is no span, or no text of the document; but for one with a digest, the page itself says that.
    """
    if span is None:
        return None
    name, start, end = parse_locator(f"{document}:{span}")
    if digest is None:
        index.corpus.find_place(name, start, end)
    return start, end
