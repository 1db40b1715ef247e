"""`make run` from outside: it comes up, says so, and leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from clinic.settings import ROOT
from tests.system.stack import free_port


def start(folder: Path, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "scripts.run"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "VAR_FOLDER": str(folder), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def processes_with(folder: Path) -> list[str]:
    """Commands still running that were started with this var folder (Linux)."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdecimal() and f"VAR_FOLDER={folder}".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_text().replace("\0", " "))
        except OSError:  # it has ended, or belongs to somebody else
            continue
    return [command for command in found if command]


def test_run_says_which_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(tmp_path, PORT=str(port))
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1 and f"Port {port} is taken" in output


@pytest.mark.system
def test_run_comes_up_prints_a_log_in_and_ends_cleanly_on_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    process = start(tmp_path, PORT=str(port))
    assert process.stdout is not None
    output = ""
    while "Ctrl-C" not in output:
        line = process.stdout.readline()
        assert line, f"ended before it was ready:\n{output}"
        output += line
    assert f"http://127.0.0.1:{port}/" in output and re.search(r"First log-in +duty +\S+", output)
    assert httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False, timeout=20).status_code == 200
    assert len(processes_with(tmp_path)) >= 3
    # The terminal sends Ctrl-C to every process of the foreground group.
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=40)
    until = time.monotonic() + 10
    while processes_with(tmp_path) and time.monotonic() < until:
        time.sleep(0.2)
    assert processes_with(tmp_path) == []
    assert process.returncode == 0
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
