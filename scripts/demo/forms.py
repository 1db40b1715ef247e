"""Filling in questionnaires as people do: item by item, in a row, left half-way, left out, changed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from sqlalchemy.orm import Session

from clinic.conversations.models import Conversation, Message
from clinic.conversations.replies import Reply, quick_reply
from clinic.questionnaires.asking import ask
from clinic.questionnaires.definitions import Questionnaire
from clinic.questionnaires.service import Position, left_out
from scripts.demo.scores import Scores
from scripts.demo.stage import Stage
from scripts.demo.waiting import Person

# How often what happens to a questionnaire.
_STOPS = 0.03
_LEAVES = 0.02
_LEAVES_OUT = 0.02
_CHANGES = 0.04
_ONLY_THE_FIRST = 0.05
# Who has filled in a few sends the numbers in one message.
_ROWS_AFTER = 2


class Forms:
    """Plays the filling in of everything that is due for a session."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._service = stage.services.questionnaires

    def fill_in(self, person: Person, scores: Scores, *, number: int, place: float) -> None:
        """What is due for session `number`, in one sitting."""
        chance = self._stage.random_of("form", person.number, number)
        in_rows = number > _ROWS_AFTER and self._stage.random_of("rows", person.number).random() < 0.45
        with self._stage.write() as session:
            conversation = session.get_one(Conversation, person.conversation_id)
            if conversation.is_with_staff:
                return
            for questionnaire in self._service.questionnaires:
                values = scores.answers(questionnaire, place=place)
                if not self._one(session, conversation, questionnaire, values, chance, in_rows=in_rows):
                    return
                if chance.random() < _ONLY_THE_FIRST:
                    return

    def _one(
        self,
        session: Session,
        conversation: Conversation,
        questionnaire: Questionnaire,
        values: Sequence[int],
        chance: random.Random,
        *,
        in_rows: bool,
    ) -> bool:
        """Returns whether it was gone through to its end."""
        stage, texts = self._stage, self._stage.services.texts.questionnaires
        intro = texts.intro[questionnaire.id]
        message = stage.hear(session, conversation, intro.request, is_plain=True)
        position, resumed = self._service.open(session, message=message, request=intro.request)
        first = texts.resumed if resumed else intro
        stage.answer(session, message, [first.reply(), ask(position, with_stem=True)])
        if in_rows:
            return self._row(session, conversation, position, values)
        stops_at = chance.randint(2, len(values) - 1) if chance.random() < _STOPS else None
        leaves_at = chance.randint(3, len(values) - 1) if chance.random() < _LEAVES else None
        left_out_at = chance.randint(2, len(values) - 1) if chance.random() < _LEAVES_OUT else None
        while (item := position.item) is not None:
            if item == stops_at:
                message = stage.hear(session, conversation, "stop for now", is_plain=True)
                self._service.pause(session, position)
                stage.answer(session, message, [texts.paused.reply()])
                return False
            if item == leaves_at:
                return False
            if item == left_out_at:
                message = stage.hear(session, conversation, "skip", is_plain=True)
                position = self._service.skip(session, position=position, message=message)
                said = texts.skipped.reply(item=item)
                stage.answer(session, message, [said, *self._next(session, position)])
                continue
            position = self._answer(session, conversation, position, values[item - 1])
        if chance.random() < _CHANGES:
            self._change(session, conversation, position, values)
        return True

    def _answer(self, session: Session, conversation: Conversation, position: Position, value: int) -> Position:
        label = position.questionnaire.label(value)
        text = f"{value} - {label}" if conversation.channel == "web" else str(value)
        message = self._stage.hear(session, conversation, text, is_plain=True)
        position, told = self._service.answer(session, position=position, value=value, message=message)
        self._stage.answer(session, message, [*self._told(session, message, told), *self._next(session, position)])
        return position

    def _row(self, session: Session, conversation: Conversation, position: Position, values: Sequence[int]) -> bool:
        row = " ".join(map(str, values))
        message = self._stage.hear(session, conversation, row, is_plain=True)
        position, told = self._service.store(
            session, position=position, values=dict(enumerate(values, start=1)), message=message
        )
        taken = self._stage.services.texts.questionnaires.row_taken.reply(answers=row)
        replies = [*self._told(session, message, told), taken, *self._next(session, position)]
        self._stage.answer(session, message, replies)
        return True

    def _change(self, session: Session, conversation: Conversation, position: Position, values: Sequence[int]) -> None:
        value = max(0, values[0] - 1)
        message = self._stage.hear(session, conversation, f"change 1 to {value}", is_plain=True)
        position, _ = self._service.store(session, position=position, values={1: value}, message=message)
        label = position.questionnaire.label(value)
        said = self._stage.services.texts.questionnaires.answer_changed.reply(item=1, answer=label)
        self._stage.answer(session, message, [said])

    def _told(self, session: Session, message: Message, told: bool) -> list[Reply]:
        return [self._stage.services.crisis.for_message(session, message)] if told else []

    def _next(self, session: Session, position: Position) -> list[Reply]:
        """The next item; after the last one, thanks and the questionnaire that follows."""
        texts = self._stage.services.texts.questionnaires
        if position.item is not None:
            return [ask(position, with_stem=False)]
        gaps = left_out(position.response)
        said = texts.finished_with_gaps.reply(item=" and ".join(map(str, gaps))) if gaps else texts.finished.reply()
        following = self._service.following(session, position)
        if following is None:
            return [said]
        intro = texts.intro[following.id]
        offer = texts.finished_next.reply(title=intro.title)
        buttons = (quick_reply(intro.label, intro.request), *offer.quick_replies)
        return [said, Reply(kind=offer.kind, text=offer.text, quick_replies=buttons)]
