from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import httpx
import pytest

from bench import processes
from bench.action_stub import action_stub
from bench.processes import ProcessFailed, memory_mb, running

SLEEPS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


@pytest.fixture(autouse=True)
def _logs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(processes, "LOGS", tmp_path)


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_processes_run_until_the_block_ends(tmp_path: Path) -> None:
    log = tmp_path / "bench-sleeper.log"
    with running("sleeper", SLEEPS, env=os.environ, is_ready=lambda: log.read_text() == "up\n") as (pid, seconds):
        assert is_alive(pid)
        assert 0 < seconds < 60
        assert 1 < memory_mb(pid) < 200
    assert not is_alive(pid)


def test_processes_are_stopped_after_an_error(tmp_path: Path) -> None:
    pids = []
    with (
        pytest.raises(RuntimeError, match="in the middle"),
        running("sleeper", SLEEPS, env=os.environ, is_ready=lambda: True) as (pid, _),
    ):
        pids.append(pid)
        raise RuntimeError("in the middle")
    assert not is_alive(pids[0])


def test_processes_that_end_say_why() -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('port is taken')"]
    with (
        pytest.raises(ProcessFailed, match="port is taken"),
        running("ender", command, env=os.environ, is_ready=lambda: False),
    ):
        pass


def test_processes_that_are_never_ready_are_given_up() -> None:
    with (
        pytest.raises(ProcessFailed, match="does not answer"),
        running("sleeper", SLEEPS, env=os.environ, is_ready=lambda: False, timeout_s=0.3),
    ):
        pass


@pytest.mark.parametrize(
    ("action", "events", "texts"),
    [
        ("action_session_start", ["session_started", "action"], []),
        ("action_offer_topics", [], ["ok"]),
    ],
)
def test_action_stub_answers_all_alike(action: str, events: list[str], texts: list[str]) -> None:
    with action_stub() as address, httpx.Client(trust_env=False) as client:
        for _ in range(2):
            answer = client.post(address, content=json.dumps({"next_action": action, "tracker": {}})).json()
            assert [event["event"] for event in answer["events"]] == events
            assert [response["text"] for response in answer["responses"]] == texts
