"""The words for what became of an entry: its state, the reason, and what a reader can do."""

from dataclasses import replace
from pathlib import Path

from index.fetch.by_hand import name_by_hand
from index.fetch.finds import Find
from index.fetch.trail import Trail, describe_text
from index.model import Outcome, Reference

_NOT_REFRESHED = "; asked again in vain: "
ABSTRACT = "only the abstract"


def conclude(trail: Trail, found: Find | None, before: Outcome | None) -> Outcome:
    """Return what became of a work; its hint says only what is particular to the case.

    Args:
        trail: The search for it.
        found: The text to take, if any.
        before: What was known; a text of it stays where no better one came.

    Returns:
        The outcome, the same for all entries that name the work.
    """
    attempts = tuple(trail.attempts)
    if found:
        return Outcome("indexed", _describe_find(found, trail), "", describe_text(found), attempts)
    refusal = trail.refusal
    if refusal:
        failed = Outcome(refusal.state, refusal.reason, refusal.hint, attempts=attempts)
    elif trail.is_offline:
        failed = Outcome("offline", "no network can be reached", attempts=attempts)
    elif trail.best:
        failed = Outcome("unreachable", "only a lesser text came than before", attempts=attempts)
    else:
        failed = Outcome("no_url", "the entry names no address, DOI or arXiv id", attempts=attempts)
    if before and before.provenance:
        reason = before.reason.partition(_NOT_REFRESHED)[0]
        return replace(before, reason=f"{reason}{_NOT_REFRESHED}{failed.reason}", attempts=attempts)
    return failed


def _describe_find(found: Find, trail: Trail) -> str:
    places = {
        "doi": "from where its DOI leads",
        "open_access": "from an open copy",
        "landing_page": "from the page that the entry names",
        "archive": "from a copy that the Internet Archive keeps",
    }
    extent = "the text" if found.is_full else ABSTRACT
    reason = f"{extent} came {places[found.address.route]}"
    if not found.names_title:
        reason += "; it does not begin with the title that the entry prints"
    if not found.is_full and trail.refusal:
        reason += f"; the full text did not come: {trail.refusal.reason}"
    return reason


def format_hint(outcome: Outcome, entry: Reference, by_hand: Path | None) -> str:
    """Return what a reader can do about an outcome; empty where there is nothing to do."""
    name = name_by_hand(entry.number)
    folder, build = (by_hand, "`ibid build`") if by_hand else ("a folder", "`ibid build --references FOLDER`")
    save = f"save it as {name}.pdf (or {name}.html) in {folder} and run {build}"
    hints = {
        "paywalled": f"if you have access, {save}",
        "blocked_by_robots": f"open it in a browser, {save}",
        "not_found": f"look for it elsewhere, {save}",
        "no_url": f"look for it by its title, {save}",
        "unreachable": f"try again later with `ibid fetch --only {entry.number}`, or {save}",
        "offline": "run `ibid fetch` again when there is a network",
        "unreadable": f"{outcome.hint or 'get it in another form'}; {save}",
    }
    if outcome.state == "indexed":
        return f"for the full text, {save}" if outcome.reason.startswith(ABSTRACT) else ""
    return hints.get(outcome.state, "")
