"""How long things stay: settings, carried out by a job of the ticker."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from clinic.audit.service import clear_before, record
from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.courses.models import Course, TherapySession
from clinic.escalations.models import Escalation
from clinic.outbox.models import OutboxItem
from clinic.patients.models import Patient
from clinic.rights.erasure import ErasureRefused, Keeps, confirm_erasure, sweep_if_possible
from clinic.rights.holdings import Subject
from clinic.rights.models import Erasure
from clinic.services import Services
from clinic.staff.sessions import Limits, clear_old_sessions

logger = structlog.get_logger(__name__)
_ACTOR = "retention"
# In one round; the next comes within the hour. Others want to write, too.
_MOST = 50
# The job comes every hour.
_SWEPT_FOR = timedelta(hours=3)


def keep_to_retention(services: Services) -> list[str]:
    """Erases what has been kept long enough. Says nothing to anybody, so it returns no conversations."""
    settings, database = services.settings, services.database
    with database.read() as session:
        due = [Subject(conversation_id=one) for one in _unknown(session, settings.retention_unknown_days)]
        due += [Subject(patient_id=one) for one in _finished(session, settings.retention_finished_days)]
    for subject in due[:_MOST]:
        try:
            with database.write() as session:
                _erase(session, subject, keeps=settings.erasure_keeps)
        except ErasureRefused:
            # Something has to be dealt with first; it is looked at again.
            logger.warning("retention_waits")
    with database.write() as session:
        _clear_outbox(session, settings.retention_outbox_days)
        _clear_audit(session, settings.retention_audit_days)
        clear_old_sessions(session, Limits.of(settings))
    with database.read() as session:
        # Of others too, after which somebody was just reading.
        lately = session.scalar(select(Erasure.id).where(Erasure.done_at > now() - _SWEPT_FOR).limit(1))
    if lately is not None and not sweep_if_possible(database):
        logger.warning("retention_sweep_waits")
    return []


def _erase(session: Session, subject: Subject, *, keeps: Keeps) -> None:
    """As an erasure that the clinic has agreed to by its settings."""
    erasure = Erasure(
        id=f"R-{secrets.token_hex(5)}",
        patient_id=subject.patient_id,
        conversation_id=subject.conversation_id,
        requested_by="settings",
        requested_at=now(),
    )
    session.add(erasure)
    record(session, actor=_ACTOR, action="request_erasure", entity="erasure", entity_id=erasure.id)
    session.flush()
    confirm_erasure(session, erasure, by=_ACTOR, keeps=keeps)


def _unknown(session: Session, days: int) -> list[str]:
    """Conversations of nobody known, long silent, with nothing open."""
    if not days:
        return []
    is_open = select(Escalation.id).where(Escalation.conversation_id == Conversation.id, Escalation.status != "closed")
    return list(
        session.scalars(
            select(Conversation.id)
            .where(
                Conversation.patient_id.is_(None),
                func.coalesce(Conversation.last_message_at, Conversation.created_at) < _before(days),
                ~is_open.exists(),
            )
            .limit(_MOST)
        )
    )


def _finished(session: Session, days: int) -> list[str]:
    """Finished patients with whom nothing has happened for so long: no message, no session, no end of a course."""
    if not days:
        return []
    limit = _before(days)
    spoke = select(Conversation.id).where(
        Conversation.patient_id == Patient.id,
        func.coalesce(Conversation.last_message_at, Conversation.created_at) >= limit,
    )
    met = (
        select(Course.id)
        .outerjoin(TherapySession, TherapySession.course_id == Course.id)
        .where(
            Course.patient_id == Patient.id,
            or_(
                and_(Course.ended_at.is_not(None), Course.ended_at >= limit),
                Course.created_at >= limit,
                TherapySession.starts_at >= limit,
            ),
        )
    )
    return list(
        session.scalars(
            select(Patient.id)
            .where(Patient.status == "finished", Patient.added_at < limit, ~spoke.exists(), ~met.exists())
            .limit(_MOST)
        )
    )


def _clear_outbox(session: Session, days: int) -> None:
    if days:
        done = or_(OutboxItem.sent_at < _before(days), OutboxItem.dead_at < _before(days))
        session.execute(delete(OutboxItem).where(done))


def _clear_audit(session: Session, days: int) -> None:
    if days:
        clear_before(session, _before(days))


def _before(days: int) -> datetime:
    return now() - timedelta(days=days)
