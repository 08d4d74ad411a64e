"""What draws printed pages for a server."""

import asyncio
from collections.abc import Sequence
from typing import cast

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from index.pdf.facsimile import Facsimiles, Original


class Easel:
    """Draws one page at a time; those who wait hold no thread, so that questions are answered meanwhile."""

    def __init__(self) -> None:
        self.facsimiles = Facsimiles()
        self._turn = asyncio.Semaphore(1)

    async def draw(self, original: Original, page: int, width: int, words: Sequence[str]) -> bytes:
        """Return a page as PNG.

        Raises:
            SourceError: It cannot be drawn.
        """
        async with self._turn:
            return await run_in_threadpool(self.facsimiles.draw, original, page, width, words)


def get_easel(request: Request) -> Easel:
    """Return what draws pages for this server."""
    return cast("Easel", request.app.state.easel)
