"""What one message does to an open questionnaire. Knows the database and the reader, and nothing of Rasa."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.conversations.models import Message
from clinic.questionnaires.models import QuestionnaireResponse
from clinic.questionnaires.reading import Reader, Reading, Understood
from clinic.questionnaires.service import Position, QuestionnaireService, current_answers

# How many messages back the item that was asked last is looked for.
_LOOK_BACK = 12


class Effect(Enum):
    """What a message did."""

    ANSWERED = "answered"
    ROW = "row"
    SKIPPED = "skipped"
    WENT_BACK = "went_back"
    NOTHING_BEFORE = "nothing_before"
    CHANGED = "changed"
    NOT_REACHED = "not_reached"
    PAUSED = "paused"
    EXPLAINED = "explained"
    HOW_FAR = "how_far"
    WHY = "why"
    WHICH = "which"
    BETWEEN = "between"
    SEVERAL = "several"
    OUT_OF_RANGE = "out_of_range"
    # It was an answer, but the person has not been asked this item here: it is asked now.
    ASK_FIRST = "ask_first"
    # It was dealt with before.
    READ_BEFORE = "read_before"
    # Not for the questionnaire, or not understood.
    NONE = "none"


@dataclass(frozen=True)
class Taken:
    """What became of a message.

    Attributes:
        position: where the person stands now.
        item, value: what was changed; the item that was not reached.
        told: whether an answer in it was told to a person at the clinic.
        is_question: of NONE: whether it asks something.
    """

    effect: Effect
    position: Position
    item: int | None = None
    value: int | None = None
    told: bool = False
    is_question: bool = False


class Filling:
    """Takes messages into questionnaires, in the caller's transaction."""

    def __init__(self, service: QuestionnaireService, readers: Mapping[str, Reader]) -> None:
        self._service = service
        self._readers = readers

    def take(self, session: Session, *, position: Position, message: Message, is_flagged: bool = False) -> Taken:
        """Does what the message says. Of a flagged message only a plain answer is taken: the rest is for people."""
        service = self._service
        if service.was_read(position, message):
            return Taken(Effect.READ_BEFORE, position)
        item = position.item or len(position.questionnaire.items)
        understood = self._readers[position.questionnaire.id].read(message.text, item)
        if is_flagged:
            plain = understood.reading is Reading.ANSWER and not understood.is_beside_a_story
            if not plain or not self._was_asked(session, position, message):
                return Taken(Effect.NONE, position)
        return self._act(session, position, message, understood)

    def is_answer(self, response: QuestionnaireResponse, message: Message) -> bool:
        """Whether a message speaks to this questionnaire, wherever it was asked."""
        reading = self._readers[response.questionnaire].read(message.text, 1).reading
        return reading not in (Reading.OTHER, Reading.STOP)

    def is_answer_to_waiting(self, session: Session, message: Message) -> bool:
        """Whether a message is a plain answer, and the questionnaire it may be for was stopped."""
        response = self._service.waiting(session, message.conversation_id)
        if response is None:
            return False
        return self._readers[response.questionnaire].read(message.text, 1).reading in (Reading.ANSWER, Reading.ROW)

    def is_correction(self, position: Position, message: Message) -> bool:
        """Whether a message plainly changes an answer in a questionnaire that has ended."""
        reader = self._readers[position.questionnaire.id]
        return reader.read(message.text, len(position.questionnaire.items)).reading in _CORRECTIONS

    def correct(self, session: Session, *, position: Position, message: Message) -> Taken:
        """Goes back in a questionnaire that has ended: what is no change leads to the item answered last."""
        understood = self._readers[position.questionnaire.id].read(message.text, len(position.questionnaire.items))
        if understood.reading in _CORRECTIONS:
            return self._act(session, position, message, understood)
        return self.step_back(session, position=position, message=message)

    def step_back(self, session: Session, *, position: Position, message: Message) -> Taken:
        """Asks the item before again."""
        before = self._service.before(position)
        if before is None:
            self._service.note_read(session, position, message)
            return Taken(Effect.NOTHING_BEFORE, position)
        return Taken(Effect.WENT_BACK, self._return(session, position, before, message))

    def _act(self, session: Session, position: Position, message: Message, understood: Understood) -> Taken:
        service, reading = self._service, understood.reading
        if reading is Reading.OTHER:
            return Taken(Effect.NONE, position, is_question=understood.is_question)
        if reading in (Reading.ANSWER, Reading.ROW, Reading.SKIP) and not self._was_asked(session, position, message):
            service.note_read(session, position, message)
            return Taken(Effect.ASK_FIRST, position)
        if reading is Reading.ANSWER and understood.value is not None and position.item is not None:
            after, told = service.answer(session, position=position, value=understood.value, message=message)
            return Taken(Effect.ANSWERED, after, position.item, understood.value, told)
        if reading is Reading.ROW:
            return self._row(session, position, message, understood.values)
        if reading in (Reading.CHANGE_ITEM, Reading.CHANGE_LAST):
            return self._change(session, position, message, understood)
        if reading is Reading.RETURN_TO and understood.item in _reached(position):
            return Taken(Effect.WENT_BACK, self._return(session, position, understood.item, message))
        if reading is Reading.RETURN_TO:
            service.note_read(session, position, message)
            return Taken(Effect.NOT_REACHED, position, understood.item)
        if reading is Reading.BACK:
            return self.step_back(session, position=position, message=message)
        if reading is Reading.SKIP:
            return Taken(Effect.SKIPPED, service.skip(session, position=position, message=message), position.item)
        service.note_read(session, position, message)
        if reading is Reading.STOP:
            service.pause(session, position)
        return Taken(_SAID[reading], position)

    def _return(self, session: Session, position: Position, item: int, message: Message) -> Position:
        return self._service.return_to(session, position=position, item=item, message=message)

    def _row(self, session: Session, position: Position, message: Message, values: tuple[int, ...]) -> Taken:
        row = dict(enumerate(values, start=1))
        given = current_answers(position.response)
        # With other answers in place already, it is not plain which items the numbers are for.
        if any(row[item] != value for item, value in given.items()):
            self._service.note_read(session, position, message)
            return Taken(Effect.SEVERAL, position)
        new = {item: value for item, value in row.items() if item not in given}
        after, told = self._service.store(session, position=position, values=new, message=message)
        return Taken(Effect.ROW, after, told=told)

    def _change(self, session: Session, position: Position, message: Message, understood: Understood) -> Taken:
        given, value = current_answers(position.response), understood.value
        last = self._service.before(position)
        reached = _reached(position)
        item = understood.item or self._meant_last(session, position, message)
        if value is not None and item is not None and item == position.item and item not in reached:
            # "Question 3 is 1", said to question 3; "I meant 1", after "7" was no answer to it.
            if not self._was_asked(session, position, message):
                self._service.note_read(session, position, message)
                return Taken(Effect.ASK_FIRST, position)
            after, told = self._service.store(session, position=position, values={item: value}, message=message)
            return Taken(Effect.ANSWERED, after, item, value, told)
        if item not in reached and last in given and understood.item == given[last]:
            # "Change 3 to 1" where question 3 was not reached and the last answer was a 3.
            item = last
        if item is None or value is None:
            self._service.note_read(session, position, message)
            return Taken(Effect.NOTHING_BEFORE, position)
        if item not in reached:
            told = self._service.tell_unasked(session, position=position, item=item, value=value, message=message)
            return Taken(Effect.NOT_REACHED, position, item, value, told)
        after, told = self._service.store(session, position=position, values={item: value}, message=message)
        return Taken(Effect.CHANGED, after, item, value, told)

    def _meant_last(self, session: Session, position: Position, message: Message) -> int | None:
        """The item that "I meant 2" is about: the one that the message before answered or changed; the one that is
        open, where that message could not be used; else the one before it.
        """
        earlier = session.scalar(
            select(Message.id)
            .where(
                Message.conversation_id == message.conversation_id,
                Message.direction == "incoming",
                Message.id < message.id,
            )
            .order_by(Message.id.desc())
            .limit(1)
        )
        moved = [given.item for given in position.response.answers if earlier and given.message_id == earlier]
        if len(moved) == 1:
            return moved[0]
        said = session.scalars(select(Message.kind).where(Message.in_reply_to_id == earlier)).all()
        return position.item if not moved and "correction" in said else self._service.before(position)

    @staticmethod
    def _was_asked(session: Session, position: Position, message: Message) -> bool:
        """Whether the item at which the person stands is the one that was asked last in this conversation."""
        said = session.scalars(
            select(Message.details)
            .where(
                Message.conversation_id == message.conversation_id,
                Message.direction == "outgoing",
                Message.kind.in_(("questionnaire", "correction")),
                Message.id < message.id,
            )
            .order_by(Message.id.desc())
            .limit(_LOOK_BACK)
        )
        asked = next(((d.get("questionnaire"), d["item"]) for d in said if d.get("item") is not None), None)
        return asked == (position.questionnaire.id, position.item)


def _reached(position: Position) -> set[int]:
    """The items that were answered or left out."""
    return {given.item for given in position.response.answers if given.replaced_at is None}


_CORRECTIONS = (Reading.CHANGE_ITEM, Reading.CHANGE_LAST, Reading.RETURN_TO, Reading.WHICH)
_SAID = {
    Reading.STOP: Effect.PAUSED,
    Reading.EXPLAIN: Effect.EXPLAINED,
    Reading.HOW_FAR: Effect.HOW_FAR,
    Reading.WHY: Effect.WHY,
    Reading.WHICH: Effect.WHICH,
    Reading.BETWEEN: Effect.BETWEEN,
    Reading.SEVERAL: Effect.SEVERAL,
    Reading.OUT_OF_RANGE: Effect.OUT_OF_RANGE,
}
