"""The machine that was measured on."""

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """What figures depend on that is not code; `load` is how many processes wanted a core just before."""

    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    load: float

    def format(self) -> str:
        """Return it in one line."""
        memory = f"{self.memory_gb:.0f} GB"
        parts = [self.processor, f"{self.cores} cores", memory, self.system, f"Python {self.python}"]
        return ", ".join([*parts, f"load {self.load:.1f} before the run"])


def describe_machine() -> Machine:
    """Return what this machine is; the instructions that make matrix products fast stand behind the processor."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    system = f"{platform.system()} {platform.machine()}"
    return Machine(
        _name_processor(), os.cpu_count() or 1, memory, system, platform.python_version(), os.getloadavg()[0]
    )


def _name_processor() -> str:
    file = Path("/proc/cpuinfo")
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    name = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    flags = re.search(r"^flags\s*: (.+)$", text, re.MULTILINE)
    known = [
        each
        for each in ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8")
        if flags and each in flags[1].split()
    ]
    return " ".join([name[1] if name else platform.processor() or "unknown processor", *known])
