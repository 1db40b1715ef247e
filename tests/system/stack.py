"""The real processes, started as `make run` starts them, on free ports and in a folder of their own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from clinic.settings import ROOT
from scripts.run import for_rasa
from scripts.train import MODEL, QUIET_RASA, rasa_command

STAFF_TOKEN = "system-test-staff-token"
READY_WITHIN_S = 180


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Stack:
    """The clinic service and Rasa, each of which can be killed and started again."""

    folder: Path
    rasa_url: str = ""
    clinic_module: tuple[str, ...] = ("clinic", "serve")
    extra: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rasa_port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.base, timeout=40, trust_env=False)
        self.staff = {"Authorization": f"Bearer {STAFF_TOKEN}"}

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PORT": str(self.port),
            "RASA_URL": self.rasa_url or f"http://127.0.0.1:{self.rasa_port}",
            "INTERNAL_TOKEN": "system-test-internal-token",
            "STAFF_API_TOKEN": STAFF_TOKEN,
            "VAR_FOLDER": str(self.folder),
            "DATABASE_URL": f"sqlite:///{self.folder / 'interlude.db'}",
            "RATE_LIMIT": "off",
            **self.extra,
        }

    def start_clinic(self) -> None:
        migrate = [sys.executable, "-m", "clinic", "migrate"]
        subprocess.run(migrate, env=self.env, cwd=ROOT, check=True, capture_output=True)
        self._start("clinic", [sys.executable, "-m", *self.clinic_module], self.env)
        self._wait("the clinic service", lambda: self.http.get("/healthz").status_code == 200)

    def start_rasa(self, *, actions_url: str = "") -> None:
        env = {**self.env, **QUIET_RASA, **for_rasa(self.env)}
        if actions_url:
            env["ACTIONS_URL"] = actions_url
        run = rasa_command("run", "--model", str(MODEL), "-i", "127.0.0.1", "-p", str(self.rasa_port))
        self._start("rasa", run, env)
        url = f"http://127.0.0.1:{self.rasa_port}/webhooks/clinic/"
        self._wait("Rasa", lambda: httpx.get(url, trust_env=False, timeout=5).status_code == 200)

    def kill(self, name: str) -> None:
        """SIGKILL: no chance to tidy up."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        self.http.close()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def chat(self) -> Chat:
        opened = self.http.post("/api/conversations", json={"channel": "web"})
        assert opened.status_code == 201, opened.text
        return Chat(self, opened.json()["id"], opened.json()["token"])

    def escalations(self, conversation_id: str) -> list[dict[str, Any]]:
        found = []
        for status in ("new", "acknowledged", "closed"):
            answer = self.http.get(f"/api/staff/escalations?status={status}", headers=self.staff)
            found += [one for one in answer.json() if one["conversation_id"] == conversation_id]
        return found

    def _start(self, name: str, command: list[str], env: dict[str, str]) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(command, env=env, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)

    def _wait(self, what: str, is_ready: Any) -> None:
        until = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until:
            dead = [name for name, process in self.processes.items() if process.poll() is not None]
            assert not dead, f"{dead} ended:\n" + "\n".join(self.log(name)[-3000:] for name in dead)
            try:
                if is_ready():
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.2)
        raise AssertionError(f"{what} is not ready after {READY_WITHIN_S} s")


@dataclass
class Chat:
    """One patient's device, over real HTTP."""

    stack: Stack
    id: str
    token: str

    def post(self, text: str, client_message_id: str | None = None) -> httpx.Response:
        return self.stack.http.post(
            f"/api/conversations/{self.id}/messages",
            json={"text": text, "client_message_id": client_message_id or uuid.uuid4().hex},
            headers={"Authorization": f"Bearer {self.token}"},
        )

    def say(self, text: str) -> list[dict[str, Any]]:
        response = self.post(text)
        assert response.status_code == 200, response.text
        return response.json()["messages"]  # type: ignore[no-any-return]
