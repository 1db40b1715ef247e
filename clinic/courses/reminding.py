"""The timed job that reminds people of the questionnaire before a session."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.conversations.models import Message
from clinic.conversations.outgoing import conversation_of, send_to_patient
from clinic.conversations.replies import Reply, quick_reply
from clinic.courses.due import still_due
from clinic.courses.models import Course, SessionReminder, TherapySession
from clinic.courses.reminders import LOOK_AHEAD, What, reminder_due
from clinic.courses.service import is_in_break
from clinic.courses.wall_clock import in_words, wall_day
from clinic.patients.contact import ContactHours, may_be_contacted
from clinic.patients.models import Patient
from clinic.services import Services

# Nobody is asked to fill in a form just after they were given the crisis numbers.
_QUIET_AFTER_CRISIS = timedelta(hours=12)


def remind(services: Services) -> list[str]:
    """Sends every reminder that is due now. Returns the conversations in which something was said."""
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
        waiting = [found for found in coming if _due(services, session, found, moment) is not None]
    said = (_remind_of(services, found) for found in waiting)
    return [conversation_id for conversation_id in said if conversation_id is not None]


def _remind_of(services: Services, session_id: int) -> str | None:
    """One reminder, its message and its place in the outbox commit together, or none of them does."""
    moment = now()
    try:
        with services.database.write() as session:
            what = _due(services, session, session_id, moment)
            if what is None:
                return None
            found = session.get_one(TherapySession, session_id)
            zone = services.courses.zone
            reminder = SessionReminder(
                session_id=session_id, session_on=wall_day(found.starts_at, zone), what=what, sent_at=moment
            )
            session.add(reminder)
            # Another process that is at this very reminder fails here, or makes us fail.
            session.flush()
            patient = session.get_one(Patient, found.course.patient_id)
            message = send_to_patient(session, patient, _text(services, session, found, what))
            if message is None:
                session.rollback()
                return None
            reminder.message_id = message.id
            return message.conversation_id
    except IntegrityError:
        return None


def _due(services: Services, session: Session, session_id: int, moment: datetime) -> What | None:
    """Which reminder of this session should go out now; None too where the person should be left in peace."""
    found = session.get_one(TherapySession, session_id)
    course, zone = found.course, services.courses.zone
    day = wall_day(found.starts_at, zone)
    if found.status != "planned" or course.ended_at is not None:
        return None
    if is_in_break(course, day) or is_in_break(course, wall_day(moment, zone)):
        return None
    patient = session.get_one(Patient, course.patient_id)
    sent = session.execute(
        select(SessionReminder.what, SessionReminder.sent_at).where(
            SessionReminder.session_id == session_id, SessionReminder.session_on == day
        )
    )
    what = reminder_due(
        found.starts_at,
        sent={name: at for name, at in sent},
        moment=moment,
        hour=patient.reminder_hour if patient.reminder_hour is not None else services.settings.reminder_hour,
        hours=ContactHours.of(patient),
        zone=zone,
    )
    if what is None or not may_be_contacted(session, patient) or not is_quiet(session, patient, moment):
        return None
    return what if still_due(session, found, services.questionnaires.questionnaires) else None


def is_quiet(session: Session, patient: Patient, moment: datetime) -> bool:
    """Whether the person's conversation is with the assistant, and not about a crisis."""
    conversation = conversation_of(session, patient, opens=False)
    if conversation is None:
        return patient.preferred_channel == "sms"
    if conversation.is_with_staff:
        return False
    crisis = session.scalar(
        select(Message.id)
        .where(
            Message.conversation_id == conversation.id,
            Message.kind == "crisis",
            Message.at > moment - _QUIET_AFTER_CRISIS,
        )
        .limit(1)
    )
    return crisis is None


def _text(services: Services, session: Session, found: TherapySession, what: What) -> Reply:
    texts = services.texts
    following = still_due(session, found, services.questionnaires.questionnaires)[0]
    spoken = texts.reminders.first if what == "first" else texts.reminders.again
    reply = spoken.reply(when=in_words(found.starts_at, services.courses.zone), details={"questionnaire": following})
    button = quick_reply(texts.reminders.label, texts.questionnaires.intro[following].request)
    return Reply(kind=reply.kind, text=reply.text, details=reply.details, quick_replies=(button,))
