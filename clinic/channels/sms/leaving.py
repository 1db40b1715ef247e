"""Every message to a person who is on SMS leaves by SMS, whoever stored it: nobody has to remember to send it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from clinic.channels.sms.contacts import SMS, contact_for
from clinic.channels.sms.models import SmsDelivery
from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.outbox.service import enqueue

_STORED = "messages_stored_for_sms"


def queue_part(session: Session, message: Message, *, part: int) -> SmsDelivery:
    """Puts one part of a message on its way, in the caller's transaction; the words stay in the message."""
    conversation = session.get_one(Conversation, message.conversation_id)
    contact = contact_for(session, conversation)
    delivery = SmsDelivery(
        message_id=message.id,
        part=part,
        number_index=contact.number_index if contact is not None else None,
        status="queued",
        status_at=now(),
    )
    if contact is None:
        delivery.status, delivery.error_code = "not_sent", "no_number"
    elif contact.stopped_at is not None and message.in_reply_to_id is None:
        # STOP ends what comes unasked. Whoever writes again is answered, if the network lets it through.
        delivery.status, delivery.error_code = "not_sent", "stopped"
    else:
        enqueue(session, channel=SMS, payload={"message_id": message.id})
    session.add(delivery)
    return delivery


def parts_queued(session: Session, message: Message) -> int:
    """How many parts of a message have been put on their way."""
    return len(session.scalars(select(SmsDelivery.id).where(SmsDelivery.message_id == message.id)).all())


@event.listens_for(Session, "before_flush")
def _name_channel(session: Session, *_: Any) -> None:
    """A message leaves on the channel on which the person wrote last, unless it says otherwise."""
    for message in session.new:
        if isinstance(message, Message) and message.channel is None:
            with session.no_autoflush:
                conversation = session.get(Conversation, message.conversation_id)
            message.channel = conversation.channel if conversation is not None else "web"


@event.listens_for(Session, "after_flush")
def _remember(session: Session, *_: Any) -> None:
    stored: list[Message] = session.info.setdefault(_STORED, [])
    stored += [
        one for one in session.new if isinstance(one, Message) and one.direction == "outgoing" and one.channel == SMS
    ]


@event.listens_for(Session, "before_commit")
def _queue(session: Session) -> None:
    session.flush()
    for message in session.info.pop(_STORED, []):
        queue_part(session, message, part=1)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_STORED, None)
