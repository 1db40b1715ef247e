"""How long the detector takes for a message, alone, on one core, with the messages before it as at the door."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.processes import ProcessFailed
from bench.progress import say
from bench.samples import conversations
from evaluation.nlu.understanding import keep_on_one_core, python_path
from risk import Detector
from scripts.train import ROOT

# As many as clinic/conversations/service.py gives to the detector.
_PREVIOUS = 3
_LONG = 4000
_LONG_TIMES = 20
_WARM_UP = 10


@dataclass(frozen=True)
class Screened:
    """Seconds for every message, and for one of 4,000 characters, which was screened several times."""

    messages: list[float]
    long: list[float]


def measure(texts: Sequence[str]) -> Screened:
    """In a process of its own, which is kept on one core.

    Raises:
        ProcessFailed: the detector cannot be loaded.
    """
    say("Screening messages on one core ...")
    done = subprocess.run(
        [sys.executable, "-m", "bench.screening"],
        input=json.dumps(list(texts)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": python_path(), "OMP_NUM_THREADS": "1"},
    )
    if done.returncode:
        raise ProcessFailed(f"the detector does not run:\n{done.stderr[-2000:]}")
    return Screened(**json.loads(done.stdout))


def main() -> None:
    """Reads a list of messages as JSON and writes the seconds as JSON."""
    keep_on_one_core(os.getpid())
    texts: list[str] = json.load(sys.stdin)
    detector = Detector.load()
    for text in texts[:_WARM_UP]:
        detector.screen(text)
    messages = [
        _seconds(detector, text, conversation[max(0, at - _PREVIOUS) : at])
        for conversation in conversations(texts)
        for at, text in enumerate(conversation)
    ]
    long = " ".join(texts)[:_LONG]
    json.dump({"messages": messages, "long": [_seconds(detector, long, ()) for _ in range(_LONG_TIMES)]}, sys.stdout)


def _seconds(detector: Detector, text: str, previous: Sequence[str]) -> float:
    started = time.perf_counter()
    detector.screen(text, previous=previous)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
