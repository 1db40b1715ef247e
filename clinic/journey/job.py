"""The timed job that says what is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from clinic.channels.sms.contacts import SMS, is_stopped
from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.conversations.outgoing import send_to_patient
from clinic.courses.models import Course
from clinic.escalations.models import Escalation
from clinic.escalations.service import SERVICE_REASONS
from clinic.invitations.service import forget_old_attempts
from clinic.journey.models import JourneyMessage
from clinic.journey.planning import QUIET_BETWEEN, Due, Standing
from clinic.patients.contact import ContactHours, may_be_contacted
from clinic.patients.models import Patient
from clinic.patients.service import current_phone
from clinic.services import Services

# After the numbers of a crisis text, nobody wants news of the waiting list.
_QUIET_AFTER_CRISIS = timedelta(hours=24)


def say_what_is_due(services: Services) -> list[str]:
    """Sends every message that is due now, one a person. Returns the conversations in which something was said."""
    moment = now()
    lately = select(JourneyMessage.patient_id).where(JourneyMessage.sent_at > moment - QUIET_BETWEEN)
    with services.database.read() as session:
        reachable = session.scalars(
            select(Patient.id)
            .where(
                Patient.joined_at.is_not(None), Patient.preferred_channel.in_(("sms", "web")), Patient.id.not_in(lately)
            )
            .order_by(Patient.id)
        ).all()
        waiting = [patient_id for patient_id in reachable if _due(services, session, patient_id, moment) is not None]
    said = (_say_to(services, patient_id) for patient_id in waiting)
    return [conversation_id for conversation_id in said if conversation_id is not None]


def _say_to(services: Services, patient_id: str) -> str | None:
    """The note that it was said, the message and its place in the outbox commit together, or none of them does."""
    moment = now()
    try:
        with services.database.write() as session:
            due = _due(services, session, patient_id, moment)
            if due is None:
                return None
            said = JourneyMessage(patient_id=patient_id, occasion=due.occasion, sent_at=moment)
            session.add(said)
            # Another process that is at this very message fails here, or makes us fail.
            session.flush()
            message = send_to_patient(session, session.get_one(Patient, patient_id), due.reply)
            if message is None:
                session.rollback()
                return None
            said.message_id = message.id
            return message.conversation_id
    except IntegrityError:
        return None


def _due(services: Services, session: Session, patient_id: str, moment: datetime) -> Due | None:
    """What should be said now; None too where the person should be left in peace."""
    patient = session.get_one(Patient, patient_id)
    if not ContactHours.of(patient).hold(moment, services.settings.zone):
        return None
    phone = current_phone(patient) if patient.preferred_channel == SMS else None
    if phone is not None and is_stopped(session, phone.value):
        return None
    if not may_be_contacted(session, patient) or not _is_quiet(session, patient_id, moment):
        return None
    course = session.scalar(
        select(Course)
        .options(selectinload(Course.sessions), selectinload(Course.breaks))
        .where(Course.patient_id == patient_id)
        .order_by(Course.id.desc())
        .limit(1)
    )
    sent = session.execute(
        select(JourneyMessage.occasion, JourneyMessage.sent_at).where(JourneyMessage.patient_id == patient_id)
    )
    return services.planner.due(Standing(patient, course, {name: at for name, at in sent}), moment)


def _is_quiet(session: Session, patient_id: str, moment: datetime) -> bool:
    """Whether no member of staff, no open escalation and no crisis is in any of the person's conversations."""
    conversations = session.scalars(select(Conversation).where(Conversation.patient_id == patient_id)).all()
    ids = [conversation.id for conversation in conversations]
    if any(conversation.is_with_staff for conversation in conversations):
        return False
    open_ones = session.scalars(
        select(Escalation).where(Escalation.conversation_id.in_(ids), Escalation.status != "closed")
    )
    if any(not set(escalation.reasons) <= SERVICE_REASONS for escalation in open_ones):
        return False
    crisis = select(Message.id).where(
        Message.conversation_id.in_(ids), Message.kind == "crisis", Message.at > moment - _QUIET_AFTER_CRISIS
    )
    return session.scalar(crisis.limit(1)) is None


def look_at_journeys(services: Services) -> list[str]:
    """One round of the job: what is due is said, and wrong tries with codes are forgotten after a day."""
    with services.database.write() as session:
        forget_old_attempts(session)
    return say_what_is_due(services)
