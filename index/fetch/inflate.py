"""Unpack the body of an answer piece by piece, never to more than a limit: a small body may unpack to gigabytes.

gzip and deflate only, by the standard library: nothing else is asked for, so nothing else is to come.
"""

import zlib

from index.fetch.download import DownloadError

ACCEPT_ENCODING = "gzip, deflate"
_FOREIGN = frozenset(("br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "pack200-gzip"))
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WBITS, _ZLIB_WBITS, _RAW_WBITS = 31, 15, -15
# A gzip file may hold several members one after the other. More than a few are an attack: each copies what follows it.
_MAX_MEMBERS = 64


class Inflater:
    """Collects a body. What is over `max_bytes` is an error, or cut off where `is_cut` says so."""

    def __init__(self, encoding: str, max_bytes: int, *, is_cut: bool = False) -> None:
        self._coding = read_coding(encoding)
        self._max_bytes = max_bytes
        self._is_cut = is_cut
        self._pending = b""
        self._members = 0
        self._stream: zlib._Decompress | None = None
        self._body = bytearray()

    @property
    def is_full(self) -> bool:
        """Whether the limit is reached and the rest is not wanted."""
        return self._is_cut and len(self._body) >= self._max_bytes

    @property
    def size_bytes(self) -> int:
        """How much is unpacked so far."""
        return len(self._body)

    def feed(self, packed: bytes) -> None:
        """Take the next piece as it came.

        Raises:
            DownloadError: The body is too large, or damaged.
        """
        self._pending += packed
        if len(self._pending) < len(_GZIP_MAGIC) and self._coding != "identity" and self._stream is None:
            return  # the first two bytes tell what it is
        packed, self._pending = self._pending, b""
        if self._stream is None and self._coding != "identity":
            self._stream = self._open(packed)
        if self._stream is None:
            self._add(packed)
            return
        try:
            self._inflate(packed)
        except zlib.error as error:
            raise DownloadError("unreadable", "came with damaged compression") from error

    def finish(self) -> bytes:
        """Return the body; to be called once, after the last piece.

        Raises:
            DownloadError: It ends too early.
        """
        if self._pending:
            self._add(self._pending)
        if self._stream is not None and not self._stream.eof and not self.is_full:
            raise DownloadError("unreachable", "sent less than it announced")
        body, self._body = bytes(self._body), bytearray()
        return body

    def _open(self, first: bytes) -> "zlib._Decompress | None":
        """Return what unpacks a body that begins with `first`; None if it is not packed, whatever its label says."""
        if self._coding == "gzip":
            return zlib.decompressobj(_GZIP_WBITS) if first.startswith(_GZIP_MAGIC) else None
        is_zlib = first[0] & 0x0F == zlib.DEFLATED and int.from_bytes(first[:2]) % 31 == 0  # RFC 1950
        return zlib.decompressobj(_ZLIB_WBITS if is_zlib else _RAW_WBITS)

    def _inflate(self, packed: bytes) -> None:
        while packed and self._stream is not None and not self.is_full:
            if self._stream.eof:
                if self._coding != "gzip" or not packed.startswith(_GZIP_MAGIC):
                    return  # padding, which is to be ignored
                self._members += 1
                self._stream = zlib.decompressobj(_GZIP_WBITS)
            if self._members > _MAX_MEMBERS:
                raise DownloadError("unreadable", "came with damaged compression")
            left = self._max_bytes - len(self._body)
            self._add(self._stream.decompress(packed, left + 1))
            packed = self._stream.unused_data if self._stream.eof else b""

    def _add(self, piece: bytes) -> None:
        self._body += piece
        if len(self._body) > self._max_bytes:
            if not self._is_cut:
                raise DownloadError("unreadable", f"larger than {self._max_bytes / 1e6:g} MB")
            del self._body[self._max_bytes :]


def read_coding(encoding: str) -> str:
    """Return how a body is packed, by its header Content-Encoding: "gzip", "deflate" or "identity".

    Names that are no coding, such as "utf-8", say nothing: servers write them by mistake.

    Raises:
        DownloadError: It is packed twice, or in a way that was not asked for.
    """
    named = [name.strip().lower().removeprefix("x-") for name in encoding[:200].split(",")]
    codings = [name for name in named if name in ("gzip", "deflate") or name in _FOREIGN]
    if len(codings) > 1:
        raise DownloadError("unreadable", "came packed more than once")
    if codings and codings[0] in _FOREIGN:
        raise DownloadError("unreadable", f"came packed as {codings[0]}, which was not asked for")
    return codings[0] if codings else "identity"
