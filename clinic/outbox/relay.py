"""The relay: sends what is in the outbox, at least once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from clinic.database import Database
from clinic.outbox.models import OutboxItem
from clinic.outbox.service import RELAY, beat, claim, mark_failed, mark_sent

logger = structlog.get_logger(__name__)
_BATCH = 20


class SendFailed(Exception):
    """The other side did not take it; the message is safe to store (a class or code, never content)."""


class Sender(Protocol):
    """One way to the outside."""

    def send(self, item: OutboxItem) -> None:
        """Sends one item.

        Raises:
            SendFailed: it was not taken and must be tried again.
        """


class Relay:
    """Claims due items, sends them outside any transaction, and records the outcome.

    Args:
        part: the name under which it gives signs of life.
        only: the channels that are this relay's own; `without`: those that are another's. A channel that is slow or has
            much to carry gets a relay of its own, so that alerts never wait behind it.
        at_once: how many items are sent at the same time.
        beside: other relays that are woken with this one.
    """

    def __init__(
        self,
        *,
        database: Database,
        senders: Mapping[str, Sender],
        pause_s: float = 1.0,
        part: str = RELAY,
        only: Sequence[str] = (),
        without: Sequence[str] = (),
        at_once: int = 1,
        beside: Sequence[Relay] = (),
    ) -> None:
        self._database = database
        self._senders = senders
        self._pause_s = pause_s
        self._part = part
        self._only, self._without = only, without
        self._beside = beside
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix=part)
        self._wake = asyncio.Event()
        self._one_at_a_time = threading.Lock()

    def run_once(self) -> int:
        """Sends one batch of what is due. Returns how many were sent."""
        with self._one_at_a_time:
            with self._database.write() as session:
                beat(session, self._part)
                items = claim(session, limit=_BATCH, only=self._only, without=self._without)
            return sum(self._threads.map(self._deliver, items))

    def wake(self) -> None:
        """Something was committed that should not wait for the next tick."""
        self._wake.set()
        for relay in self._beside:
            relay.wake()

    async def run_forever(self) -> None:
        """Until cancelled. A database that is away is waited for."""
        while True:
            self._wake.clear()
            try:
                sent = await asyncio.to_thread(self.run_once)
            except SQLAlchemyError as error:
                logger.error("relay_database_unavailable", error=type(error).__name__)
                sent = 0
            if sent < _BATCH:
                try:
                    await asyncio.wait_for(self._wake.wait(), timeout=self._pause_s)
                except TimeoutError:
                    continue

    def _deliver(self, item: OutboxItem) -> bool:
        sender = self._senders.get(item.channel)
        try:
            if sender is None:
                raise SendFailed(f"no sender for channel {item.channel}")
            sender.send(item)
        except SendFailed as error:
            with self._database.write() as session:
                dead = mark_failed(session, item, error=str(error)[:120])
            logger.error("outbox_not_sent", item=item.id, channel=item.channel, attempts=item.attempts, dead=dead)
            return False
        with self._database.write() as session:
            mark_sent(session, item)
        return True
