"""A member of staff marks a message that the detector should have noticed."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.clock import now
from clinic.conversations.models import Message
from clinic.escalations.models import Escalation
from clinic.escalations.policy import Respond
from clinic.escalations.service import MISSED, Escalations


class AlreadyTold(ValueError):
    """The clinic was told of this message already."""


def mark_missed(
    session: Session, message: Message, *, respond: Respond, by: str, escalations: Escalations
) -> Escalation:
    """Opens an escalation that its finder has seen and has: what was done is written down as for any other.

    Nobody is alerted, because somebody is looking. Without an outcome it opens again, and then everybody is.

    Raises:
        AlreadyTold: there is an escalation about this message.
    """
    if session.scalar(select(Escalation.id).where(Escalation.message_id == message.id)) is not None:
        raise AlreadyTold
    moment = now()
    escalation = Escalation(
        conversation_id=message.conversation_id,
        message_id=message.id,
        reasons=[MISSED],
        respond=respond,
        status="acknowledged",
        created_at=moment,
        acknowledged_at=moment,
        acknowledged_by=by,
        assignee=by,
        assigned_by=by,
        assigned_at=moment,
        next_look_at=moment + escalations.policy.reopen_after,
    )
    session.add(escalation)
    session.flush()
    record(session, actor=by, action="mark_missed", entity="escalation", entity_id=escalation.id)
    return escalation
