"""Which questionnaire is due before which session."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.courses.models import Course, TherapySession
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.models import QuestionnaireResponse

# A questionnaire asks about the last two weeks: what is filled in longer before a session says little about it.
# Sessions are weekly, so in a course without breaks the next one is due as soon as one is over.
DUE_BEFORE = timedelta(days=7)
# Filled in late, in the waiting room or in the session itself, it still belongs to this session.
DUE_AFTER = timedelta(hours=1)


def session_due(session: Session, patient_id: str, moment: datetime) -> TherapySession | None:
    """The session that a questionnaire filled in at this moment is for; None in a break and outside a course."""
    return session.scalar(
        select(TherapySession)
        .join(Course, Course.id == TherapySession.course_id)
        .where(
            Course.patient_id == patient_id,
            Course.ended_at.is_(None),
            TherapySession.status.in_(("planned", "attended")),
            TherapySession.starts_at > moment - DUE_AFTER,
            TherapySession.starts_at <= moment + DUE_BEFORE,
        )
        .order_by(TherapySession.starts_at)
        .limit(1)
    )


def completed_for(session: Session, session_ids: Iterable[int]) -> dict[int, set[str]]:
    """By session, the ids of the questionnaires that were filled in for it; one query for all of them."""
    done: dict[int, set[str]] = {session_id: set() for session_id in session_ids}
    rows = session.execute(
        select(QuestionnaireResponse.session_id, QuestionnaireResponse.questionnaire).where(
            QuestionnaireResponse.session_id.in_(done), QuestionnaireResponse.status == "completed"
        )
    )
    for session_id, questionnaire in rows:
        if session_id is not None:
            done[session_id].add(questionnaire)
    return done


def due_every_session(questionnaires: Questionnaires) -> list[str]:
    """The ids of the questionnaires of each session, in the order in which they are offered."""
    by_id = {questionnaire.id: questionnaire for questionnaire in questionnaires}
    followers = {questionnaire.next for questionnaire in questionnaires}
    order: list[str] = []
    current = next((one for one in questionnaires if one.id not in followers), None)
    while current is not None and current.id not in order:
        order.append(current.id)
        current = by_id.get(current.next or "")
    return order


def still_due(session: Session, found: TherapySession, questionnaires: Questionnaires) -> list[str]:
    """What is left to fill in for a session."""
    done = completed_for(session, [found.id])[found.id]
    return [questionnaire for questionnaire in due_every_session(questionnaires) if questionnaire not in done]


def link_to_session(session: Session, response: QuestionnaireResponse) -> None:
    """Says whose response it is, and for which session, where the clinic knows the person."""
    conversation = session.get_one(Conversation, response.conversation_id)
    if conversation.patient_id is None:
        return
    response.patient_id = conversation.patient_id
    due = session_due(session, conversation.patient_id, now())
    response.session_id = due.id if due is not None else None


def is_for_now(session: Session, response: QuestionnaireResponse) -> bool:
    """Whether an unfinished response should be gone on with.

    One that was begun for a session that is over is left as it is: its answers were about other weeks, and the next
    session deserves its own.
    """
    if response.patient_id is None or response.session_id is None:
        return True
    due = session_due(session, response.patient_id, now())
    return due is None or due.id == response.session_id
