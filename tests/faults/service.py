"""The clinic service as a process that is killed and started again, and the clock that it goes by."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx

from tests.faults.plan import Plan

# Much longer than it takes: a busy machine is no lost message.
_PATIENCE_S = 120.0
_POLL_S = 0.1


class Service:
    """The process, killed and started again, and the clock that it goes by."""

    def __init__(self, plan: Plan) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.faults.door_process"])
        self._context, self.plan = context, plan
        self.offset = context.Value("d", 0.0)
        self.kills = 0
        self.start()

    def start(self) -> None:
        from tests.faults.start import serve

        self._process = self._context.Process(target=serve, args=(self.plan, self.offset), daemon=True)
        self._process.start()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.plan.port}", timeout=30, trust_env=False)

    def send(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Tries until it is answered, as a patient's device and an impatient clinician do."""
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until:
            self.revive()
            try:
                response = self.client.request(method, path, **request)
                if response.status_code < 500:
                    return response
            except httpx.HTTPError:
                pass
            time.sleep(_POLL_S)
        raise AssertionError(f"{method} {path}: no answer in {_PATIENCE_S} s")

    def revive(self) -> None:
        """Starts it again where it was killed; then it lives."""
        if self._process.is_alive():
            return
        assert self._process.exitcode == -9, f"ended by itself: {self._process.exitcode}"
        self.kills += 1
        self.plan = replace(self.plan, kill_at=None)
        self.client.close()
        self.start()

    def until(self, is_so: Callable[[], bool], what: str) -> None:
        """Waits for what the service does by itself."""
        until = time.monotonic() + _PATIENCE_S
        while not is_so():
            if time.monotonic() > until:
                raise AssertionError(f"never: {what}\n{self._what_it_does()}")
            self.revive()
            time.sleep(_POLL_S)

    def _what_it_does(self) -> str:
        """Where each of the process's threads is."""
        if not self._process.is_alive():
            return "the process is dead"
        os.kill(self._process.pid or 0, signal.SIGUSR1)
        time.sleep(1)
        return self.plan.threads.read_text()

    def stop(self) -> None:
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self.client.close()
