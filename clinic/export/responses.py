"""Which responses leave the clinic, and of whom: only those that belong to a patient whom the clinic knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from clinic.conversations.models import Conversation
from clinic.courses.models import TherapySession
from clinic.patients.models import Patient
from clinic.questionnaires.definitions import Questionnaire, Questionnaires
from clinic.questionnaires.models import QuestionnaireResponse

_BATCH = 200


@dataclass(frozen=True)
class Exported:
    """One response with whose it is, for which session, and the questionnaire's words."""

    response: QuestionnaireResponse
    patient: Patient
    therapy_session: TherapySession | None
    questionnaire: Questionnaire


def responses_to_export(
    session: Session,
    questionnaires: Questionnaires,
    *,
    patient_id: str | None = None,
    response_id: int | None = None,
    since: datetime | None = None,
) -> Iterator[Exported]:
    """Responses in the order in which they were begun; those without any answer say nothing and are left out.

    A response to another version of a questionnaire is left out too: its words and codes are not known here any more.

    Args:
        since: of those completed or, unfinished, begun at this moment or later.
    """
    known = {one.id: one for one in questionnaires}
    last = 0
    while batch := _batch(session, after=last, patient_id=patient_id, response_id=response_id):
        for response, patient, found in batch:
            last = response.id
            questionnaire = known.get(response.questionnaire)
            if questionnaire is None or questionnaire.version != response.version or not response.answers:
                continue
            if since is None or (response.completed_at or response.started_at) >= since:
                yield Exported(response, patient, found, questionnaire)
        # What was read is not kept: a clinic has many thousands.
        session.expunge_all()


def _batch(
    session: Session, *, after: int, patient_id: str | None, response_id: int | None
) -> list[tuple[QuestionnaireResponse, Patient, TherapySession | None]]:
    query = (
        select(QuestionnaireResponse, Patient, TherapySession)
        .join(Conversation, Conversation.id == QuestionnaireResponse.conversation_id)
        # What was filled in before the clinic knew who it was belongs to whose conversation it is.
        .join(Patient, Patient.id == func.coalesce(QuestionnaireResponse.patient_id, Conversation.patient_id))
        .outerjoin(TherapySession, TherapySession.id == QuestionnaireResponse.session_id)
        .options(selectinload(QuestionnaireResponse.answers))
        .where(QuestionnaireResponse.id > after)
        .order_by(QuestionnaireResponse.id)
        .limit(_BATCH)
    )
    if patient_id is not None:
        query = query.where(Patient.id == patient_id)
    if response_id is not None:
        query = query.where(QuestionnaireResponse.id == response_id)
    return [(response, patient, found) for response, patient, found in session.execute(query)]
