"""Fetch the works that a paper cites: what came is put on the shelf entry by entry, and why the rest did not.

A run that is stopped goes on where it was: what came, and what plainly cannot be had, is not asked for again.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from index.errors import SourceError
from index.extract import read_content, read_file, sniff_type
from index.fetch.by_hand import find_by_hand
from index.fetch.completion import complete_reference
from index.fetch.download import Fetcher
from index.fetch.finds import Find, is_full_text
from index.fetch.outcomes import conclude, format_hint
from index.fetch.shelf import Shelf, fingerprint
from index.fetch.trail import Means, Trail
from index.model import Attempt, Outcome, Provenance, Reference
from index.references import find_same_works
from index.settings import Settings

CACHE_FOLDER = "http"
# Searches at a time: as many hosts as are asked at once, and as many again that wait for their turn; bounds the memory.
_SEARCHES = 32
# What is not asked for again unless that is wished: the rest may have been chance.
_SETTLED = frozenset({"indexed", "by_hand", "paywalled", "not_found", "blocked_by_robots", "no_url", "unreadable"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to fetch.

    Attributes:
        only: Numbers of entries, asked for whatever became of them before; empty for all that may yet come.
        refresh: Ask again for what has come already.
        by_hand: Folder of texts that were put in by hand, if there is one.
        report: Told of each entry when it is finished.
    """

    only: Sequence[str] = ()
    refresh: bool = False
    by_hand: Path | None = None
    report: Callable[[Reference, Outcome], None] = lambda _reference, _outcome: None


def fetch_all(
    references: Sequence[Reference], shelf: Shelf, settings: Settings, wanted: Wanted | None = None
) -> dict[str, Outcome]:
    """Fetch over the network; else as `fetch_references`."""
    from index.fetch.client import open_client

    async def fetch() -> dict[str, Outcome]:
        async with open_client(settings, settings.home / CACHE_FOLDER) as client:
            return await fetch_references(references, shelf, client, settings, wanted)

    return asyncio.run(fetch())


async def fetch_references(
    references: Sequence[Reference], shelf: Shelf, fetcher: Fetcher, settings: Settings, wanted: Wanted | None = None
) -> dict[str, Outcome]:
    """Fetch the works that entries name, all at the same time; the fetcher is polite.

    Entries that name one work are asked for once. A text that was put in by hand is taken as it is, and stays where it
    is. A text that came before stays if asking again brings none.

    Args:
        references: All entries of one bibliography.
        shelf: Where to keep what comes; each entry is there as soon as it is finished.
        fetcher: Asks the network.
        settings: Whom to name as a contact, and whether to complete entries.
        wanted: What to fetch; by default all that may yet come.

    Returns:
        What became of every entry, by its number.

    Raises:
        SourceError: An entry is wanted that is not in the bibliography.
        StorageError: The shelf cannot be written.
    """
    wanted = wanted or Wanted()
    _check_only(references, wanted.only)
    run = _Run(shelf, fetcher, settings, wanted)
    return await run.fetch(references)


def _check_only(references: Sequence[Reference], only: Sequence[str]) -> None:
    unknown = [number for number in only if number not in {each.number for each in references}]
    if unknown:
        raise SourceError(f"the paper lists no entry {unknown[0]!r}", "list its entries with `ibid sources`")


def group_works(references: Sequence[Reference]) -> list[list[Reference]]:
    """Return the entries of each work together, in their order.

    Of entries that bear the same number, as two lists in one paper have them, only the first can be named as the same
    work as another; the rest are works of their own.
    """
    same = find_same_works(references)
    words: dict[str, str] = {}  # of the first entry of each number
    works: dict[str, list[Reference]] = {}
    for reference in references:
        mark = fingerprint(reference)
        is_first = words.setdefault(reference.number, mark) == mark
        key = same.get(reference.number, reference.number) if is_first else f"{reference.number} {mark}"
        works.setdefault(key, []).append(reference)
    return list(works.values())


class _Run:
    """One run over a bibliography."""

    def __init__(self, shelf: Shelf, fetcher: Fetcher, settings: Settings, wanted: Wanted) -> None:
        self._shelf = shelf
        self._fetcher = fetcher
        self._settings = settings
        self._wanted = wanted
        self._slots = asyncio.Semaphore(_SEARCHES)
        self._reading = asyncio.Lock()
        self._is_offline = False
        self._files: dict[str, Path] = {}
        self._known: dict[str, Outcome] = {}

    async def fetch(self, references: Sequence[Reference]) -> dict[str, Outcome]:
        """Fetch all; a bug in one entry surfaces when the others are finished and saved."""
        self._known = self._shelf.load(references)
        if self._wanted.by_hand:
            self._files, _ = find_by_hand(self._wanted.by_hand, references)
        works = group_works(references)
        done = await asyncio.gather(*map(self._fetch_work, works), return_exceptions=True)
        failed = next((each for each in done if isinstance(each, BaseException)), None)
        if failed:
            raise failed
        return {number: outcome for each in done if isinstance(each, dict) for number, outcome in each.items()}

    async def _fetch_work(self, entries: Sequence[Reference]) -> dict[str, Outcome]:
        """Return the outcome of each of the entries of one work."""
        async with self._slots:
            taken = await self._take_by_hand(entries)
            if taken.provenance:
                return self._report(entries, [taken] * len(entries))
            if self._wanted.only and not self._is_named(entries):
                return {each.number: self._known.get(each.number, Outcome()) for each in entries}
            before = await self._find_settled(entries)
            if before and not self._is_asked_anew(entries):
                return self._report(entries, await self._share(entries, before))
            return self._report(entries, await self._search(entries, before, taken))

    def _report(self, entries: Sequence[Reference], outcomes: Sequence[Outcome]) -> dict[str, Outcome]:
        for entry, outcome in zip(entries, outcomes, strict=True):
            self._wanted.report(entry, outcome)
        return {entry.number: outcome for entry, outcome in zip(entries, outcomes, strict=True)}

    def _is_named(self, entries: Sequence[Reference]) -> bool:
        return any(each.number in self._wanted.only for each in entries)

    def _is_asked_anew(self, entries: Sequence[Reference]) -> bool:
        return self._is_named(entries) or (self._wanted.refresh and not self._wanted.only)

    async def _take_by_hand(self, entries: Sequence[Reference]) -> Outcome:
        """Return the text that was put in for one of the entries; without provenance where there is none to read."""
        file = next((self._files[each.number] for each in entries if each.number in self._files), None)
        if file is None:
            return Outcome()
        try:
            content = read_file(file)
            async with self._reading:
                await asyncio.to_thread(read_content, content, file.name)
        except SourceError as error:
            return Outcome("unreadable", error.message, error.hint, None, (Attempt(file.name, error.message),))
        return Outcome("by_hand", f"{file.name} was put in by hand", provenance=_describe_file(file, content))

    async def _find_settled(self, entries: Sequence[Reference]) -> Outcome | None:
        """Return what is known of a work if that is final, a text before the reason why there is none."""
        known = [self._known[each.number] for each in entries if each.number in self._known]
        settled = [outcome for outcome in known if outcome.state in _SETTLED]
        for outcome in sorted(settled, key=lambda outcome: outcome.provenance is None):
            if outcome.provenance is None or await self._load_text(outcome):
                return outcome
        return None

    async def _load_text(self, outcome: Outcome) -> bytes | None:
        """Return the text of an outcome; None where it was lost, which asking again mends."""
        try:
            sha256 = outcome.provenance.sha256 if outcome.provenance else ""
            return await asyncio.to_thread(self._shelf.read_content, sha256)
        except SourceError:
            return None

    async def _share(self, entries: Sequence[Reference], before: Outcome) -> list[Outcome]:
        """Return what is known of a work for each of its entries; one that is new gets it too."""
        for entry in entries:
            if entry.number not in self._known:
                await asyncio.to_thread(self._shelf.save, entry, before)
        return [self._known.get(entry.number, before) for entry in entries]

    async def _search(self, entries: Sequence[Reference], before: Outcome | None, by_hand: Outcome) -> list[Outcome]:
        """Search for a work, and put on the shelf what came; what was put in by hand could not be read, if anything."""
        means = Means(self._fetcher, self._settings.contact, self._is_asked_anew(entries), self._reading)
        if self._settings.complete and not self._is_offline:
            entries = [await complete_reference(entry, self._fetcher) for entry in entries]
        trail = Trail(entries, means)
        trail.is_offline = self._is_offline
        if not self._is_offline:
            await trail.follow()
        self._is_offline = self._is_offline or trail.is_offline
        found = trail.best if trail.best and not await self._is_worse(trail.best, before) else None
        outcome = conclude(trail, found, before)
        unread = by_hand.reason if outcome.provenance is None else ""
        reason = "; ".join(filter(None, [unread, outcome.reason]))
        outcome = replace(outcome, reason=reason, attempts=by_hand.attempts + outcome.attempts)
        outcomes = [replace(outcome, hint=format_hint(outcome, each, self._wanted.by_hand)) for each in entries]
        for entry, each in zip(entries, outcomes, strict=True):
            content = found.download.content if found else None
            await asyncio.to_thread(self._shelf.save, entry, each, content)
        return outcomes

    async def _is_worse(self, found: Find, before: Outcome | None) -> bool:
        """Say whether a text would take the place of a better one: of the original, or of more than the abstract."""
        if before is None or before.provenance is None:
            return False
        if found.address.route == "archive" and before.provenance.route != "archive":
            return True
        content = None if found.is_full else await self._load_text(before)
        if not content:
            return False
        async with self._reading:
            label = before.provenance.content_type
            reading = await asyncio.to_thread(read_content, content, "the text that came before", label)
        is_page = before.provenance.route in ("landing_page", "archive")
        return is_full_text(reading, sniff_type(content), is_page=is_page)


def _describe_file(file: Path, content: bytes) -> Provenance:
    return Provenance(
        route="by_hand",
        asked=file.name,
        got=file.name,
        fetched_at=datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat(timespec="seconds"),
        status=0,
        content_type=sniff_type(content),
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
    )
