"""From the API to the stored reply: the clinic service on a database of its own with our Rasa behind it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from bench.processes import ProcessFailed, free_port, memory_mb, rasa, running
from bench.progress import steps
from bench.samples import conversations
from scripts.train import MODEL

# Nothing of a developer's own .env may be used here: no database, no key, above all no address for alerts.
_NOTHING_OF_OURS = {
    "ENVIRONMENT": "development",
    "HOST": "127.0.0.1",
    "PUBLIC_URL": "",
    "DATABASE_URL": "",
    "DATA_KEYS": "",
    "REDIS_URL": "",
    "ALERT_URLS": "",
    "RATE_LIMIT": "off",
}
_WARM_UP_TURNS = 20
# Counters of the clinic service that must stay at nothing: a turn in which a part fails is quick for the wrong reason.
_FAILURES = ("interlude_unanswered_total", "interlude_screen_failures_total")


@dataclass(frozen=True)
class WholeWay:
    """Seconds from posting each message to the answer, which is sent when the reply is stored; MB of Rasa after it."""

    turns: list[float]
    rasa_memory_mb: float


def measure(texts: Sequence[str]) -> WholeWay:
    """Posts the messages in conversations of their own.

    Raises:
        ProcessFailed: a part does not answer, or a reply was the safe one that stands in for Rasa's.
    """
    port, rasa_port, token = free_port(), free_port(), secrets.token_urlsafe(24)
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder, httpx.Client(base_url=base, timeout=30, trust_env=False) as client:
        env = {
            **os.environ,
            **_NOTHING_OF_OURS,
            "PORT": str(port),
            "RASA_URL": f"http://127.0.0.1:{rasa_port}",
            "INTERNAL_TOKEN": token,
            "VAR_FOLDER": folder,
        }
        _migrate(env)
        actions = f"{base}/internal/actions"
        with (
            running("clinic", _clinic("serve"), env=env, is_ready=lambda: _is_up(client, "/healthz")),
            rasa("whole-way", MODEL, port=rasa_port, actions_url=actions, token=token) as (rasa_pid, _),
        ):
            _wait_until_ready(client)
            _converse(client, texts[:_WARM_UP_TURNS], title="Warming up")
            seconds = _converse(client, texts, title="The whole way, from the API to the stored reply")
            _refuse_failures(client)
            return WholeWay(seconds, memory_mb(rasa_pid))


def _converse(client: httpx.Client, texts: Sequence[str], *, title: str) -> list[float]:
    seconds = []
    with steps(title, len(texts)) as advance:
        for conversation in conversations(texts):
            opened = client.post("/api/conversations", json={"channel": "web"})
            _check(opened, 201)
            address = f"/api/conversations/{opened.json()['id']}/messages"
            headers = {"Authorization": f"Bearer {opened.json()['token']}"}
            for text in conversation:
                body = {"text": text, "client_message_id": str(uuid.uuid4())}
                started = time.perf_counter()
                answer = client.post(address, json=body, headers=headers)
                seconds.append(time.perf_counter() - started)
                _check(answer, 200)
                advance()
    return seconds


def _clinic(command: str) -> list[str]:
    return [sys.executable, "-m", "clinic", command]


def _migrate(env: Mapping[str, str]) -> None:
    subprocess.run(_clinic("migrate"), env=dict(env), check=True, stdout=subprocess.DEVNULL)


def _is_up(client: httpx.Client, path: str) -> bool:
    try:
        return client.get(path).status_code == 200
    except httpx.HTTPError:
        return False


def _wait_until_ready(client: httpx.Client, timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not _is_up(client, "/readyz"):
        if time.monotonic() > deadline:
            raise ProcessFailed(f"the clinic service is not ready: {client.get('/readyz').text}")
        time.sleep(0.2)


def _refuse_failures(client: httpx.Client) -> None:
    lines = client.get("/metrics").text.splitlines()
    failures = [line for line in lines if line.startswith(_FAILURES) and float(line.rsplit(" ", 1)[1]) > 0]
    if failures:
        raise ProcessFailed(f"a part failed in some of the turns: {', '.join(failures)}")


def _check(answer: httpx.Response, expected: int) -> None:
    if answer.status_code != expected:
        raise ProcessFailed(f"the clinic service answered {answer.status_code} to {answer.request.url.path}")
