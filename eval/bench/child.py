"""Processes that are measured: how long one takes from its start to its end, and the most memory that it holds."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

# It starts the child and waits for it. Linux counts in a child's peak what its parent held when it was forked, so the
# parent has to be a small one.
_LAUNCHER = """
import json, os, sys, time
started = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
wall_s = time.perf_counter() - started
with open(sys.argv[1], "w") as file:
    json.dump({"code": os.waitstatus_to_exitcode(status), "wall_s": wall_s, "peak": usage.ru_maxrss}, file)
"""
# The unit of a peak: kibibytes, but on macOS bytes.
PEAK_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024


class ChildError(RuntimeError):
    """A process that was to be measured has failed."""


@dataclass(frozen=True, slots=True)
class Child:
    """What a process did: seconds from start to end, bytes of memory at its peak, and what it wrote."""

    wall_s: float
    peak_bytes: int
    stdout: str


def run_child(command: Sequence[str | Path], environ: Mapping[str, str] | None = None) -> Child:
    """Run a command to its end.

    Args:
        command: A program and its arguments.
        environ: Variables to add to those of this process.

    Raises:
        ChildError: It ends with another code than 0; the message holds the end of what it wrote.
    """
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        launched = subprocess.run(  # noqa: S603 - our own commands
            [sys.executable, "-I", "-S", "-c", _LAUNCHER, report, *command],
            env={**os.environ, **(environ or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        if not report.exists():
            raise ChildError(f"cannot run {command[0]}: {launched.stderr[-2000:]}")
        measured = json.loads(report.read_text())
    if measured["code"] != 0:
        raise ChildError(f"{' '.join(map(str, command))[:200]} ends with {measured['code']}: {launched.stderr[-2000:]}")
    return Child(measured["wall_s"], measured["peak"] * PEAK_UNIT_BYTES, launched.stdout)
