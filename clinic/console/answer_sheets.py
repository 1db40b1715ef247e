"""A questionnaire response as the therapist reads it: total, published band and every answer; never a risk level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from clinic.questionnaires.definitions import Questionnaire, Questionnaires
from clinic.questionnaires.models import QuestionnaireResponse
from clinic.questionnaires.scoring import band
from clinic.questionnaires.service import current_answers, left_out

_LEFT_OUT = "Left out by the person"
_STATUS = {"completed": "Completed", "in_progress": "Being filled in", "stopped": "Paused by the person"}


@dataclass(frozen=True)
class AnswerLine:
    """One question and what was answered; `earlier` are answers that the person took back, oldest first."""

    number: int
    question: str
    answer: str | None
    earlier: tuple[str, ...]


@dataclass(frozen=True)
class AnswerSheet:
    """One filling-in of one questionnaire. `total` is None while any answer is missing."""

    id: int
    title: str
    status: str
    started_at: datetime
    completed_at: datetime | None
    answered: int
    of: int
    total: int | None
    highest_total: int
    band: str | None
    lines: tuple[AnswerLine, ...]


def answer_sheets(session: Session, conversation_id: str, questionnaires: Questionnaires) -> list[AnswerSheet]:
    """The responses of a conversation, newest first."""
    responses = session.scalars(
        select(QuestionnaireResponse)
        .options(selectinload(QuestionnaireResponse.answers))
        .where(QuestionnaireResponse.conversation_id == conversation_id)
        .order_by(QuestionnaireResponse.id.desc())
    ).all()
    by_id = {questionnaire.id: questionnaire for questionnaire in questionnaires}
    return [_sheet(response, by_id.get(response.questionnaire)) for response in responses]


def _sheet(response: QuestionnaireResponse, questionnaire: Questionnaire | None) -> AnswerSheet:
    title = questionnaire.title if questionnaire is not None else response.questionnaire
    # Words of another version would put other words in the person's mouth: then numbers alone are shown.
    if questionnaire is not None and questionnaire.version != response.version:
        questionnaire, title = None, f"{title} (version {response.version})"
    given = current_answers(response)
    numbers: Sequence[int] = sorted(given)
    if questionnaire is not None:
        numbers = range(1, len(questionnaire.items) + 1)
    total = response.total
    return AnswerSheet(
        id=response.id,
        title=title,
        status=_STATUS.get(response.status, response.status),
        started_at=response.started_at,
        completed_at=response.completed_at,
        answered=len(given),
        of=len(numbers),
        total=total,
        highest_total=questionnaire.highest_total if questionnaire is not None else 0,
        band=band(questionnaire, total) if questionnaire is not None and total is not None else None,
        lines=tuple(_line(number, response, given.get(number), questionnaire) for number in numbers),
    )


def _line(
    number: int, response: QuestionnaireResponse, value: int | None, questionnaire: Questionnaire | None
) -> AnswerLine:
    taken_back = [one for one in response.answers if one.item == number and one.replaced_at is not None]
    earlier = [answer.value for answer in taken_back if answer.value is not None]
    return AnswerLine(
        number=number,
        question=questionnaire.item(number).text if questionnaire is not None else "",
        answer=_label(value, questionnaire)
        if value is not None
        else _LEFT_OUT
        if number in left_out(response)
        else None,
        earlier=tuple(_label(old, questionnaire) for old in earlier),
    )


def _label(value: int, questionnaire: Questionnaire | None) -> str:
    options = questionnaire.options if questionnaire is not None else []
    label = next((option.label for option in options if option.value == value), None)
    return f"{value} - {label}" if label is not None else str(value)
