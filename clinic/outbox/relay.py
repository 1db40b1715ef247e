"""The relay: sends what is in the outbox, at least once."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from clinic.database import Database
from clinic.operations.metrics import NOT_SENT
from clinic.outbox.models import OutboxItem
from clinic.outbox.path import RELAY, beat, note_failed, note_sent, was_seen_lately
from clinic.outbox.service import MAX_ATTEMPTS, claim, is_anything_due, mark_failed, mark_sent, release

logger = structlog.get_logger(__name__)
GivenUp = Callable[[Session, OutboxItem], None]
_BATCH = 20
_REST = "the rest"


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

    Every channel has a worker of its own, so that one which hangs holds up nothing but itself.

    Args:
        on_given_up: tells somebody of an item that will not be sent, in the transaction that gives it up.
        part: the name under which it gives signs of life.
        only: the channels that are this relay's own; `without`: those that are another's.
        at_once: how many items are sent at the same time. One at a time, what a channel does not take stops what would
            follow it there; several at a time go to several people, and one that is not taken says nothing of the next.
        beside: other relays that are woken with this one.
    """

    def __init__(
        self,
        *,
        database: Database,
        senders: Mapping[str, Sender],
        on_given_up: GivenUp | None = None,
        pause_s: float = 1.0,
        part: str = RELAY,
        only: Sequence[str] = (),
        without: Sequence[str] = (),
        at_once: int = 1,
        beside: Sequence[Relay] = (),
    ) -> None:
        self._database = database
        self._senders = senders
        self._on_given_up = on_given_up
        self._pause_s = pause_s
        self._part = part
        self._only, self._without = tuple(only), tuple(without)
        self._beside = beside
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix=part) if at_once > 1 else None
        self._wakes: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._one_at_a_time: defaultdict[str | None, threading.Lock] = defaultdict(threading.Lock)

    def run_once(self, channel: str | None = None) -> int:
        """Sends one batch of what is due, through one channel or all. Returns how many were sent."""
        only, without = self._only, self._without
        if channel == _REST:
            without = (*without, *self._senders)
        elif channel is not None:
            only = (channel,)
        with self._one_at_a_time[channel]:
            with self._database.read() as session:
                if not is_anything_due(session, only=only, without=without) and was_seen_lately(session, self._part):
                    return 0
            with self._database.write() as session:
                beat(session, self._part)
                items = list(claim(session, limit=_BATCH, only=only, without=without))
            return self._deliver_all(items)

    def wake(self) -> None:
        """Something was committed that should not wait for the next tick."""
        for event in self._wakes.values():
            event.set()
        for relay in self._beside:
            relay.wake()

    async def run_forever(self) -> None:
        """Until cancelled. A database that is away is waited for."""
        async with asyncio.TaskGroup() as workers:
            for channel in (*self._senders, *([] if self._only else [_REST])):
                workers.create_task(self._work(channel), name=f"relay {channel}")

    async def _work(self, channel: str) -> None:
        wake = self._wakes[channel]
        while True:
            wake.clear()
            try:
                sent = await asyncio.to_thread(self.run_once, channel)
            except SQLAlchemyError as error:
                logger.error("relay_database_unavailable", channel=channel, error=type(error).__name__)
                sent = 0
            if sent < _BATCH:
                try:
                    await asyncio.wait_for(wake.wait(), timeout=self._pause_s)
                except TimeoutError:
                    continue

    def _deliver_all(self, items: list[OutboxItem]) -> int:
        """In order, until one channel does not take something: what would follow it there is given back."""
        if self._threads is not None:
            return sum(self._threads.map(self._deliver, items))
        sent = 0
        failing: set[str] = set()
        put_off = []
        for item in items:
            if item.channel in failing:
                put_off.append(item)
            elif self._deliver(item):
                sent += 1
            else:
                failing.add(item.channel)
        if put_off:
            with self._database.write() as session:
                release(session, put_off)
        return sent

    def _deliver(self, item: OutboxItem) -> bool:
        error = self._send(item)
        if error is None:
            with self._database.write() as session:
                mark_sent(session, item)
                note_sent(session, item.channel)
                if item.payload.get("proves") is not None:
                    # A test alert has arrived: the whole way works.
                    beat(session, item.payload["proves"])
            return True
        with self._database.write() as session:
            dead = mark_failed(session, item, error=error)
            note_failed(session, item.channel)
            if dead and item.attempts == MAX_ATTEMPTS and self._on_given_up is not None:
                self._on_given_up(session, item)
        logger.error("outbox_not_sent", item=item.id, channel=item.channel, attempts=item.attempts, dead=dead)
        if dead:
            NOT_SENT.labels(item.channel).inc()
        return False

    def _send(self, item: OutboxItem) -> str | None:
        """None when it was taken, else why not, without a word of what was sent."""
        sender = self._senders.get(item.channel)
        if sender is None:
            return f"no sender for channel {item.channel}"[:120]
        try:
            sender.send(item)
        except SendFailed as error:
            return str(error)[:120]
        except Exception as error:  # whatever breaks in a sender is one item not sent, never the end of the relay
            return type(error).__name__
        return None
