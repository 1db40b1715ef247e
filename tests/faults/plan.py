"""One life of the clinic service under test: where it works, at which step it is to die, and what it left behind."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Plan:
    """What one life of the process is to be."""

    folder: Path
    database_url: str
    port: int
    # The step to die at, and at which time that it comes; none to live.
    kill_at: tuple[str, int] | None = None
    channels: tuple[str, ...] = ("alert:log", "alert:1")

    @property
    def sent(self) -> Path:
        """What reached the outside, a line each."""
        return self.folder / "sent.jsonl"

    @property
    def steps(self) -> Path:
        """Which steps were passed, a line each."""
        return self.folder / "steps.txt"

    @property
    def threads(self) -> Path:
        """What its threads were doing when it was asked (SIGUSR1)."""
        return self.folder / "threads.txt"

    def steps_passed(self) -> list[tuple[str, int]]:
        """The steps so far, in order, each with how often it had come."""
        lines = self.steps.read_text().splitlines() if self.steps.exists() else []
        return [(name, int(count)) for name, _, count in (line.partition("\t") for line in lines)]

    def alerts_sent(self) -> list[dict[str, Any]]:
        """What reached the outside so far."""
        return [json.loads(line) for line in self.sent.read_text().splitlines()] if self.sent.exists() else []


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
