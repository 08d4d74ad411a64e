"""What a download brings, or why it brings nothing; and who can make one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from index.model import FetchState


@dataclass(frozen=True, slots=True)
class Download:
    """An answer of a server, whole and unpacked, whatever its status.

    Attributes:
        asked: The URL that was asked for.
        got: The URL that answered in the end, after redirects.
        status: Of HTTP.
        headers: By their names in lower case; one that came several times is joined with commas. Date and Cache-Control
            are the cache's own.
        content_type: The label of the content in lower case, without parameters; empty where there is none. Servers
            err: look at the bytes.
        content: Unpacked. Of an error page, its first megabyte.
        fetched_at: When it came from the server, or the server last confirmed it, in ISO 8601 and UTC.
        from_cache: Whether `content` comes from the cache, confirmed by the server or not.
    """

    asked: str
    got: str
    status: int
    headers: Mapping[str, str]
    content_type: str
    content: bytes
    fetched_at: str
    from_cache: bool


class DownloadError(Exception):
    """No answer could be had, or none that may be used; a signal between files, since partial success is data.

    `state` is what that makes of the entry that the URL belongs to, `reason` says why in a few words without a full
    stop, and for `wait_s` seconds the host asks to be left alone.
    """

    def __init__(self, state: FetchState, reason: str, wait_s: float = 0.0) -> None:
        super().__init__(reason)
        self.state = state
        self.reason = reason
        self.wait_s = wait_s


class Fetcher(Protocol):
    """Downloads what a URL names."""

    async def get(
        self, url: str, *, accept: str | None = None, refresh: bool = False, check_robots: bool = True
    ) -> Download:
        """Return the answer to a GET for `url`, whatever its status.

        Args:
            url: Of scheme http or https; a user name and password in it are left out.
            accept: Value of the header of that name; by default what papers come as.
            refresh: Ask the server even where the cache is fresh.
            check_robots: Obey robots.txt; off for services that are made for programs.

        Raises:
            DownloadError: No answer came, or none that may be used.
        """
        ...
