"""A person's own answers to questionnaires, to read and to keep. No total and no band: nobody is graded here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from clinic.channels.api import Patient
from clinic.conversations.models import Conversation
from clinic.questionnaires.definitions import Questionnaire
from clinic.questionnaires.models import QuestionnaireResponse
from clinic.questionnaires.service import current_answers
from clinic.services import Services

_FILE = {"Content-Disposition": 'attachment; filename="my-answers.txt"', "Cache-Control": "no-store"}


class OwnAnswer(BaseModel):
    """One question, verbatim, and what was answered; None where nothing was."""

    item: int
    question: str
    answer: str | None


class OwnResponse(BaseModel):
    """One filling-in of one questionnaire."""

    questionnaire: str
    title: str
    at: datetime
    is_finished: bool
    answers: list[OwnAnswer]


class OwnAnswers(BaseModel):
    """Everything that this person has answered, the newest first; `text` is the same to read or to keep as a file."""

    about: str
    text: str
    responses: list[OwnResponse]


def own_answers_router(services: Services) -> APIRouter:
    """The routes, on these services."""
    router = APIRouter(prefix="/api/conversations", tags=["patients"])

    @router.get("/{conversation_id}/answers")
    def read(conversation: Patient) -> OwnAnswers:
        """The person's own answers."""
        return _own(services, conversation)

    @router.get("/{conversation_id}/answers.txt")
    def download(conversation: Patient) -> PlainTextResponse:
        """The same as a text file."""
        return PlainTextResponse(_own(services, conversation).text, headers=_FILE)

    return router


def _own(services: Services, conversation: Conversation) -> OwnAnswers:
    known = {one.id: one for one in services.questionnaires.questionnaires}
    with services.database.read() as session:
        found = [_own_response(one, known.get(one.questionnaire)) for one in _responses(session, conversation)]
    texts = services.texts.own_answers
    if not found:
        return OwnAnswers(about=texts.none, text=texts.none, responses=[])
    blocks = [_in_words(services, one) for one in found]
    return OwnAnswers(about=texts.about, text="\n\n\n".join([texts.about, *blocks]) + "\n", responses=found)


def _responses(session: Session, conversation: Conversation) -> Sequence[QuestionnaireResponse]:
    """Of this conversation and, where the clinic knows the person, of every channel that they have used."""
    own = QuestionnaireResponse.conversation_id == conversation.id
    if conversation.patient_id is not None:
        theirs = select(Conversation.id).where(Conversation.patient_id == conversation.patient_id)
        own = or_(
            own,
            QuestionnaireResponse.patient_id == conversation.patient_id,
            QuestionnaireResponse.conversation_id.in_(theirs),
        )
    return [
        one
        for one in session.scalars(
            select(QuestionnaireResponse)
            .options(selectinload(QuestionnaireResponse.answers))
            .where(own)
            .order_by(QuestionnaireResponse.id.desc())
        )
        if one.answers
    ]


def _own_response(response: QuestionnaireResponse, questionnaire: Questionnaire | None) -> OwnResponse:
    given = current_answers(response)
    # Words of another version are not the words that this person answered: then numbers alone are shown.
    if questionnaire is None or questionnaire.version != response.version:
        title = questionnaire.title if questionnaire is not None else response.questionnaire
        answers = [OwnAnswer(item=item, question="", answer=str(value)) for item, value in sorted(given.items())]
    else:
        title = questionnaire.title
        labels = {option.value: f"{option.value} - {option.label}" for option in questionnaire.options}
        answers = [
            OwnAnswer(item=number, question=item.text, answer=labels.get(given[number]) if number in given else None)
            for number, item in enumerate(questionnaire.items, start=1)
        ]
    return OwnResponse(
        questionnaire=response.questionnaire,
        title=title,
        at=response.completed_at or response.started_at,
        is_finished=response.status == "completed",
        answers=answers,
    )


def _in_words(services: Services, one: OwnResponse) -> str:
    texts = services.texts.own_answers
    local = one.at.astimezone(services.courses.zone)
    when = f"{local.day} {local:%B %Y at %H:%M}"
    heading = f"{one.title}, {when}" + ("" if one.is_finished else f" ({texts.unfinished})")
    lines = [f"{answer.item}. {answer.question}\n   {answer.answer or texts.not_answered}" for answer in one.answers]
    return "\n".join([heading, "", *lines])
