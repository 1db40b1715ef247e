"""One text message through the door: whose it is, what it means, what is said to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import anyio.to_thread
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.channels.sms.choices import meaning_of
from clinic.channels.sms.contacts import SMS, conversation_of, start, stop
from clinic.channels.sms.keywords import Keyword, read_keyword
from clinic.channels.sms.leaving import parts_queued, queue_part
from clinic.channels.sms.models import SmsContact, SmsInbound
from clinic.channels.sms.texts import SmsTexts
from clinic.clock import now
from clinic.conversations.door import Door, Incoming, TooFast, TooLong
from clinic.conversations.door_rules import DoorRules
from clinic.conversations.models import Conversation, Message
from clinic.conversations.replies import Reply
from clinic.conversations.service import (
    current_conversation,
    incoming_by_client_id,
    store_incoming,
    store_replies,
)
from clinic.escalations.service import SERVICE_REASONS, STOPPED_AFTER_RISK, open_in_conversation
from clinic.joining.models import Joining
from clinic.services import Services
from risk import Verdict

# STOP this soon after a message that may mean danger is told to a person.
_SOON = timedelta(hours=24)


@dataclass(frozen=True)
class Reading:
    """What was made of one text message before the door sees it."""

    incoming: Incoming
    keyword: Keyword | None
    next_part_of: int | None
    media: int


class Receiving:
    """Takes stored text messages to the door, one at a time for each number."""

    def __init__(
        self,
        *,
        services: Services,
        door: Door,
        rules: DoorRules,
        texts: SmsTexts,
    ) -> None:
        self._services = services
        self._database = services.database
        self._door = door
        self._rules = rules
        self._texts = texts

    async def receive(self, inbound_id: int) -> None:
        """Answers one stored text message; done again after a crash, it does nothing twice.

        Raises:
            SQLAlchemyError: the database is away; the message stays stored and is taken up later.
        """
        reading = await anyio.to_thread.run_sync(self._read, inbound_id)
        said: tuple[Reply, ...] = ()
        try:
            await self._door.receive(reading.incoming)
        except TooFast:
            said = (self._busy(),)
        except TooLong as error:
            if not error.replies:
                said = (Reply(kind="service", text=self._services.texts.errors.too_long),)
        await anyio.to_thread.run_sync(self._finish, inbound_id, reading, said)
        self._services.relay.wake()
        self._services.doorbell.ring(reading.incoming.conversation_id)

    def give_up(self, inbound_id: int) -> None:
        """What could not be taken to the door is stored as a concern, told to a person and answered all the same."""
        with self._database.write() as session:
            inbound = session.get_one(SmsInbound, inbound_id, with_for_update=True)
            conversation = conversation_of(session, inbound.contact)
            message = incoming_by_client_id(
                session, conversation_id=conversation.id, client_message_id=inbound.provider_message_id
            )
            if message is None:
                verdict = Verdict.concern("not_processed")
                message = store_incoming(
                    session,
                    conversation=conversation,
                    text=inbound.text or self._texts.without_words,
                    client_message_id=inbound.provider_message_id,
                    verdict=verdict.to_dict(),
                    channel=SMS,
                )
                self._rules.escalate(session, message, verdict)
            self._rules.conclude(session, message, [], "sms_not_processed")
            inbound.processed_at, inbound.message_id = now(), message.id
        self._services.relay.wake()

    def _read(self, inbound_id: int) -> Reading:
        with self._database.write() as session:
            inbound = session.get_one(SmsInbound, inbound_id)
            contact = inbound.contact
            contact.last_received_at = inbound.received_at
            conversation = conversation_of(session, contact)
            keyword = read_keyword(inbound.text, is_stopped=contact.stopped_at is not None)
            is_safety_asked = self._services.crisis.is_safety_asked(session, conversation.id)
            if keyword == "help" and is_safety_asked:
                keyword = None  # "Are you safe right now?" - "help"
            meaning = meaning_of(session, conversation, inbound.text.strip() or self._texts.without_words, self._texts)
            answer = self._answer(keyword, inbound.text)
            reasons: tuple[str, ...] = ()
            if keyword == "stop":
                reasons = self._reasons_to_tell(session, conversation.id)
                answer = (self._stopped(is_after_risk=bool(reasons)),)
                stop(session, contact, by="person")
            elif keyword == "start":
                start(session, contact)
            elif meaning.next_part_of is not None and answer is None:
                answer = ()
            incoming = Incoming(
                conversation.id,
                meaning.text,
                inbound.provider_message_id,
                channel=SMS,
                sender=contact.number_index,
                answer=answer,
                reasons=reasons,
            )
            next_part_of = meaning.next_part_of.id if meaning.next_part_of is not None else None
            return Reading(incoming, keyword, next_part_of, inbound.media)

    def _answer(self, keyword: Keyword | None, text: str) -> tuple[Reply, ...] | None:
        """What the channel itself says to it; None: that is for Rasa."""
        if not text.strip():
            return (self._texts.not_words.reply(),)
        if keyword == "start":
            return (self._texts.started.reply(),)
        if keyword == "help":
            return (self._texts.help.reply(numbers=self._services.contacts.main_lines),)
        return None

    def _stopped(self, *, is_after_risk: bool) -> Reply:
        reply = self._texts.stopped.reply(numbers=self._services.contacts.main_lines)
        # Then it stands for the crisis text, and it is known whether it reached them.
        return Reply(kind="crisis", text=reply.text) if is_after_risk else reply

    def _reasons_to_tell(self, session: Session, conversation_id: str) -> tuple[str, ...]:
        """STOP soon after a message that may mean danger, or while one is open, is not only a wish for quiet."""
        recent = session.scalars(
            select(Message)
            .where(
                Message.conversation_id == conversation_id,
                Message.direction == "incoming",
                Message.at > now() - _SOON,
            )
            .order_by(Message.id.desc())
        )
        is_after_risk = any((message.verdict or {}).get("flagged") for message in recent) or any(
            not set(escalation.reasons) <= SERVICE_REASONS
            for escalation in open_in_conversation(session, conversation_id)
        )
        return (STOPPED_AFTER_RISK,) if is_after_risk else ()

    def _finish(self, inbound_id: int, reading: Reading, said: tuple[Reply, ...]) -> None:
        """Whatever is left to say goes with the note that this message is done, or not at all."""
        with self._database.write() as session:
            inbound = session.get_one(SmsInbound, inbound_id, with_for_update=True)
            if inbound.processed_at is not None:
                return
            was = session.get_one(Conversation, reading.incoming.conversation_id)
            conversation_id = current_conversation(session, was).id
            message = incoming_by_client_id(
                session,
                conversation_id=conversation_id,
                client_message_id=reading.incoming.client_message_id,
            )
            inbound.processed_at = now()
            inbound.message_id = message.id if message is not None else None
            last = self._last_said(session, conversation_id)
            # Somebody who sends too fast is told so once.
            replies = [reply for reply in said if last is None or last.text != reply.text]
            if reading.media and reading.incoming.answer is None:
                replies.append(self._texts.not_words.reply())
            replies += self._welcome(session, inbound.contact, reading, message)
            if replies:
                store_replies(session, conversation_id=conversation_id, replies=replies, in_reply_to=message)
            self._queue_next_part(session, reading)

    def _welcome(self, session: Session, contact: SmsContact, reading: Reading, message: Message | None) -> list[Reply]:
        """Once to each number of somebody unknown; not on top of a crisis text or of an answer to STOP and its kin."""
        conversation = conversation_of(session, contact)
        if contact.welcomed_at is not None or conversation.patient_id is not None or reading.keyword is not None:
            return []
        if message is None or (message.verdict or {}).get("flagged"):
            return []
        if session.get(Joining, conversation.id) is not None:
            return []  # joining says it in its own words
        contact.welcomed_at = now()
        return [self._texts.welcome.reply()]

    def _queue_next_part(self, session: Session, reading: Reading) -> None:
        if reading.next_part_of is None or reading.incoming.answer != ():
            return
        message = session.get_one(Message, reading.next_part_of)
        queue_part(session, message, part=parts_queued(session, message) + 1)

    @staticmethod
    def _last_said(session: Session, conversation_id: str) -> Message | None:
        return session.scalar(
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.direction == "outgoing")
            .order_by(Message.id.desc())
            .limit(1)
        )

    def _busy(self) -> Reply:
        return Reply(kind="service", text=self._services.texts.errors.busy)
