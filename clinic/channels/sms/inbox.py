"""The inbox: a text message is stored before its provider is answered, and taken to the door afterwards.

What is stored is never lost: whatever stops the way to the door, a timed look takes it up again. One at a time for each
number, in the order in which they came; different numbers do not wait for each other.
"""

from __future__ import annotations

import asyncio

import anyio.to_thread
import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from clinic.channels.sms.contacts import find_or_add_contact
from clinic.channels.sms.models import SmsInbound
from clinic.channels.sms.providers import InboundText
from clinic.channels.sms.receiving import Receiving
from clinic.clock import now
from clinic.database import Database
from clinic.operations.metrics import SMS_RECEIVED

logger = structlog.get_logger(__name__)
_LOOK_EVERY_S = 10.0
# As many people at once as the door and Rasa take without long turns.
_AT_ONCE = 8
# After this many failures for a reason that nobody foresaw, the message is answered with the safe reply.
_MOST_ATTEMPTS = 3


class Inbox:
    """Stores text messages and sees that each is answered."""

    def __init__(self, *, database: Database, receiving: Receiving) -> None:
        self._database = database
        self._receiving = receiving
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._working: dict[str, asyncio.Task[None]] = {}
        # Numbers for which something came while their task was ending.
        self._again: set[str] = set()

    async def take(self, provider: str, inbound: InboundText) -> bool:
        """Stores one message and starts its processing. Returns False where it was delivered before.

        Raises:
            SQLAlchemyError: it could not be stored; the provider must not be told that it was.
        """
        index = await anyio.to_thread.run_sync(self._store, provider, inbound)
        if index is None:
            return False
        SMS_RECEIVED.labels(provider).inc()
        self._start(index)
        return True

    async def run_forever(self) -> None:
        """Takes up what was left by a crash or a database that was away; until cancelled."""
        try:
            while True:
                try:
                    waiting = await anyio.to_thread.run_sync(self._numbers_waiting)
                except SQLAlchemyError as error:
                    logger.error("sms_inbox_not_looked_at", error=type(error).__name__)
                    waiting = []
                for index in waiting:
                    self._start(index)
                await asyncio.sleep(_LOOK_EVERY_S)
        finally:
            for task in list(self._working.values()):
                task.cancel()

    async def idle(self) -> None:
        """Waits until nothing is being processed."""
        while self._working:
            await asyncio.gather(*self._working.values(), return_exceptions=True)

    def _store(self, provider: str, inbound: InboundText) -> str | None:
        """The number's index; None for a message that is known."""
        try:
            with self._database.write() as session:
                known = session.scalar(
                    select(SmsInbound.id).where(
                        SmsInbound.provider == provider,
                        SmsInbound.provider_message_id == inbound.provider_message_id,
                    )
                )
                if known is not None:
                    return None
                contact = find_or_add_contact(session, inbound.number)
                session.add(
                    SmsInbound(
                        provider=provider,
                        provider_message_id=inbound.provider_message_id,
                        number_index=contact.number_index,
                        text=inbound.text,
                        media=inbound.media,
                        received_at=now(),
                    )
                )
                return contact.number_index
        except IntegrityError:
            # Delivered twice at the same moment, or the first two messages of a number at once: look again.
            return self._store_again(provider, inbound)

    def _store_again(self, provider: str, inbound: InboundText) -> str | None:
        with self._database.read() as session:
            known = session.scalar(
                select(SmsInbound.id).where(
                    SmsInbound.provider == provider,
                    SmsInbound.provider_message_id == inbound.provider_message_id,
                )
            )
        return None if known is not None else self._store(provider, inbound)

    def _numbers_waiting(self) -> list[str]:
        with self._database.read() as session:
            return list(
                session.scalars(select(SmsInbound.number_index).where(SmsInbound.processed_at.is_(None)).distinct())
            )

    def _start(self, index: str) -> None:
        if index in self._working:
            self._again.add(index)
            return
        task = asyncio.create_task(self._work(index), name="sms")
        self._working[index] = task

    async def _work(self, index: str) -> None:
        """Everything that waits from one number, in order."""
        try:
            while True:
                self._again.discard(index)
                async with self._at_once:
                    inbound_id = await anyio.to_thread.run_sync(self._next, index)
                    if inbound_id is not None and not await self._process(inbound_id):
                        break
                if inbound_id is None and index not in self._again:
                    break
        except SQLAlchemyError as error:
            logger.error("sms_inbox_database_unavailable", error=type(error).__name__)
        finally:
            del self._working[index]

    def _next(self, index: str) -> int | None:
        with self._database.read() as session:
            return session.scalar(
                select(SmsInbound.id)
                .where(SmsInbound.number_index == index, SmsInbound.processed_at.is_(None))
                .order_by(SmsInbound.id)
                .limit(1)
            )

    async def _process(self, inbound_id: int) -> bool:
        """Answers one message. Returns False where it must wait for the next look."""
        try:
            await self._receiving.receive(inbound_id)
        except SQLAlchemyError:
            raise
        except Exception as error:  # whatever breaks, the person is answered and a human told, if need be by hand
            logger.error("sms_not_processed", error=type(error).__name__, inbound=inbound_id)
            attempts = await anyio.to_thread.run_sync(self._count_attempt, inbound_id)
            if attempts < _MOST_ATTEMPTS:
                return False
            await anyio.to_thread.run_sync(self._receiving.give_up, inbound_id)
        return True

    def _count_attempt(self, inbound_id: int) -> int:
        with self._database.write() as session:
            inbound = session.get_one(SmsInbound, inbound_id, with_for_update=True)
            inbound.attempts += 1
            return inbound.attempts
