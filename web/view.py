"""How a document is to be shown: what is marked in it, what is searched for, and on which page it stands."""

from dataclasses import dataclass

from index.model import Span


@dataclass(frozen=True, slots=True)
class View:
    """How a document is to be shown.

    Attributes:
        passage: What is marked in it.
        highlight: What is marked stronger; links land at the innermost of the two.
        digest: Of the words that were there when the address was made; where others are there now, nothing is marked.
        find: Words that are searched for in it.
        n: Which of the places where they stand is gone to, from 1.
        path: Address of the page that shows it, without a query; empty for the document's own.
        fields: What else stands in the page's query and stays there while words are searched for.
        depth: Of its title among the headings of the page, 1 on a page of its own.
    """

    passage: Span | None = None
    highlight: Span | None = None
    digest: str | None = None
    find: str = ""
    n: int = 1
    path: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    depth: int = 1
