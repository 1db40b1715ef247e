"""The door: store, screen, escalate in one transaction, ask Rasa, check the reply, store, deliver.

Escalation never depends on the dialogue: by the time Rasa is asked, a person has been told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import anyio.to_thread
import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.conversations.delivery import Doorbell
from clinic.conversations.door_rules import DoorRules
from clinic.conversations.models import Conversation, Message
from clinic.conversations.rasa_client import RasaClient, RasaFailed
from clinic.conversations.rate_limit import RateLimit
from clinic.conversations.replies import Reply
from clinic.conversations.schemas import MAX_CHARACTERS
from clinic.conversations.screening import Screening
from clinic.conversations.service import (
    current_conversation,
    incoming_by_client_id,
    previous_texts,
    replies_to,
    store_incoming,
)
from clinic.conversations.turns import TooManyWaiting, Turns
from clinic.database import Database
from clinic.languages.detection import Languages
from clinic.operations.metrics import MESSAGES, RASA_SECONDS, TURN_SECONDS
from risk import Verdict

logger = structlog.get_logger(__name__)
Result = TypeVar("Result")


class TooFast(Exception):
    """Messages come faster than the limit allows; this one was screened, raised no concern and was not stored."""


class EmptyText(Exception):
    """There is nothing in the message to answer."""


class TooLong(Exception):
    """Over MAX_CHARACTERS. Screened all the same; `replies` holds what the person must read now, if anything."""

    def __init__(self, replies: Sequence[Message]) -> None:
        super().__init__("too long")
        self.replies = replies


@dataclass(frozen=True)
class Incoming:
    """One delivery of one message.

    `sender` is where it came from, as far as the channel can tell. `answer` is given where the channel itself knows
    what to say (to STOP, say): then nobody else is asked. `reasons` are its own for telling a person, whatever
    the detector says.
    """

    conversation_id: str
    text: str
    client_message_id: str
    sender: str = ""
    channel: str = "web"
    answer: tuple[Reply, ...] | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Before:
    """What a message is seen with: the person's last few texts, and whether "Are you safe?" was just asked."""

    texts: list[str]
    is_safety_asked: bool


class BeforeRasa(Protocol):
    """A dialogue that the clinic service leads itself. Each method works in the caller's transaction."""

    def concerns(self, session: Session, conversation: Conversation, text: str) -> bool:
        """Whether a message may be one for it; quick, because it is asked about each."""

    def take(self, session: Session, conversation: Conversation, text: str, *, sender: str) -> list[Reply] | None:
        """Its answer, or None where the message is for Rasa after all."""

    def question(self, session: Session, conversation_id: str) -> list[Reply]:
        """What it still waits to know, to be asked again after Rasa has answered something else."""


class Door:
    """Every message of every channel comes through here."""

    def __init__(
        self,
        *,
        database: Database,
        screening: Screening,
        rasa: RasaClient,
        rules: DoorRules,
        languages: Languages,
        rate_limit: RateLimit,
        before_rasa: BeforeRasa,
        doorbell: Doorbell,
        on_commit: Callable[[], None],
    ) -> None:
        self._database = database
        self._screening = screening
        self._rasa = rasa
        self._rules = rules
        self._languages = languages
        self._rate_limit = rate_limit
        self._before_rasa = before_rasa
        self._doorbell = doorbell
        self._on_commit = on_commit
        self._turns = Turns()

    async def receive(self, incoming: Incoming) -> list[Message]:
        """Answers one message and returns what was said.

        The same `client_message_id` again returns the same answer; the message is processed once.

        Raises:
            EmptyText, TooLong, TooFast: as their docstrings say.
            SQLAlchemyError: the database is away; the caller shows the door's safe reply and tells a person.
        """
        if not incoming.text.strip():
            raise EmptyText
        started = time.perf_counter()
        known, before = await _in_thread(lambda: self._look_up(incoming))
        if known is not None:
            async with self._turns.turn(incoming.conversation_id, may_wait=True):
                stored = await self._finish(known, incoming)
            if len(incoming.text) > MAX_CHARACTERS:
                raise TooLong(stored)
            return stored
        verdict = self._rules.with_help_request(
            incoming.text,
            await self._screening.screen(incoming.text, before.texts),
            is_safety_asked=before.is_safety_asked,
        )
        if len(incoming.text) > MAX_CHARACTERS:
            raise TooLong(await self._take_too_long(incoming, verdict))
        if not self._rate_limit.allows_message(incoming.conversation_id) and not verdict.flagged:
            raise TooFast
        try:
            async with self._turns.turn(incoming.conversation_id, may_wait=verdict.flagged):
                message = await _in_thread(lambda: self._store(incoming, verdict))
                return await self._finish(message, incoming)
        except TooManyWaiting as error:
            raise TooFast from error
        finally:
            TURN_SECONDS.observe(time.perf_counter() - started)

    def _look_up(self, incoming: Incoming) -> tuple[Message | None, Before]:
        with self._database.read() as session:
            known = incoming_by_client_id(
                session,
                conversation_id=incoming.conversation_id,
                client_message_id=incoming.client_message_id,
            )
            return known, Before(
                texts=previous_texts(session, incoming.conversation_id),
                is_safety_asked=self._rules.is_safety_asked(session, incoming.conversation_id),
            )

    def _store(self, incoming: Incoming, verdict: Verdict) -> Message:
        """Stores the message, or finds it stored by another process at the same moment."""
        try:
            return self._store_and_escalate(incoming, verdict)
        except IntegrityError:
            known, _ = self._look_up(incoming)
            if known is None:
                raise
            return known

    def _store_and_escalate(self, incoming: Incoming, verdict: Verdict) -> Message:
        """The message and its escalation commit together, or neither does."""
        with self._database.write() as session:
            # Delivered twice at the same moment: the second finds the first here.
            known = incoming_by_client_id(
                session,
                conversation_id=incoming.conversation_id,
                client_message_id=incoming.client_message_id,
            )
            if known is not None:
                return known
            # Moved into another since the device was let in.
            conversation = current_conversation(session, session.get_one(Conversation, incoming.conversation_id))
            message = store_incoming(
                session,
                conversation=conversation,
                text=incoming.text,
                client_message_id=incoming.client_message_id,
                verdict=verdict.to_dict(),
                channel=incoming.channel,
            )
            self._rules.escalate(session, message, verdict, reasons=incoming.reasons)
            MESSAGES.labels(incoming.channel).inc()
        self._on_commit()
        return message

    async def _finish(self, message: Message, incoming: Incoming) -> list[Message]:
        """Answers a stored message, unless that was done before."""
        answered = await _in_thread(lambda: self._replies_if_answered(message))
        if answered is not None:
            return answered
        stored = await _in_thread(lambda: self._answer_without_rasa(message, incoming))
        if stored is None:
            # What is too long was stored because it may mean danger; it is answered with the crisis text alone.
            is_too_long = len(message.text) > MAX_CHARACTERS
            replies, failure = ([], None) if is_too_long else await self._ask(message)
            stored = await _in_thread(lambda: self._conclude(message, replies, failure))
        self._on_commit()
        self._doorbell.ring(message.conversation_id)
        return stored

    def _replies_if_answered(self, message: Message) -> list[Message] | None:
        with self._database.read() as session:
            current = session.get_one(Message, message.id)
            return list(replies_to(session, current)) if current.answered_at is not None else None

    async def _ask(self, message: Message) -> tuple[list[Reply], str | None]:
        """What Rasa says, and why it said nothing usable. A conversation that a person has taken over is not asked."""
        conversation = await _in_thread(lambda: self._conversation(message.conversation_id))
        if conversation.is_with_staff:
            return [], None
        language = await _in_thread(lambda: self._languages.of(message.text))
        try:
            with RASA_SECONDS.time():
                replies = await self._rasa.ask(
                    conversation_id=conversation.id,
                    message_id=message.id,
                    channel=message.channel,
                    text=message.text,
                    verdict=message.verdict or {},
                    language=language,
                )
        except RasaFailed as error:
            logger.error("rasa_failed", reason=str(error), message=message.id)
            return [], "rasa_failed"
        return replies, None

    def _answer_without_rasa(self, message: Message, incoming: Incoming) -> list[Message] | None:
        """The channel's own answer, or that of what the clinic service leads (joining); None where Rasa is to be asked.

        What may mean danger, and an answer to "Are you safe?", never goes there.
        """
        if incoming.answer is not None:
            with self._database.write() as session:
                return self._rules.conclude(session, message, list(incoming.answer), None)
        with self._database.read() as session:
            conversation = session.get_one(Conversation, message.conversation_id)
            if (
                (message.verdict or {}).get("flagged")
                or conversation.is_with_staff
                or self._rules.is_safety_asked(session, conversation.id, before=message.id)
                or not self._before_rasa.concerns(session, conversation, message.text)
            ):
                return None
        with self._database.write() as session:
            conversation = session.get_one(Conversation, message.conversation_id)
            replies = self._before_rasa.take(session, conversation, message.text, sender=incoming.sender)
            return self._rules.conclude(session, message, replies, None) if replies is not None else None

    def _conversation(self, conversation_id: str) -> Conversation:
        with self._database.read() as session:
            return session.get_one(Conversation, conversation_id)

    def _conclude(self, message: Message, replies: list[Reply], failure: str | None) -> list[Message]:
        with self._database.write() as session:
            if session.get_one(Conversation, message.conversation_id).is_with_staff:
                # Taken over while Rasa was thinking: a person and a program do not answer at once.
                replies, failure = [reply for reply in replies if reply.kind == "crisis"], None
            # After an answer in between, the question that stands is asked again; not after anything about danger.
            is_about_danger = (message.verdict or {}).get("flagged") or any(r.kind == "crisis" for r in replies)
            if replies and not is_about_danger:
                replies = [*replies, *self._before_rasa.question(session, message.conversation_id)]
            return self._rules.conclude(session, message, replies, failure)

    async def _take_too_long(self, incoming: Incoming, verdict: Verdict) -> list[Message]:
        """A flagged message is stored, told and answered with the crisis text however long it is."""
        if not verdict.flagged:
            return []
        async with self._turns.turn(incoming.conversation_id, may_wait=True):
            message = await _in_thread(lambda: self._store(incoming, verdict))
            return await self._finish(message, incoming)


async def _in_thread(work: Callable[[], Result]) -> Result:
    # Database calls block; the event loop must not.
    return await anyio.to_thread.run_sync(work)
