"""Make the page of an error, and what other pages have in common."""

from index.model import Work
from web.pages import ErrorPage
from web.texts import join_list, say

SITE = "Ibid"


def compose_error(status: int, message: str, hint: str, *, question: str = "") -> ErrorPage:
    """Return the page of an error, its message and hint as sentences."""
    return ErrorPage(
        title=name_window(make_sentence(message)),
        question=question,
        status=status,
        message=make_sentence(message),
        hint=tuple(make_sentence(hint).split("`")),
    )


def name_window(what: str) -> str:
    """Return the title of the window that shows something."""
    return say("page.window", what=what, site=SITE)


def name_byline(work: Work) -> str:
    """Return who wrote a work, and when."""
    return " · ".join(part for part in (join_list(work.authors), str(work.year or "")) if part)


def make_sentence(words: str) -> str:
    """Return words with a capital and a stop."""
    stop = "" if words.rstrip("'\"`").endswith((".", "?", "!")) else "."
    return f"{words[:1].upper()}{words[1:]}{stop}"
