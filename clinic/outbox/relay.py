"""The relay: sends what is in the outbox, at least once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
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
    """Claims due items, sends them outside any transaction, and records the outcome."""

    def __init__(self, *, database: Database, senders: Mapping[str, Sender], pause_s: float = 1.0) -> None:
        self._database = database
        self._senders = senders
        self._pause_s = pause_s
        self._wake = asyncio.Event()
        self._one_at_a_time = threading.Lock()

    def run_once(self) -> int:
        """Sends one batch of what is due. Returns how many were sent."""
        with self._one_at_a_time:
            with self._database.write() as session:
                beat(session, RELAY)
                items = claim(session, limit=_BATCH)
            return sum(self._deliver(item) for item in items)

    def wake(self) -> None:
        """Something was committed that should not wait for the next tick."""
        self._wake.set()

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
