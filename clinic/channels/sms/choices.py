"""What a text message means in the light of what was sent: "2" is the second choice, MORE is the rest."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.channels.sms.contacts import SMS
from clinic.channels.sms.leaving import parts_queued
from clinic.channels.sms.sender import parts_of
from clinic.channels.sms.texts import SmsTexts
from clinic.conversations.models import Conversation, Message

_NUMBER = re.compile(r"(?:no|nr|number|option)?\.?\s*(\d{1,2})\s*[.)!]?", re.IGNORECASE)
# Further back, nobody scrolls for a number.
_LOOK_BACK = 12
_MORE = frozenset({"more", "more please"})
_TELL_ME_MORE = "tell me more"


@dataclass(frozen=True)
class Meaning:
    """What the person says by it. `next_part_of` is the message whose next part is asked for: then nothing else is."""

    text: str
    next_part_of: Message | None = None


def meaning_of(session: Session, conversation: Conversation, text: str, texts: SmsTexts) -> Meaning:
    """Reads a message as a choice or as MORE where it is one, else leaves it as it is.

    Numbers are choices only while the choices shown last were numbered by us. A question of a questionnaire numbers its
    own answers, and there a number is an answer; and to a member of staff, "2" means whatever they talk about.
    """
    said = " ".join(text.lower().split()).strip(" .!?")
    number = _NUMBER.fullmatch(said)
    if number is None and said not in _MORE and len(said) > 40:
        return Meaning(text)
    for message in _sent_lately(session, conversation.id):
        if message.sender == "staff" or conversation.is_with_staff:
            break
        parts, _ = parts_of(session, message, texts)
        sent = parts_queued(session, message)
        shown = parts[:sent]
        if said in _MORE:
            if sent and sent < len(parts):
                return Meaning(text, next_part_of=message)
            if any(part.says_more for part in shown):
                return Meaning(_TELL_ME_MORE)
        choices = [choice for part in shown for choice in part.choices]
        for choice in choices:
            if said == choice.label.lower().strip(" .!?") or (number and int(number[1]) == choice.number):
                return Meaning(choice.text)
        if choices or message.details.get("quick_replies"):
            return Meaning(text)
    return Meaning(text)


def _sent_lately(session: Session, conversation_id: str) -> list[Message]:
    return list(
        session.scalars(
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.direction == "outgoing", Message.channel == SMS)
            .order_by(Message.id.desc())
            .limit(_LOOK_BACK)
        )
    )
