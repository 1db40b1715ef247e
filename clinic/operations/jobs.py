"""What runs by the clock, beside the requests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import anyio.to_thread
import structlog

from clinic.services import Services

logger = structlog.get_logger(__name__)


async def run_every(seconds: float, work: Callable[[], Iterable[str]], *, name: str, services: Services) -> None:
    """Until cancelled. `work` runs in a thread and returns the conversations in which something was said."""
    while True:
        try:
            said_in = await anyio.to_thread.run_sync(work)
        except Exception as error:  # a job that ends is missed by nobody: whatever goes wrong, the next round comes
            logger.error("job_failed", job=name, error=type(error).__name__)
            said_in = []
        for conversation_id in said_in:
            services.doorbell.ring(conversation_id)
        services.relay.wake()
        await asyncio.sleep(seconds)


async def keep_running(job: Callable[[], Awaitable[None]], *, name: str, pause_s: float = 1.0) -> None:
    """Until cancelled: a job that ends begins again."""
    while True:
        try:
            await job()
        except Exception as error:  # the same: a relay that has ended sends nothing, and nobody sees it
            logger.error("job_failed", job=name, error=type(error).__name__)
        await asyncio.sleep(pause_s)
