"""Where and on what was measured."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.train import ROOT

_CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True)
class Machine:
    """`commit` ends in "+" where files differ from it; `load` is how many processes wanted a core in the last minute."""

    cores: int
    processor: str
    system: str
    commit: str
    load: float

    @property
    def is_busy(self) -> bool:
        """Whether others were using it so much that times are rough."""
        return self.load > self.cores / 4

    def __str__(self) -> str:
        return f"{self.cores} cores of {self.processor}, {self.system}, commit {self.commit}"


def this_machine() -> Machine:
    """The machine this runs on, as it is now."""
    return Machine(_cores(), _processor(), f"{platform.system()} {platform.machine()}", _commit(), os.getloadavg()[0])


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    if _CPU_INFO.is_file() and (found := re.search(r"^model name\s*:\s*(.+)$", _CPU_INFO.read_text(), re.MULTILINE)):
        return found[1].strip()
    return platform.processor() or "an unknown processor"


def _commit() -> str:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    try:
        commit = git("rev-parse", "--short", "HEAD")
        return f"{commit or 'unknown'}{'+' if git('status', '--porcelain') else ''}"
    except FileNotFoundError:
        return "unknown"
