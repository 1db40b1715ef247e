"""The timed job that says what is due."""

from __future__ import annotations

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from clinic.channels.sms.contacts import SMS, is_stopped
from clinic.clock import now
from clinic.courses.models import Course
from clinic.invitations.service import forget_old_attempts
from clinic.journey.models import JourneyMessage
from clinic.journey.planning import QUIET_BETWEEN, Standing
from clinic.outreach.peace import may_be_spoken_to
from clinic.outreach.saying import ToSay, say_once
from clinic.patients.contact import ContactHours
from clinic.patients.models import Patient
from clinic.patients.service import current_phone
from clinic.services import Services


def say_what_is_due(services: Services) -> list[str]:
    """Sends every message that is due now, one a person. Returns the conversations in which something was said."""
    lately = select(JourneyMessage.patient_id).where(JourneyMessage.sent_at > now() - QUIET_BETWEEN)
    with services.database.read() as session:
        reachable = session.scalars(
            select(Patient.id)
            .where(
                Patient.joined_at.is_not(None), Patient.preferred_channel.in_(("sms", "web")), Patient.id.not_in(lately)
            )
            .order_by(Patient.id)
        ).all()
        waiting = [patient_id for patient_id in reachable if _due(services, patient_id, session) is not None]
    said = (say_once(services.database, partial(_due, services, patient_id)) for patient_id in waiting)
    return [conversation_id for conversation_id in said if conversation_id is not None]


def _due(services: Services, patient_id: str, session: Session) -> ToSay | None:
    """What should be said now; None too where the person should be left in peace."""
    moment = now()
    patient = session.get_one(Patient, patient_id)
    if not ContactHours.of(patient).hold(moment, services.settings.zone):
        return None
    phone = current_phone(patient) if patient.preferred_channel == SMS else None
    if phone is not None and is_stopped(session, phone.value):
        return None
    if not may_be_spoken_to(session, patient, moment):
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
    due = services.planner.due(Standing(patient, course, {name: at for name, at in sent}), moment)
    if due is None:
        return None
    return ToSay(patient, JourneyMessage(patient_id=patient_id, occasion=due.occasion, sent_at=moment), due.reply)


def look_at_journeys(services: Services) -> list[str]:
    """One round of the job: what is due is said, and wrong tries with codes are forgotten after a day."""
    with services.database.write() as session:
        forget_old_attempts(session)
    return say_what_is_due(services)
