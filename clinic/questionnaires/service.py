"""Filling in a questionnaire: each answer is a row the moment it is given."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.conversations.models import Message
from clinic.courses.due import is_for_now, link_to_session
from clinic.escalations.service import Escalations
from clinic.questionnaires.definitions import Questionnaire, Questionnaires
from clinic.questionnaires.models import QuestionnaireAnswer, QuestionnaireResponse
from clinic.questionnaires.scoring import total


@dataclass(frozen=True)
class Position:
    """Where a person stands in a questionnaire. `item` counts from 1 and is None when all are answered."""

    questionnaire: Questionnaire
    response: QuestionnaireResponse
    item: int | None

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to ask."""
        return self.item is None


class QuestionnaireService:
    """Opens, resumes, answers and ends questionnaire responses; every change in the caller's transaction."""

    def __init__(self, *, questionnaires: Questionnaires, escalations: Escalations) -> None:
        self.questionnaires = questionnaires
        self._escalations = escalations

    def open(self, session: Session, *, message: Message, request: str) -> tuple[Position, bool]:
        """Resumes the unfinished questionnaire of this conversation, or begins the one that `request` names.

        Returns:
            Where the person stands, and whether it was resumed.
        """
        unfinished = self._latest(session, message.conversation_id, ("in_progress", "stopped"))
        if unfinished is not None and is_for_now(session, unfinished):
            unfinished.status = "in_progress"
            unfinished.opened_by_message_id = message.id
            return self._position(unfinished), bool(unfinished.answers)
        questionnaire = self.questionnaires.asked_for(request)
        response = QuestionnaireResponse(
            conversation_id=message.conversation_id,
            questionnaire=questionnaire.id,
            version=questionnaire.version,
            status="in_progress",
            started_at=now(),
            opened_by_message_id=message.id,
            answers=[],
        )
        link_to_session(session, response)
        session.add(response)
        session.flush()
        return self._position(response), False

    def current(self, session: Session, conversation_id: str) -> Position | None:
        """Where the person stands in the questionnaire that is being filled in now, if any."""
        response = self._latest(session, conversation_id, ("in_progress",))
        return self._position(response) if response is not None else None

    def last_completed(self, session: Session, conversation_id: str) -> QuestionnaireResponse | None:
        """The response completed last in this conversation."""
        return self._latest(session, conversation_id, ("completed",))

    def answer(self, session: Session, *, position: Position, value: int, message: Message) -> tuple[Position, bool]:
        """Stores an answer to the current item; the same message answers once, however often it is delivered.

        Returns:
            Where the person stands now, and whether this answer was told to a person at the clinic.

        Raises:
            ValueError: the questionnaire is complete, or has no such value.
        """
        questionnaire, response, item = position.questionnaire, position.response, position.item
        if item is None:
            raise ValueError("the questionnaire is complete")
        if any(given.message_id == message.id for given in response.answers):
            return self._position(response), False
        # Checked before anything is stored.
        total(questionnaire, {item: value})
        response.answers.append(QuestionnaireAnswer(item=item, value=value, message_id=message.id, at=now()))
        escalated = questionnaire.escalates(item, value)
        if escalated:
            # Source: PHQ-9 item 9 above zero is told to a person on the answer itself, not when the form ends.
            reason = f"{questionnaire.id} item {item}: {self._label(questionnaire, value)}"
            self._escalations.open(session, message=message, reasons=[reason], respond="today")
        after = self._position(response)
        if after.is_complete:
            response.status = "completed"
            response.completed_at = now()
            response.total = total(questionnaire, current_answers(response))
        session.flush()
        return after, escalated

    def was_read(self, position: Position, message: Message) -> bool:
        """Whether this message opened the questionnaire or was already taken as an answer."""
        if position.response.opened_by_message_id == message.id:
            return True
        return any(given.message_id == message.id for given in position.response.answers)

    def step_back(self, session: Session, position: Position) -> Position:
        """Opens the item answered last for a new answer; the old one stays in the history."""
        answered = current_answers(position.response)
        if answered:
            latest = max(answered)
            for given in position.response.answers:
                if given.item == latest:
                    given.replaced_at = given.replaced_at or now()
            session.flush()
        return self._position(position.response)

    def pause(self, session: Session, position: Position) -> None:
        """Stops for now; nothing is lost."""
        position.response.status = "stopped"
        session.flush()

    def _position(self, response: QuestionnaireResponse) -> Position:
        questionnaire = self.questionnaires.get(response.questionnaire)
        answered = current_answers(response)
        missing = (number for number in range(1, len(questionnaire.items) + 1) if number not in answered)
        return Position(questionnaire, response, next(missing, None))

    @staticmethod
    def _latest(session: Session, conversation_id: str, statuses: tuple[str, ...]) -> QuestionnaireResponse | None:
        return session.scalar(
            select(QuestionnaireResponse)
            .where(
                QuestionnaireResponse.conversation_id == conversation_id,
                QuestionnaireResponse.status.in_(statuses),
            )
            .order_by(QuestionnaireResponse.id.desc())
            .limit(1)
        )

    @staticmethod
    def _label(questionnaire: Questionnaire, value: int) -> str:
        return next(option.label for option in questionnaire.options if option.value == value)


def current_answers(response: QuestionnaireResponse) -> dict[int, int]:
    """Item number to value, as it stands now: corrections replace, nothing is deleted."""
    return {given.item: given.value for given in response.answers if given.replaced_at is None}
