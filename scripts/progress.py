"""Running something long: progress on a terminal, the whole output in a file, its end when it fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

console = Console(stderr=True)
_LINES_SHOWN = 25


def run_logged(title: str, command: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None) -> None:
    """Runs a command under a title.

    Raises:
        SystemExit: it failed; the end of its output has been shown.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(env or {})},
        )
        try:
            _wait(process, title, started)
        except BaseException:
            process.terminate()
            process.wait()
            raise
    seconds = time.monotonic() - started
    if process.returncode:
        console.print(f"[red]x[/red] {title} failed after {seconds:.0f} s. The end of {log}:")
        for line in log.read_text(errors="replace").splitlines()[-_LINES_SHOWN:]:
            console.print(f"  {line}", markup=False, highlight=False)
        sys.exit(process.returncode)
    console.print(f"* {title}: done in {seconds:.0f} s", highlight=False)


def _wait(process: subprocess.Popen[bytes], title: str, started: float) -> None:
    if not console.is_terminal:
        console.print(f"* {title} ...", highlight=False)
        process.wait()
        return
    with console.status(title) as status:
        while process.poll() is None:
            status.update(f"{title} ({time.monotonic() - started:.0f} s)")
            time.sleep(0.5)
