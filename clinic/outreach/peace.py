"""When a person is left in peace: nobody is asked for a form, or told about a list, in a bad hour."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.conversations.models import Conversation, Message
from clinic.escalations.models import Escalation
from clinic.escalations.service import SERVICE_REASONS
from clinic.patients.contact import may_be_contacted
from clinic.patients.models import Patient

QUIET_AFTER_CRISIS = timedelta(hours=24)


def may_be_spoken_to(session: Session, patient: Patient, moment: datetime) -> bool:
    """Whether the clinic may begin: consent and a way to the person, no member of staff writing, nothing that worries.

    What worries is an escalation that nobody has closed, except those about the service itself ("asked for a person"),
    and a crisis text of the last 24 hours.
    """
    if not may_be_contacted(session, patient):
        return False
    conversations = session.scalars(select(Conversation).where(Conversation.patient_id == patient.id)).all()
    if not conversations:
        # A text message may open a conversation; a web chat is opened by the person's own device.
        return patient.preferred_channel == "sms"
    if any(conversation.is_with_staff for conversation in conversations):
        return False
    ids = [conversation.id for conversation in conversations]
    still_open = session.scalars(
        select(Escalation).where(Escalation.conversation_id.in_(ids), Escalation.status != "closed")
    )
    if any(not set(escalation.reasons) <= SERVICE_REASONS for escalation in still_open):
        return False
    crisis = select(Message.id).where(
        Message.conversation_id.in_(ids), Message.kind == "crisis", Message.at > moment - QUIET_AFTER_CRISIS
    )
    return session.scalar(crisis.limit(1)) is None
