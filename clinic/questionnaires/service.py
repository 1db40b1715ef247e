"""Filling in a questionnaire: each answer is a row the moment it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.conversations.models import Message
from clinic.courses.due import is_for_now, link_to_session
from clinic.escalations.service import Escalations
from clinic.questionnaires import responses
from clinic.questionnaires.definitions import Questionnaire, Questionnaires
from clinic.questionnaires.models import QuestionnaireAnswer, QuestionnaireResponse
from clinic.questionnaires.scoring import total

# The instruments ask about the last two weeks: answers that lie further apart than this are about different weeks.
RESUMABLE_FOR = timedelta(days=7)
# How long after its end a person may still go back in it.
CORRECTABLE_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Position:
    """Where a person stands in a questionnaire. `item` counts from 1 and is None when nothing is left to ask."""

    questionnaire: Questionnaire
    response: QuestionnaireResponse
    item: int | None

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to ask: every item was answered, or left out on purpose."""
        return self.item is None


class QuestionnaireService:
    """Opens, resumes, answers and ends questionnaire responses; every change in the caller's transaction."""

    def __init__(self, *, questionnaires: Questionnaires, escalations: Escalations) -> None:
        self.questionnaires = questionnaires
        self._escalations = escalations

    def open(self, session: Session, *, message: Message, request: str) -> tuple[Position, bool]:
        """Resumes an unfinished questionnaire of this person, on whichever channel it was begun, or begins one.

        `request` may name a questionnaire; else the unfinished one is meant, or the first of the clinic's sequence.

        Returns:
            Where the person stands, and whether it was resumed.
        """
        named = self.questionnaires.named(request)
        unfinished = [one for one in self._unfinished(session, message.conversation_id) if is_for_now(session, one)]
        fitting = next((one for one in unfinished if named is None or one.questionnaire == named.id), None)
        self._leave(session, message.conversation_id, unfinished, fitting)
        if fitting is not None:
            self._bring_here(fitting, message)
            return self._position(fitting), bool(fitting.answers)
        questionnaire = named or self.questionnaires.asked_for(request)
        response = QuestionnaireResponse(
            conversation_id=message.conversation_id,
            questionnaire=questionnaire.id,
            version=questionnaire.version,
            status="in_progress",
            started_at=now(),
            opened_by_message_id=message.id,
            read_message_id=message.id,
            answers=[],
        )
        link_to_session(session, response)
        session.add(response)
        session.flush()
        return self._position(response), False

    def current(self, session: Session, conversation_id: str) -> Position | None:
        """Where the person stands in the questionnaire that is being filled in here and now, if any."""
        found = responses.open_here(session, conversation_id)
        return self._position(found) if found is not None else None

    def elsewhere(self, session: Session, conversation_id: str) -> QuestionnaireResponse | None:
        """The questionnaire that this person is filling in on another channel, if any."""
        others = self._unfinished(session, conversation_id)
        return next((one for one in others if one.status == "in_progress"), None)

    def waiting(self, session: Session, conversation_id: str) -> QuestionnaireResponse | None:
        """The questionnaire that was stopped before its end, if any: by "pause", or by a crisis."""
        return next((one for one in self._unfinished(session, conversation_id) if one.status == "stopped"), None)

    def bring_here(self, session: Session, response: QuestionnaireResponse, message: Message) -> Position:
        """Goes on with it in the conversation of `message`."""
        self._bring_here(response, message)
        session.flush()
        return self._position(response)

    def correctable(self, session: Session, conversation_id: str) -> Position | None:
        """The response that ended in this conversation not long ago: a person may still go back in it."""
        found = responses.latest_here(session, conversation_id)
        if found is None or not found.answers or found.answers[-1].at < now() - CORRECTABLE_FOR:
            return None
        position = self._position(found)
        return position if position.is_complete else None

    def ended_by(self, session: Session, message: Message) -> Position | None:
        """The response that this message ended: nothing is left to ask in it."""
        found = responses.moved_by(session, message)
        position = self._position(found) if found is not None else None
        return position if position is not None and position.is_complete else None

    def following(self, session: Session, position: Position) -> Questionnaire | None:
        """The questionnaire that is offered after this one, unless it was filled in for the same time already."""
        if position.questionnaire.next is None:
            return None
        following = self.questionnaires.get(position.questionnaire.next)
        response, since = position.response, now() - CORRECTABLE_FOR
        done = responses.completed(session, response.conversation_id, following.id, since=since)
        return None if any(one.session_id == response.session_id for one in done) else following

    def answer(self, session: Session, *, position: Position, value: int, message: Message) -> tuple[Position, bool]:
        """Stores an answer to the current item; the same message answers once, however often it is delivered.

        Returns:
            Where the person stands now, and whether this answer was told to a person at the clinic.

        Raises:
            ValueError: the questionnaire is complete, or has no such value.
        """
        if position.item is None:
            raise ValueError("the questionnaire is complete")
        if self.was_read(position, message):
            return self._position(position.response), False
        return self.store(session, position=position, values={position.item: value}, message=message)

    def store(
        self, session: Session, *, position: Position, values: Mapping[int, int], message: Message
    ) -> tuple[Position, bool]:
        """Stores answers by item. An item that has another answer already gets the new one, and keeps the old one
        as history.

        Returns:
            Where the person stands now, and whether one of the answers was told to a person at the clinic.

        Raises:
            ValueError: the questionnaire has no such item or value; nothing was stored.
        """
        questionnaire, response = position.questionnaire, position.response
        total(questionnaire, values)
        for item, value in values.items():
            self._replace(session, response, item=item, value=value, message=message)
        self._settle(session, response, message)
        reasons = [
            f"{questionnaire.id} item {item}: {questionnaire.label(value)}"
            for item, value in values.items()
            if questionnaire.escalates(item, value)
        ]
        if reasons:
            # Source: PHQ-9 item 9 above zero is told to a person on the answer itself, not when the form ends.
            self._escalations.open(session, message=message, reasons=reasons, respond="today")
        return self._position(response), bool(reasons)

    def tell_unasked(self, session: Session, *, position: Position, item: int, value: int, message: Message) -> bool:
        """An answer to an item that was not asked yet is no answer; one that a person should hear of is told."""
        questionnaire = position.questionnaire
        told = questionnaire.escalates(item, value)
        if told:
            reason = f"{questionnaire.id} item {item}: {questionnaire.label(value)}"
            self._escalations.open(session, message=message, reasons=[reason], respond="today")
        self.note_read(session, position, message)
        return told

    def skip(self, session: Session, *, position: Position, message: Message) -> Position:
        """Leaves the current item out: it has no answer, and the questionnaire no total. A given answer stays."""
        if position.item is not None and position.response.returned_to_item is None:
            self._replace(session, position.response, item=position.item, value=None, message=message)
        self._settle(session, position.response, message)
        return self._position(position.response)

    def was_read(self, position: Position, message: Message) -> bool:
        """Whether this message opened the questionnaire or was already dealt with."""
        response = position.response
        if message.id in (response.opened_by_message_id, response.read_message_id):
            return True
        return any(given.message_id == message.id for given in response.answers)

    def note_read(self, session: Session, position: Position, message: Message) -> None:
        """Remembers that this message was dealt with."""
        position.response.read_message_id = message.id
        session.flush()

    def return_to(self, session: Session, *, position: Position, item: int, message: Message) -> Position:
        """Asks an answered item again. Its answer counts until another one is given."""
        position.response.returned_to_item = item
        self.note_read(session, position, message)
        return self._position(position.response)

    def before(self, position: Position) -> int | None:
        """The item that stands before the current one, where it was dealt with: "back" leads there."""
        item = position.item or len(position.questionnaire.items) + 1
        dealt_with = {given.item for given in position.response.answers if given.replaced_at is None}
        return max((number for number in dealt_with if number < item), default=None)

    def pause(self, session: Session, position: Position) -> None:
        """Stops for now; nothing is lost."""
        position.response.returned_to_item = None
        if position.response.status == "in_progress":
            position.response.status = "stopped"
        session.flush()

    def _replace(
        self, session: Session, response: QuestionnaireResponse, *, item: int, value: int | None, message: Message
    ) -> None:
        for given in response.answers:
            if given.item == item and given.replaced_at is None:
                given.replaced_at = now()
        # The old answer leaves before the new one comes: an item has one answer that counts, the database sees to it.
        session.flush()
        response.answers.append(QuestionnaireAnswer(item=item, value=value, message_id=message.id, at=now()))

    def _settle(self, session: Session, response: QuestionnaireResponse, message: Message) -> None:
        """After a change: the total where there is one, and whether anything is left to ask."""
        response.returned_to_item = None
        response.read_message_id = message.id
        questionnaire = self.questionnaires.get(response.questionnaire)
        response.total = total(questionnaire, current_answers(response))
        if response.total is not None:
            response.status = "completed"
            response.completed_at = response.completed_at or now()
        elif self._position(response).is_complete:
            response.status = "stopped"
        session.flush()

    def _leave(
        self,
        session: Session,
        conversation_id: str,
        unfinished: Sequence[QuestionnaireResponse],
        fitting: QuestionnaireResponse | None,
    ) -> None:
        """One questionnaire at a time: the others wait, and nobody is taken back into one that has ended."""
        for other in unfinished:
            if other is not fitting and other.status == "in_progress":
                other.status = "stopped"
        current = self.current(session, conversation_id)
        if current is not None and current.response is not fitting:
            current.response.returned_to_item = None

    def _bring_here(self, response: QuestionnaireResponse, message: Message) -> None:
        response.status = "in_progress"
        response.conversation_id = message.conversation_id
        response.opened_by_message_id = response.read_message_id = message.id
        if self._position(response).is_complete:
            # What was left out is asked once more: nothing else is left to ask.
            for given in response.answers:
                if given.value is None:
                    given.replaced_at = given.replaced_at or now()

    @staticmethod
    def _unfinished(session: Session, conversation_id: str) -> Sequence[QuestionnaireResponse]:
        return responses.unfinished(session, conversation_id, since=now() - RESUMABLE_FOR)

    def _position(self, response: QuestionnaireResponse) -> Position:
        questionnaire = self.questionnaires.get(response.questionnaire)
        dealt_with = {given.item for given in response.answers if given.replaced_at is None}
        missing = (number for number in range(1, len(questionnaire.items) + 1) if number not in dealt_with)
        return Position(questionnaire, response, response.returned_to_item or next(missing, None))


def current_answers(response: QuestionnaireResponse) -> dict[int, int]:
    """Item number to value, as it stands now: corrections replace, nothing is deleted, what was left out is missing."""
    return {
        given.item: given.value for given in response.answers if given.replaced_at is None and given.value is not None
    }


def left_out(response: QuestionnaireResponse) -> list[int]:
    """The items that the person chose to leave out."""
    return sorted(given.item for given in response.answers if given.replaced_at is None and given.value is None)
