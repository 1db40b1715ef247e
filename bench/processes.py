"""Real processes: started as a user would, watched, and always stopped."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from evaluation.nlu.understanding import python_path
from scripts.train import QUIET_RASA, ROOT, rasa_command

LOGS = ROOT / "var" / "log"
_STOP_AFTER_S = 15.0
_LAST_LINES = 15
_LOOK_EVERY_S = 0.05
# As `make run` sets them, for both pipelines.
THREADS = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}


class ProcessFailed(RuntimeError):
    """A process ended or did not answer; the message holds the end of its log."""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    name: str, command: Sequence[str], *, env: Mapping[str, str], is_ready: Callable[[], bool], timeout_s: float = 240
) -> Iterator[tuple[int, float]]:
    """Starts a process, waits until it is ready, and stops it at the end.

    Gives its process id and the seconds from its start until it was ready.

    Raises:
        ProcessFailed: it ended, or was not ready in time.
    """
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"bench-{name}.log"
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, env=dict(env), cwd=ROOT, stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
        try:
            while not is_ready():
                if process.poll() is not None or time.perf_counter() - started > timeout_s:
                    end = "\n".join(log.read_text(errors="replace").splitlines()[-_LAST_LINES:])
                    raise ProcessFailed(f"{name} does not answer. The end of {log}:\n{end}")
                time.sleep(_LOOK_EVERY_S)
            yield process.pid, time.perf_counter() - started
        finally:
            process.terminate()
            try:
                process.wait(_STOP_AFTER_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@dataclass(frozen=True)
class Serving:
    """How Rasa is served: what `rasa run` is given beside the model, and the path that takes a message."""

    options: tuple[str, ...]
    webhook: str


# Our channel, memory and check of actions' answers; and Rasa's own.
OUR_SERVING = Serving((), "/webhooks/clinic/webhook")
STOCK_SERVING = Serving(
    ("--endpoints", "bench/stock_endpoints.yml", "--credentials", "bench/stock_credentials.yml"),
    "/webhooks/rest/webhook",
)


class RasaClient:
    """Speaks to one `rasa run` over the clinic's channel, as the door does, or over Rasa's own."""

    def __init__(self, port: int, serving: Serving = OUR_SERVING) -> None:
        self._webhook = serving.webhook
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False)

    def ask(self, sender: str, text: str) -> float:
        """The seconds until the answer is there.

        Raises:
            ProcessFailed: Rasa answered an error.
        """
        body = {
            "sender": sender,
            "message": text,
            "channel": "web",
            "metadata": {"message_id": None, "verdict": {"flagged": False, "respond": None, "categories": []}},
        }
        started = time.perf_counter()
        answer = self._client.post(self._webhook, json=body)
        seconds = time.perf_counter() - started
        # Rasa's own channel answers 200 and nothing after a failure.
        if answer.status_code != 200 or not answer.json():
            raise ProcessFailed(f"Rasa answered {answer.status_code} and {len(answer.content)} bytes")
        return seconds

    def is_ready(self) -> bool:
        """Whether a first message is answered."""
        try:
            self.ask("bench-ready", "hello")
        except (httpx.HTTPError, ProcessFailed):
            return False
        return True

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()


@contextmanager
def rasa(
    name: str, model: Path, *, port: int, actions_url: str, token: str = "", serving: Serving = OUR_SERVING
) -> Iterator[tuple[int, float]]:
    """`rasa run` on a model, with our settings. Gives process id and seconds to first answer."""
    client = RasaClient(port, serving)
    env = {
        **os.environ,
        **QUIET_RASA,
        **THREADS,
        "ACTIONS_URL": actions_url,
        "INTERNAL_TOKEN": token,
        "LOG_LEVEL": "ERROR",
        "PYTHONPATH": python_path(),
    }
    command = rasa_command("run", "--model", str(model), "-i", "127.0.0.1", "-p", str(port), *serving.options)
    try:
        with running(name, command, env=env, is_ready=client.is_ready) as started:
            yield started
    finally:
        client.close()


def memory_mb(pid: int) -> float:
    """What a process holds, in MB (10^6 bytes): its proportional share (PSS) on Linux, elsewhere its resident set."""
    if sys.platform == "linux":
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        assert found is not None
        kilobytes = int(found[1])
    else:
        kilobytes = int(subprocess.check_output(["ps", "-o", "rss=", "-p", str(pid)], text=True))
    return kilobytes * 1024 / 1e6
