"""Who is answered first, where several ask at once."""

import os
import threading
from types import TracebackType

# What can wait does so no longer than this, so that it comes also where questions never cease.
_PATIENCE_S = 0.15


class Answering:
    """Lets as many questions be answered at once as there are cores, so that each is done soon and the next begins."""

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self._free = threading.BoundedSemaphore(max(2, os.cpu_count() or 1))
        self._changed = threading.Condition()
        self._asked = 0
        self._patience_s = patience_s

    def __enter__(self) -> None:
        """Wait for a place."""
        with self._changed:
            self._asked += 1
        self._free.acquire()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Give it to the next one."""
        self._free.release()
        with self._changed:
            self._asked -= 1
            self._changed.notify_all()

    def give_way(self) -> None:
        """Wait until nobody waits for the beginning of an answer, or for a moment."""
        with self._changed:
            self._changed.wait_for(lambda: not self._asked, self._patience_s)


ANSWERING = Answering()
