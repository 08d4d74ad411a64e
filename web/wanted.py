"""What is to be cited, as addresses name it, within bounds that the page and the API share."""

from collections.abc import Sequence
from dataclasses import dataclass

from index.bundle import Index
from index.errors import CitationError
from index.settings import Settings
from qa.citations import Citations, Form, cite_corrected, cite_targets

# As many as an answer has passages at most.
TARGETS_MAX = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Sources by locator, entry or document, or the bibliography of the paper as its text means it; and a style."""

    targets: Sequence[str]
    style: str
    bibliography: bool = False


def make_citations(
    index: Index, settings: Settings, wanted: Wanted, *, form: Form = "html", in_text: bool = False
) -> Citations:
    """Return the citations of what is wanted.

    Raises:
        CitationError: Too much is named, or nothing, or what there is none of.
        LocatorError: There is no such document or place.
        StyleError: There is no such style.
    """
    if len(wanted.targets) > TARGETS_MAX:
        raise CitationError(f"{len(wanted.targets)} sources are named", f"name 1 to {TARGETS_MAX} sources to cite")
    if not wanted.bibliography:
        return cite_targets(index, wanted.targets, style=wanted.style, form=form, in_text=in_text)
    if wanted.targets or in_text:
        what = "sources" if wanted.targets else "citations in text"
        raise CitationError(f"the bibliography and {what} are asked for at once", "ask for one of the two")
    return cite_corrected(index, settings, style=wanted.style, form=form)
