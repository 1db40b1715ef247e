"""The timed job that gives people back, before a session, what they wanted to raise in it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.courses.coming import coming_sessions, is_expected
from clinic.courses.models import SessionReminder, TherapySession
from clinic.courses.reminders import LATEST_BEFORE, MORNING_BEFORE
from clinic.courses.wall_clock import at_wall_clock, in_words, wall_day
from clinic.notes.models import Note
from clinic.notes.replies import NoteReplies
from clinic.notes.service import notes_of_patient
from clinic.outreach.peace import may_be_spoken_to
from clinic.outreach.saying import ToSay, say_once
from clinic.patients.contact import ContactHours
from clinic.patients.models import Patient
from clinic.services import Services

# In the table of reminders, beside first and again.
_WHAT = "notes"


def remind_of_notes(services: Services) -> list[str]:
    """Sends what is due now. Returns the conversations in which something was said."""
    with services.database.read() as session:
        waiting = [found for found in coming_sessions(session, now()) if _due(services, found, session) is not None]
    said = (say_once(services.database, partial(_due, services, found)) for found in waiting)
    return [conversation_id for conversation_id in said if conversation_id is not None]


def due_at(starts_at: datetime, *, hours: ContactHours, services: Services) -> datetime:
    """On the morning of the session; for an early one, in the last hour of the evening before."""
    zone = services.courses.zone
    day = wall_day(starts_at, zone)
    morning = at_wall_clock(day, time(hours.from_hour), zone)
    if starts_at - morning >= MORNING_BEFORE:
        return morning
    return at_wall_clock(day - timedelta(days=1), time(hours.until_hour - 1), zone)


def _due(services: Services, session_id: int, session: Session) -> ToSay | None:
    moment, zone = now(), services.courses.zone
    found = session.get_one(TherapySession, session_id)
    if not is_expected(found, moment, zone) or moment > found.starts_at - LATEST_BEFORE:
        return None
    patient = session.get_one(Patient, found.course.patient_id)
    hours = ContactHours.of(patient)
    if not hours.hold(moment, zone) or moment < due_at(found.starts_at, hours=hours, services=services):
        return None
    day = wall_day(found.starts_at, zone)
    sent = session.scalar(
        select(SessionReminder.id).where(
            SessionReminder.session_id == session_id, SessionReminder.session_on == day, SessionReminder.what == _WHAT
        )
    )
    if sent is not None or not _keeps_any(session, patient) or not may_be_spoken_to(session, patient, moment):
        return None
    # On a phone that others look at, the words stay away until they are asked for.
    with_words = patient.preferred_channel == "web" or patient.is_phone_shared is False
    reply = NoteReplies(services.texts.notes).reminder(
        notes_of_patient(session, patient.id), when=in_words(found.starts_at, zone), with_words=with_words
    )
    return ToSay(patient, SessionReminder(session_id=found.id, session_on=day, what=_WHAT, sent_at=moment), reply)


def _keeps_any(session: Session, patient: Patient) -> bool:
    own = select(Conversation.id).where(Conversation.patient_id == patient.id)
    before_joining = Note.patient_id.is_(None) & Note.conversation_id.in_(own)
    found = select(func.count()).select_from(Note).where(or_(Note.patient_id == patient.id, before_joining))
    if patient.reminders_stopped_at is not None:
        # Who stopped reminders and then wrote "remind me to ask ..." wants this one.
        found = found.where(Note.created_at > patient.reminders_stopped_at)
    return bool(session.scalar(found))
