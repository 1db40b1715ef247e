"""Opening, acknowledging and closing escalations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.clock import now
from clinic.conversations.models import Message
from clinic.escalations.models import Escalation
from clinic.outbox.service import enqueue

Respond = Literal["now", "today", "next_working_day"]
# The order in which a person should look.
RESPOND_ORDER: tuple[Respond, ...] = ("now", "today", "next_working_day")
# Reasons that are matters of the service: they call for a person, not for a crisis text.
UNANSWERED_REASON = "message_unanswered"
ASKED_FOR_PERSON = "asked_for_a_person"
SERVICE_REASONS = frozenset({UNANSWERED_REASON, ASKED_FOR_PERSON})
OUTCOMES: dict[str, str] = {
    "spoken_to": "Spoken to the person",
    "crisis_team": "Handed to the crisis team",
    "emergency_services": "Emergency services called",
    "followed_up_at_session": "To be followed up at the next session",
    "false_alarm": "False alarm",
    "service_matter": "A matter of the service, dealt with",
}


class EscalationStateError(ValueError):
    """What was asked does not fit the escalation's state; the message says why."""


class Escalations:
    """The way to a human. Every change happens in the caller's transaction."""

    def __init__(self, *, alert_channels: Sequence[str]) -> None:
        self._alert_channels = tuple(alert_channels)

    def open(self, session: Session, *, message: Message, reasons: Sequence[str], respond: Respond) -> Escalation:
        """Tells the clinic about a message; one escalation a message, whatever flags it and however often.

        A second reason for the same message is added to its escalation, and the sooner response wins.
        """
        found = session.scalar(select(Escalation).where(Escalation.message_id == message.id))
        if found is not None:
            self._add_reasons(session, found, reasons, respond)
            return found
        escalation = Escalation(
            conversation_id=message.conversation_id,
            message_id=message.id,
            reasons=list(reasons),
            respond=respond,
            status="new",
            created_at=now(),
        )
        session.add(escalation)
        session.flush()
        self._alert(session, escalation)
        return escalation

    def acknowledge(self, session: Session, escalation: Escalation, *, by: str) -> None:
        """Records that a person has seen it. Seen twice is no error: the first name stays.

        Raises:
            EscalationStateError: it is closed already.
        """
        if escalation.status == "closed":
            raise EscalationStateError("this escalation is closed already")
        if escalation.status == "new":
            escalation.status = "acknowledged"
            escalation.acknowledged_at = now()
            escalation.acknowledged_by = by
        record(session, actor=by, action="acknowledge", entity="escalation", entity_id=escalation.id)

    def close(self, session: Session, escalation: Escalation, *, by: str, outcome: str, note: str | None) -> None:
        """Closes it with what was done.

        Raises:
            EscalationStateError: it is closed already, or the outcome is none of OUTCOMES.
        """
        if escalation.status == "closed":
            raise EscalationStateError("this escalation is closed already")
        if outcome not in OUTCOMES:
            raise EscalationStateError(f"outcome must be one of: {', '.join(OUTCOMES)}")
        if escalation.acknowledged_at is None:
            escalation.acknowledged_at = now()
            escalation.acknowledged_by = by
        escalation.status = "closed"
        escalation.closed_at = now()
        escalation.closed_by = by
        escalation.outcome = outcome
        escalation.note = note or None
        record(session, actor=by, action=f"close:{outcome}", entity="escalation", entity_id=escalation.id)

    def _add_reasons(self, session: Session, escalation: Escalation, reasons: Sequence[str], respond: Respond) -> None:
        new = [reason for reason in reasons if reason not in escalation.reasons]
        if not new:
            return
        escalation.reasons = [*escalation.reasons, *new]
        if RESPOND_ORDER.index(respond) < RESPOND_ORDER.index(escalation.respond):  # type: ignore[arg-type]
            escalation.respond = respond
            self._alert(session, escalation)

    def _alert(self, session: Session, escalation: Escalation) -> None:
        for channel in self._alert_channels:
            enqueue(
                session,
                channel=channel,
                payload={"escalation": escalation.id, "respond": escalation.respond},
            )


def open_in_conversation(session: Session, conversation_id: str) -> list[Escalation]:
    """The escalations of a conversation that nobody has closed, oldest first."""
    return list(
        session.scalars(
            select(Escalation)
            .where(Escalation.conversation_id == conversation_id, Escalation.status != "closed")
            .order_by(Escalation.id)
        )
    )
