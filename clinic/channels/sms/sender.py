"""Sending what is on its way by SMS: in order for each person, with the outcome written down."""

from __future__ import annotations

import threading
from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.channels.sms.composing import Part, compose
from clinic.channels.sms.contacts import stop
from clinic.channels.sms.leaving import parts_queued, queue_part
from clinic.channels.sms.models import SmsDelivery
from clinic.channels.sms.providers import NotAccepted, Provider
from clinic.channels.sms.texts import SmsTexts
from clinic.clock import now
from clinic.conversations.models import Message
from clinic.database import Database
from clinic.escalations.service import CRISIS_TEXT_NOT_DELIVERED, Escalations
from clinic.operations.metrics import SMS_SEGMENTS, SMS_SENDING_FAILED
from clinic.outbox.models import OutboxItem
from clinic.outbox.relay import SendFailed
from clinic.outbox.service import MAX_ATTEMPTS

logger = structlog.get_logger(__name__)
# Somebody who wrote this lately expects an answer.
_IN_TOUCH = timedelta(hours=1)


class SmsSender:
    """The outbox's way to the phone network; a row of the outbox names a message, whose words it reads here."""

    def __init__(self, *, database: Database, provider: Provider, escalations: Escalations, texts: SmsTexts) -> None:
        self._database = database
        self.provider = provider
        self._escalations = escalations
        self._texts = texts
        # One conversation at a time; which lock it is matters little.
        self._locks = [threading.Lock() for _ in range(64)]

    def send(self, item: OutboxItem) -> None:
        """Sends what is queued in the conversation of this message, up to it, the earliest first.

        Raises:
            SendFailed: the message was not taken and must be tried again.
        """
        message_id = int(item.payload["message_id"])
        with self._database.read() as session:
            message = session.get(Message, message_id)
        if message is None:
            return  # erased since
        with self._locks[hash(message.conversation_id) % len(self._locks)]:
            self._queue_all_at_once(message)
            for delivery_id in self._queued(message):
                self._send_one(delivery_id, message, is_last_try=item.attempts >= MAX_ATTEMPTS)

    def _queue_all_at_once(self, message: Message) -> None:
        """What must be read whole has all its parts on their way, not only the first."""
        with self._database.read() as session:
            _, at_once = parts_of(session, message, self._texts)
        if at_once == 1:
            return
        with self._database.write() as session:
            for part in range(parts_queued(session, message) + 1, at_once + 1):
                queue_part(session, message, part=part)

    def _queued(self, message: Message) -> list[int]:
        with self._database.read() as session:
            return list(
                session.scalars(
                    select(SmsDelivery.id)
                    .join(Message, Message.id == SmsDelivery.message_id)
                    .where(
                        Message.conversation_id == message.conversation_id,
                        SmsDelivery.message_id <= message.id,
                        SmsDelivery.status == "queued",
                    )
                    .order_by(SmsDelivery.id)
                )
            )

    def _send_one(self, delivery_id: int, wanted: Message, *, is_last_try: bool) -> None:
        with self._database.read() as session:
            delivery = session.get_one(SmsDelivery, delivery_id)
            message, contact = delivery.message, delivery.contact
            if delivery.status != "queued" or contact is None:
                return
            number = contact.number
            part = parts_of(session, message, self._texts)[0][delivery.part - 1]
        try:
            provider_id = self.provider.send(number=number, text=part.text, delivery_id=delivery_id)
        except NotAccepted as error:
            is_own = message.id == wanted.id
            if error.is_final or (is_own and is_last_try):
                self._note_failure(delivery_id, error)
            if error.is_final:
                return
            # What came before goes first, but a crisis text waits for nothing.
            if is_own or wanted.kind != "crisis":
                raise SendFailed(f"sms {error.code}") from error
            return
        with self._database.write() as session:
            delivery = session.get_one(SmsDelivery, delivery_id, with_for_update=True)
            delivery.provider_message_id = provider_id
            delivery.segments = part.segments
            # A report may have come before the answer to our call.
            if delivery.status == "queued":
                delivery.status, delivery.status_at = "sent", now()
        SMS_SEGMENTS.inc(part.segments)

    def _note_failure(self, delivery_id: int, error: NotAccepted) -> None:
        SMS_SENDING_FAILED.labels(error.code).inc()
        logger.error("sms_not_sent", delivery=delivery_id, code=error.code)
        with self._database.write() as session:
            delivery = session.get_one(SmsDelivery, delivery_id, with_for_update=True)
            if error.is_blocked and delivery.contact is not None:
                stop(session, delivery.contact, by="network")
            note_failed(session, delivery, code=error.code, escalations=self._escalations)


def parts_of(session: Session, message: Message, texts: SmsTexts) -> tuple[list[Part], int]:
    """The parts of a stored message, and how many go out at once; always the same for the same message."""
    return compose(
        kind=message.kind,
        text=message.text,
        details=message.details,
        is_unasked=_is_unasked(session, message),
        texts=texts,
    )


def _is_unasked(session: Session, message: Message) -> bool:
    """Whether the person is not in the middle of writing: then their phone may lie where others see it."""
    if message.in_reply_to_id is not None:
        return False
    wrote = session.scalar(
        select(Message.id)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.direction == "incoming",
            Message.id < message.id,
            Message.at > message.at - _IN_TOUCH,
        )
        .limit(1)
    )
    return wrote is None


def note_failed(session: Session, delivery: SmsDelivery, *, code: str | None, escalations: Escalations) -> None:
    """It did not reach the person. Where it was a crisis text, a person at the clinic must know that."""
    delivery.status, delivery.status_at, delivery.error_code = "failed", now(), code
    message = delivery.message
    if message.kind == "crisis" and message.in_reply_to_id is not None:
        about = session.get_one(Message, message.in_reply_to_id)
        escalations.open(session, message=about, reasons=[CRISIS_TEXT_NOT_DELIVERED], respond="now")
