"""Progress bars on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from index.assemble import Progress


@contextmanager
def show_progress() -> Iterator[Progress]:
    """Give the functions that move a bar on a terminal; elsewhere they show nothing."""
    if not sys.stderr.isatty():  # to import what draws them takes a tenth of a build in which little is new
        yield Progress()
        return
    from rich import progress as bars
    from rich.console import Console

    console = Console(stderr=True)
    columns = (bars.TextColumn("{task.description:10}"), bars.BarColumn(), bars.MofNCompleteColumn())
    with bars.Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task("read", total=None)

        def announce(stage: str, total: int) -> None:
            shown.reset(task, description=stage, total=total or None)

        yield Progress(announce, lambda count: shown.advance(task, count))
