"""Where and on what was measured."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from scripts.train import ROOT

_CPU_INFO = Path("/proc/cpuinfo")
_CPU_TIMES = Path("/proc/stat")
_WATCHED_S = 3.0
_BUSY = 0.1


@dataclass(frozen=True)
class Machine:
    """`commit` ends in "+" where files differ from it.

    `others` is the share of the cores (0 to 1) that others were using before anything was measured; None: not known.
    """

    cores: int
    processor: str
    system: str
    commit: str
    others: float | None

    @property
    def is_busy(self) -> bool:
        """Whether others were using it so much that times are rough."""
        return self.others is not None and self.others > _BUSY

    def __str__(self) -> str:
        return f"{self.cores} cores of {self.processor}, {self.system}, commit {self.commit}"


def this_machine() -> Machine:
    """The machine this runs on, as it is now. Takes three seconds, in which it is watched."""
    return Machine(_cores(), _processor(), f"{platform.system()} {platform.machine()}", _commit(), _others())


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    if _CPU_INFO.is_file() and (found := re.search(r"^model name\s*:\s*(.+)$", _CPU_INFO.read_text(), re.MULTILINE)):
        return found[1].strip()
    return platform.processor() or "an unknown processor"


def _others() -> float | None:
    if not _CPU_TIMES.is_file():
        return None
    idle, total = _cpu_times()
    time.sleep(_WATCHED_S)
    idle_after, total_after = _cpu_times()
    return 1 - (idle_after - idle) / max(total_after - total, 1)


def _cpu_times() -> tuple[int, int]:
    """Idle and all time of all cores so far (man 5 proc: user, nice, system, idle, iowait, ...)."""
    times = [int(field) for field in _CPU_TIMES.read_text().splitlines()[0].split()[1:9]]
    return times[3] + times[4], sum(times)


def _commit() -> str:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True).stdout.strip()

    try:
        commit = git("rev-parse", "--short", "HEAD")
        return f"{commit or 'unknown'}{'+' if git('status', '--porcelain') else ''}"
    except FileNotFoundError:
        return "unknown"
