"""A clinic with a long past: many escalations, closed and open, to measure lists with."""

from __future__ import annotations

from datetime import timedelta

from clinic.clock import now
from clinic.conversations.models import Message
from clinic.conversations.service import open_conversation
from clinic.escalations.models import Escalation
from clinic.services import Services


def add_escalations(services: Services, *, closed: int, still_open: int) -> None:
    """So many more than there are, a minute between each."""
    moment = now()
    with services.database.write() as session:
        conversation, _ = open_conversation(session, channel="web")
        for number in range(closed + still_open):
            is_open = number < still_open
            at = moment - timedelta(minutes=number)
            message = Message(
                conversation_id=conversation.id,
                at=at,
                direction="incoming",
                channel="web",
                sender="patient",
                kind="text",
                text="I don't want to be here any more.",
                details={},
                verdict={"flagged": True, "phrases": ["want to be here"]},
                answered_at=at,
            )
            session.add(message)
            session.flush()
            session.add(
                Escalation(
                    conversation_id=conversation.id,
                    message_id=message.id,
                    reasons=["suicidal_ideation_passive"],
                    respond="today",
                    status="new" if is_open else "closed",
                    created_at=at,
                    acknowledged_at=None if is_open else at,
                    acknowledged_by=None if is_open else "wren",
                    closed_at=None if is_open else at,
                    closed_by=None if is_open else "wren",
                    outcome=None if is_open else "spoken_to",
                )
            )
