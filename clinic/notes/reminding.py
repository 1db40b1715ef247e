"""The timed job that gives people back, before a session, what they wanted to raise in it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import structlog
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.conversations.outgoing import send_to_patient
from clinic.courses.models import Course, SessionReminder, TherapySession
from clinic.courses.reminders import LATEST_BEFORE, LOOK_AHEAD, MORNING_BEFORE
from clinic.courses.reminding import is_quiet
from clinic.courses.service import is_in_break
from clinic.courses.wall_clock import at_wall_clock, in_words, wall_day
from clinic.notes.models import Note
from clinic.notes.replies import NoteReplies
from clinic.notes.service import notes_of_patient
from clinic.patients.contact import ContactHours, may_be_contacted
from clinic.patients.models import Patient
from clinic.services import Services

logger = structlog.get_logger(__name__)
# In the table of reminders, beside first and again.
_WHAT = "notes"


def remind_of_notes(services: Services) -> list[str]:
    """Sends what is due now. Returns the conversations in which something was said."""
    moment = now()
    with services.database.read() as session:
        coming = session.scalars(
            select(TherapySession.id)
            .join(Course, Course.id == TherapySession.course_id)
            .where(
                TherapySession.status == "planned",
                TherapySession.starts_at > moment,
                TherapySession.starts_at <= moment + LOOK_AHEAD,
                Course.ended_at.is_(None),
            )
            .order_by(TherapySession.starts_at)
        ).all()
        waiting = [found for found in coming if _is_due(services, session, found, moment)]
    said = (_remind_of(services, found) for found in waiting)
    return [conversation_id for conversation_id in said if conversation_id is not None]


def _remind_of(services: Services, session_id: int) -> str | None:
    """The reminder, its message and its place in the outbox commit together, or none of them does."""
    moment = now()
    try:
        with services.database.write() as session:
            if not _is_due(services, session, session_id, moment):
                return None
            found = session.get_one(TherapySession, session_id)
            zone = services.courses.zone
            reminder = SessionReminder(
                session_id=session_id, session_on=wall_day(found.starts_at, zone), what=_WHAT, sent_at=moment
            )
            session.add(reminder)
            # Another process that is at this very reminder fails here, or makes us fail.
            session.flush()
            patient = session.get_one(Patient, found.course.patient_id)
            # On a phone that others look at, the words stay away until they are asked for.
            with_words = patient.preferred_channel == "web" or patient.is_phone_shared is False
            reply = NoteReplies(services.texts.notes).reminder(
                notes_of_patient(session, patient.id), when=in_words(found.starts_at, zone), with_words=with_words
            )
            message = send_to_patient(session, patient, reply)
            if message is None:
                session.rollback()
                return None
            reminder.message_id = message.id
            return message.conversation_id
    except IntegrityError:
        return None


def due_at(starts_at: datetime, *, hours: ContactHours, services: Services) -> datetime:
    """On the morning of the session; for an early one, in the last hour of the evening before."""
    zone = services.courses.zone
    day = wall_day(starts_at, zone)
    morning = at_wall_clock(day, time(hours.from_hour), zone)
    if starts_at - morning >= MORNING_BEFORE:
        return morning
    return at_wall_clock(day - timedelta(days=1), time(hours.until_hour - 1), zone)


def _is_due(services: Services, session: Session, session_id: int, moment: datetime) -> bool:
    found = session.get_one(TherapySession, session_id)
    course, zone = found.course, services.courses.zone
    day = wall_day(found.starts_at, zone)
    if found.status != "planned" or course.ended_at is not None or moment > found.starts_at - LATEST_BEFORE:
        return False
    if is_in_break(course, day) or is_in_break(course, wall_day(moment, zone)):
        return False
    patient = session.get_one(Patient, course.patient_id)
    hours = ContactHours.of(patient)
    if not hours.hold(moment, zone) or moment < due_at(found.starts_at, hours=hours, services=services):
        return False
    sent = session.scalar(
        select(SessionReminder.id).where(
            SessionReminder.session_id == session_id, SessionReminder.session_on == day, SessionReminder.what == _WHAT
        )
    )
    if sent is not None or not _keeps_any(session, patient.id):
        return False
    return may_be_contacted(session, patient) and is_quiet(session, patient, moment)


def _keeps_any(session: Session, patient_id: str) -> bool:
    own = select(Conversation.id).where(Conversation.patient_id == patient_id)
    before_joining = Note.patient_id.is_(None) & Note.conversation_id.in_(own)
    found = select(func.count()).select_from(Note).where(or_(Note.patient_id == patient_id, before_joining))
    return bool(session.scalar(found))
