"""Finding questionnaire responses. Every function works in the caller's session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from clinic.conversations.models import Conversation, Message
from clinic.questionnaires.models import QuestionnaireResponse as Response


def open_here(session: Session, conversation_id: str) -> Response | None:
    """The one that is being filled in, or gone back into, in this conversation."""
    return session.scalar(
        select(Response)
        .where(
            Response.conversation_id == conversation_id,
            (Response.status == "in_progress") | Response.returned_to_item.is_not(None),
        )
        .order_by(Response.id.desc())
        .limit(1)
    )


def latest_here(session: Session, conversation_id: str) -> Response | None:
    """The one begun last in this conversation, whatever became of it."""
    return session.scalar(
        select(Response).where(Response.conversation_id == conversation_id).order_by(Response.id.desc()).limit(1)
    )


def moved_by(session: Session, message: Message) -> Response | None:
    """The one in which this message did something last."""
    return session.scalar(
        select(Response).where(
            Response.conversation_id == message.conversation_id, Response.read_message_id == message.id
        )
    )


def unfinished(session: Session, conversation_id: str, *, since: datetime) -> Sequence[Response]:
    """Those of this person, on any channel, that were begun since then and not completed, newest first; locked, as
    two channels of one person may write at the same moment.
    """
    return session.scalars(
        select(Response)
        .where(
            _of_the_same_person(session, conversation_id),
            Response.status.in_(("in_progress", "stopped")),
            Response.started_at > since,
        )
        .order_by(Response.id.desc())
        .with_for_update()
    ).all()


def completed(session: Session, conversation_id: str, questionnaire: str, *, since: datetime) -> Sequence[Response]:
    """Those of this person and questionnaire that were completed since then."""
    return session.scalars(
        select(Response).where(
            _of_the_same_person(session, conversation_id),
            Response.questionnaire == questionnaire,
            Response.status == "completed",
            Response.completed_at > since,
        )
    ).all()


def _of_the_same_person(session: Session, conversation_id: str) -> ColumnElement[bool]:
    patient_id = session.get_one(Conversation, conversation_id).patient_id
    if patient_id is None:
        return Response.conversation_id == conversation_id
    theirs = select(Conversation.id).where(Conversation.patient_id == patient_id)
    return (Response.patient_id == patient_id) | Response.conversation_id.in_(theirs)
