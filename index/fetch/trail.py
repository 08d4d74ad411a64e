"""The trail of one cited work: the URLs that are tried for it, one after the other, and what came of each.

First where its DOI leads, then an open copy, then the page that the entry names, and only if nothing came a copy that
an archive keeps. It ends as soon as the full text is there.
"""

import asyncio
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.fetch.download import DownloadError, Fetcher
from index.fetch.finds import Find, Refusal, appraise
from index.fetch.routes import (
    Address,
    find_doi_of,
    format_archive_url,
    format_unpaywall_url,
    is_doi_of_arxiv,
    list_arxiv_addresses,
    list_doi_addresses,
    list_landing_addresses,
    normalise_url,
    read_archive,
    read_unpaywall,
)
from index.model import Attempt, FetchState, Provenance, Reference

_OK = 200
_CHARSET = re.compile(r"charset=[\"']?([\w.:-]{1,40})", re.IGNORECASE)
# The first that occurs tells most. What was there but cannot be read, or only by some, needs a person; what may yet
# come goes before what is gone, so that it is asked for again.
_TELLING: tuple[FetchState, ...] = (
    "unreadable",
    "paywalled",
    "blocked_by_robots",
    "unreachable",
    "not_found",
    "offline",
)


@dataclass(frozen=True, slots=True)
class Means:
    """What a search works with.

    Attributes:
        fetcher: Asks the network.
        contact: The mail address that Unpaywall asks for; None leaves it out.
        refresh: Whether to ask servers even where the cache is fresh.
        reading: Held while bytes are read, because PDFium reads one file at a time.
    """

    fetcher: Fetcher
    contact: str | None
    refresh: bool
    reading: asyncio.Lock


class Trail:
    """The search for the text of one work."""

    def __init__(self, entries: Sequence[Reference], means: Means) -> None:
        self.attempts: list[Attempt] = []
        # Of the right title, full, from where it was published; the first of equals.
        self.best: Find | None = None
        self.is_offline = False  # whether it ended because there is no network
        self._refusals: list[Refusal] = []  # of the work's own addresses
        self._entries = entries
        self._means = means
        self._asked: set[str] = set()
        self._copies: list[Refusal] = []  # why there is none in an archive
        self._arrived = ""  # where the last answer came from

    @property
    def refusal(self) -> Refusal | None:
        """The refusal that tells most."""
        refusals = self._refusals or self._copies
        return min(refusals, key=lambda refusal: _TELLING.index(refusal.state), default=None)

    async def follow(self) -> None:
        """Try one URL after the other until the full text has come."""
        if any(is_doi_of_arxiv(find_doi_of(entry)) for entry in self._entries):
            await self._try_all(list_arxiv_addresses)  # where the DOI leads as well, by way of two hosts and a page
        await self._try_all(list_doi_addresses)
        if self._goes_on():
            await self._try_open_copies()
        await self._try_all(list_landing_addresses)
        if not self.best and self._goes_on():
            await self._try_archive()

    def _goes_on(self) -> bool:
        return not self.is_offline and not (self.best and self.best.is_full and self.best.names_title)

    async def _try_all(self, list_addresses: Callable[[Reference], list[Address]]) -> None:
        for address in [address for entry in self._entries for address in list_addresses(entry)]:
            if self._goes_on():
                await self._try(address)

    async def _try_open_copies(self) -> None:
        doi = next(filter(None, map(find_doi_of, self._entries)), None)
        if doi and self._means.contact:
            answer = await self._ask(format_unpaywall_url(doi, self._means.contact), "open copies")
            for address in read_unpaywall(answer):
                if self._goes_on():
                    await self._try(address)
        await self._try_all(list_arxiv_addresses)

    async def _try_archive(self) -> None:
        entry = self._entries[0]
        pages = [address.url for entry in self._entries for address in list_landing_addresses(entry)]
        page = pages[0] if pages else self._arrived
        if not page:
            return
        when = entry.accessed or entry.issued or str(entry.year or "")
        copies = read_archive(await self._ask(format_archive_url(page, when), "archived copies"), page)
        for address in copies:
            await self._try(address)

    async def _try(self, address: Address, *, is_pdf: bool = False) -> None:
        """Ask for a URL, unless it was asked, and for the PDF that a mere abstract names, though not for that one's."""
        if normalise_url(address.url) in self._asked:
            return
        self._asked.add(normalise_url(address.url))
        found = await self._fetch(address)
        if isinstance(found, Refusal):
            self._note_refusal(address, found)
            return
        self._note_find(found)
        if found.pdf_url and not found.is_full and not is_pdf:
            await self._try(Address(found.pdf_url, address.route, found.licence), is_pdf=True)

    async def _fetch(self, address: Address) -> Find | Refusal:
        try:
            download = await self._means.fetcher.get(address.url, refresh=self._means.refresh)
        except DownloadError as error:
            return Refusal(error.state, error.reason)
        self._arrived = download.got
        self._asked.add(normalise_url(download.got))
        async with self._means.reading:
            return await asyncio.to_thread(appraise, download, address, self._entries[0])

    async def _ask(self, url: str, wanted: str) -> bytes:
        """Return what a service answers; nothing where it does not, which says nothing about the work."""
        service = url.partition("?email=")[0]  # the mail address is nobody's business
        try:
            answer = await self._means.fetcher.get(
                url, accept="application/json", refresh=self._means.refresh, check_robots=False
            )
        except DownloadError as error:
            self.attempts.append(Attempt(service, f"{error.state}: {error.reason}"))
            self.is_offline = error.state == "offline"
            return b""
        known = answer.status == _OK
        outcome = f"asked for {wanted}" if known else f"knows no {wanted} ({answer.status})"
        self.attempts.append(Attempt(service, outcome))
        return answer.content if known else b""

    def _note_refusal(self, address: Address, refusal: Refusal) -> None:
        self.attempts.append(Attempt(address.url, f"{refusal.state}: {refusal.reason}"))
        (self._copies if address.route == "archive" else self._refusals).append(refusal)
        self.is_offline = refusal.state == "offline"

    def _note_find(self, found: Find) -> None:
        extent = "full text" if found.is_full else "abstract"
        self.attempts.append(Attempt(found.address.url, f"{extent}, {found.kind}"))
        if self.best is None or _rank(found) > _rank(self.best):
            self.best = found


def _rank(find: Find) -> tuple[bool, bool, bool]:
    return find.names_title, find.is_full, find.address.route != "archive"


def _format_type(find: Find) -> str:
    """Return what the bytes of a text are, with the charset that only the server's label may tell."""
    charset = _CHARSET.search(find.download.headers.get("content-type", ""))
    is_told = charset and find.kind.startswith("text/") and charset[1].lower() not in ("utf-8", "utf8")
    return f"{find.kind}; charset={charset[1].lower()}" if charset and is_told else find.kind


def describe_text(find: Find) -> Provenance:
    """Return where a text came from."""
    download = find.download
    return Provenance(
        route=find.address.route,
        asked=download.asked,
        got=download.got,
        fetched_at=download.fetched_at,
        status=download.status,
        content_type=_format_type(find),
        sha256=hashlib.sha256(download.content).hexdigest(),
        size_bytes=len(download.content),
        licence=find.licence,
    )
