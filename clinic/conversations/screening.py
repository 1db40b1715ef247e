"""The detector at the door: a detector that fails or is slow counts as a concern, never as an all-clear."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import structlog

from clinic.operations.metrics import SCREEN_FAILURES, SCREEN_SECONDS
from risk import Verdict

logger = structlog.get_logger(__name__)
# More than the detector needs, so that a few hanging calls do not stop the others.
_WORKERS = 4


class Detects(Protocol):
    """What the door needs of `risk.Detector`."""

    def screen(self, text: str, *, previous: Sequence[str] = ()) -> Verdict:
        """The verdict on one message, seen with the person's last few."""


class Screening:
    """Runs the detector beside the event loop, with a time limit."""

    def __init__(self, detector: Detects, *, timeout_s: float) -> None:
        self._detector = detector
        self._timeout_s = timeout_s
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="screen")

    async def screen(self, text: str, previous: Sequence[str]) -> Verdict:
        """The verdict, or a concern when there is none in time."""
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._threads, self._timed_screen, text, previous)
        try:
            return await asyncio.wait_for(running, timeout=self._timeout_s)
        except TimeoutError:
            return self._concern("timeout")
        except Exception as error:  # failing open is the point: whatever breaks in the detector is a concern
            return self._concern(type(error).__name__)

    def screen_now(self, text: str) -> Verdict:
        """The same for a caller that is not in the event loop."""
        try:
            return self._threads.submit(self._timed_screen, text, ()).result(timeout=self._timeout_s)
        except Exception as error:  # failing open, as above
            return self._concern(type(error).__name__)

    def close(self) -> None:
        """Lets running calls end; starts no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _timed_screen(self, text: str, previous: Sequence[str]) -> Verdict:
        with SCREEN_SECONDS.time():
            return self._detector.screen(text, previous=previous)

    @staticmethod
    def _concern(reason: str) -> Verdict:
        SCREEN_FAILURES.inc()
        logger.error("detector_failed", reason=reason)
        return Verdict.concern(reason)
