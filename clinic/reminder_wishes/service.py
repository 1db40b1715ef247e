"""The reminders of one person: which hour, whether at all, and when the next one comes. In the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.clock import now
from clinic.courses.coming import is_expected
from clinic.courses.models import Course, SessionReminder, TherapySession
from clinic.courses.reminders import first_due_at
from clinic.courses.service import current_course
from clinic.courses.wall_clock import wall_day
from clinic.patients.contact import ContactHours, may_be_contacted
from clinic.patients.models import Patient


class HourNotAllowed(ValueError):
    """At this hour the person may not be written to."""


@dataclass(frozen=True)
class Reminders:
    """What holds for one person.

    Attributes:
        hour: at which a reminder comes, as things stand: the chosen one, moved into the hours allowed.
        hours: those that can be chosen.
        next_on: the day of the next reminder; None where no session is planned.
    """

    hour: int
    hours: tuple[int, ...]
    next_on: date | None
    may_be_contacted: bool
    has_course: bool
    is_stopped: bool


def reminders_of(session: Session, patient: Patient, *, usual_hour: int, zone: ZoneInfo) -> Reminders:
    """What holds now."""
    allowed = ContactHours.of(patient)
    wanted = patient.reminder_hour if patient.reminder_hour is not None else usual_hour
    course = current_course(session, patient.id)
    return Reminders(
        hour=allowed.nearest(wanted),
        hours=tuple(range(allowed.from_hour, allowed.until_hour)),
        next_on=_next_on(session, course, allowed, wanted, zone) if course is not None else None,
        may_be_contacted=may_be_contacted(session, patient),
        has_course=course is not None,
        is_stopped=patient.reminders_stopped_at is not None,
    )


def choose_hour(session: Session, patient: Patient, hour: int | None, *, by: str) -> None:
    """Sets the hour; None is the clinic's usual one. Who chooses an hour wants reminders.

    Raises:
        HourNotAllowed: the person may not be written to at that hour.
    """
    allowed = ContactHours.of(patient)
    if hour is not None and not allowed.from_hour <= hour < allowed.until_hour:
        raise HourNotAllowed(f"between {allowed.from_hour} and {allowed.until_hour}")
    patient.reminder_hour = hour
    patient.reminders_stopped_at = None
    record(session, actor=by, action="change_reminder_hour", entity="patient", entity_id=patient.id)
    session.flush()


def stop_reminders(session: Session, patient: Patient, *, by: str) -> None:
    """No more reminders. Consent, text messages and everything else stay as they are."""
    if patient.reminders_stopped_at is None:
        patient.reminders_stopped_at = now()
        record(session, actor=by, action="stop_reminders", entity="patient", entity_id=patient.id)
        session.flush()


def start_reminders(session: Session, patient: Patient, *, by: str) -> None:
    """Reminders again."""
    if patient.reminders_stopped_at is not None:
        patient.reminders_stopped_at = None
        record(session, actor=by, action="start_reminders", entity="patient", entity_id=patient.id)
        session.flush()


def _next_on(session: Session, course: Course, allowed: ContactHours, hour: int, zone: ZoneInfo) -> date | None:
    moment = now()
    coming = session.scalars(
        select(TherapySession)
        .where(TherapySession.course_id == course.id, TherapySession.starts_at > moment)
        .order_by(TherapySession.starts_at)
    )
    for found in coming:
        due_at = first_due_at(found.starts_at, hour=hour, hours=allowed, zone=zone)
        if is_expected(found, due_at, zone) and not _was_reminded(session, found, zone):
            return wall_day(max(due_at, moment), zone)
    return None


def _was_reminded(session: Session, found: TherapySession, zone: ZoneInfo) -> bool:
    sent = select(SessionReminder.id).where(
        SessionReminder.session_id == found.id,
        SessionReminder.session_on == wall_day(found.starts_at, zone),
        SessionReminder.what == "first",
    )
    return session.scalar(sent) is not None
