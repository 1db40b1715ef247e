"""A timed job that finds messages without a reply: after a crash, or when a device went away half-way."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import or_, select

from clinic.clock import SET_BACK, now
from clinic.conversations.door_rules import DoorRules
from clinic.conversations.models import Conversation, Message
from clinic.services import Services


def answer_stuck(services: Services, rules: DoorRules) -> list[str]:
    """Gives each unanswered message the safe reply and tells a person. Returns the conversations concerned."""
    patience = timedelta(seconds=services.settings.unanswered_after_s)
    with services.database.write() as session:
        stuck = session.scalars(
            select(Message)
            .join(Conversation, Conversation.id == Message.conversation_id)
            # From the future: written before the clock was set back.
            .where(
                Message.direction == "incoming",
                Message.answered_at.is_(None),
                or_(Message.at < now() - patience, Message.at > now() + SET_BACK),
            )
            .order_by(Message.id)
            .limit(50)
            # Whose turn is being concluded in this moment is not stuck.
            .with_for_update(of=Message, skip_locked=True)
        ).all()
        for message in stuck:
            rules.conclude(session, message, [], "stuck")
    return [message.conversation_id for message in stuck]
