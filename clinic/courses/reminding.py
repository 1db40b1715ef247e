"""The timed job that reminds people of the questionnaire before a session."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.conversations.replies import Reply, quick_reply
from clinic.courses.coming import coming_sessions, is_expected
from clinic.courses.due import still_due
from clinic.courses.models import SessionReminder, TherapySession
from clinic.courses.reminders import What, reminder_due
from clinic.courses.wall_clock import in_words, wall_day
from clinic.outreach.peace import may_be_spoken_to
from clinic.outreach.saying import ToSay, say_once
from clinic.patients.contact import ContactHours
from clinic.patients.models import Patient
from clinic.services import Services


def remind(services: Services) -> list[str]:
    """Sends every reminder that is due now. Returns the conversations in which something was said."""
    with services.database.read() as session:
        waiting = [found for found in coming_sessions(session, now()) if _due(services, found, session) is not None]
    said = (say_once(services.database, partial(_due, services, found)) for found in waiting)
    return [conversation_id for conversation_id in said if conversation_id is not None]


def _due(services: Services, session_id: int, session: Session) -> ToSay | None:
    """The reminder of this session that should go out now; None too where the person should be left in peace."""
    moment, zone = now(), services.courses.zone
    found = session.get_one(TherapySession, session_id)
    if not is_expected(found, moment, zone):
        return None
    patient = session.get_one(Patient, found.course.patient_id)
    what = _which(services, session, found, patient, moment)
    if patient.reminders_stopped_at is not None:
        return None
    if what is None or not may_be_spoken_to(session, patient, moment):
        return None
    if not still_due(session, found, services.questionnaires.questionnaires):
        return None
    row = SessionReminder(session_id=found.id, session_on=wall_day(found.starts_at, zone), what=what, sent_at=moment)
    return ToSay(patient, row, _text(services, session, found, what))


def _which(
    services: Services, session: Session, found: TherapySession, patient: Patient, moment: datetime
) -> What | None:
    zone = services.courses.zone
    sent = session.execute(
        select(SessionReminder.what, SessionReminder.sent_at).where(
            SessionReminder.session_id == found.id, SessionReminder.session_on == wall_day(found.starts_at, zone)
        )
    )
    return reminder_due(
        found.starts_at,
        sent={name: at for name, at in sent},
        moment=moment,
        hour=patient.reminder_hour if patient.reminder_hour is not None else services.settings.reminder_hour,
        hours=ContactHours.of(patient),
        zone=zone,
    )


def _text(services: Services, session: Session, found: TherapySession, what: What) -> Reply:
    texts = services.texts
    following = still_due(session, found, services.questionnaires.questionnaires)[0]
    spoken = texts.reminders.first if what == "first" else texts.reminders.again
    reply = spoken.reply(when=in_words(found.starts_at, services.courses.zone), details={"questionnaire": following})
    button = quick_reply(texts.reminders.label, texts.questionnaires.intro[following].request)
    return Reply(kind=reply.kind, text=reply.text, details=reply.details, quick_replies=(button,))
