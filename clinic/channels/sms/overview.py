"""What staff see of text messages: what each cost, whether it arrived, and who has stopped them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.channels.sms.models import SmsContact, SmsDelivery, SmsInbound
from clinic.conversations.models import Conversation

_IN_WORDS = {
    "queued": "waiting to be sent",
    "sent": "sent",
    "delivered": "delivered",
    "failed": "did not arrive",
    "not_sent": "not sent",
}
# Shown in the console; a flood has more.
_MOST_HELD_BACK = 50
_WHY = {
    "stopped": "the person has stopped text messages",
    "no_number": "there is no number that is certainly theirs",
    "off": "text messages are switched off",
    "21610": "the person has stopped text messages",
}


@dataclass(frozen=True)
class Texted:
    """One message as it went by SMS. `segments` is what it cost so far."""

    segments: int
    status: str
    is_trouble: bool


@dataclass(frozen=True)
class Stopped:
    """Since when nothing comes unasked, and whether the person said so or the network."""

    at: datetime
    by: str


def texted(session: Session, message_ids: Iterable[int]) -> dict[int, Texted]:
    """What became of these messages, by their ids; nothing of those that did not go by SMS."""
    deliveries = session.scalars(
        select(SmsDelivery).where(SmsDelivery.message_id.in_(list(message_ids))).order_by(SmsDelivery.part)
    )
    found: dict[int, list[SmsDelivery]] = {}
    for delivery in deliveries:
        found.setdefault(delivery.message_id, []).append(delivery)
    return {message_id: _in_words(parts) for message_id, parts in found.items()}


def stopped(session: Session, conversation_id: str) -> Stopped | None:
    """Whether the person has stopped text messages."""
    contact = session.scalar(
        select(SmsContact)
        .where(SmsContact.conversation_id == conversation_id, SmsContact.stopped_at.is_not(None))
        .order_by(SmsContact.stopped_at.desc())
        .limit(1)
    )
    if contact is None or contact.stopped_at is None:
        return None
    return Stopped(at=contact.stopped_at, by=contact.stopped_by or "person")


def held_back(session: Session, conversation: Conversation) -> Sequence[SmsInbound]:
    """Texts that came too fast and raised no concern: answered with "please wait", and in no conversation."""
    return session.scalars(
        select(SmsInbound)
        .join(SmsContact, SmsContact.number_index == SmsInbound.number_index)
        .where(
            SmsContact.conversation_id == conversation.id,
            SmsInbound.processed_at.is_not(None),
            SmsInbound.message_id.is_(None),
            # From before this conversation, it may be somebody else's who had the number then.
            SmsInbound.received_at >= conversation.created_at,
        )
        .order_by(SmsInbound.id.desc())
        .limit(_MOST_HELD_BACK)
    ).all()


def _in_words(parts: list[SmsDelivery]) -> Texted:
    # Whatever went wrong is what a reader must know.
    worst = next((part for part in parts if part.status in ("failed", "not_sent")), parts[-1])
    status = _IN_WORDS.get(worst.status, worst.status)
    if worst.error_code:
        status += f" ({_WHY.get(worst.error_code, f'code {worst.error_code}')})"
    is_trouble = worst.status in ("failed", "not_sent")
    return Texted(segments=sum(part.segments for part in parts), status=status, is_trouble=is_trouble)
