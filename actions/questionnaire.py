"""Questionnaires in the dialogue. One form serves them all; its items and answers are the clinic's data."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions.turn import ClinicAction, Event, Turn, utter
from clinic.conversations.models import Message
from clinic.conversations.replies import Reply, quick_reply
from clinic.questionnaires.answers import Reading, read_answer
from clinic.questionnaires.service import Position
from clinic.services import Services

_SLOT = "questionnaire_answer"
# Set in place of a value when the turn was dealt with here: the form then asks for what is next.
_ASK_NEXT: Event = SlotSet(_SLOT, None)
_COMPLETE: Event = SlotSet(_SLOT, "complete")
# What a person may mean by a message that reads like no answer: these stay in the form and are asked again.
_NOT_A_DIGRESSION = frozenset({"nlu_fallback", "unsure", "affirm", "deny", "out_of_scope", "thanks", "greet"})


def questionnaire_actions(services: Services) -> list[Action]:
    """The actions of this capability."""
    kinds = (OpenQuestionnaire, AskItem, ReadAnswerAction, ExplainItem, PreviousItem, Pause, Finish)
    return [kind(services) for kind in kinds]


class OpenQuestionnaire(ClinicAction):
    """Begins the questionnaire that was asked for, or goes on with the one left unfinished."""

    def name(self) -> str:
        return "action_open_questionnaire"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        texts = self.services.texts.questionnaires
        with self.services.database.write() as session:
            message = turn.message(session)
            if message is None:
                dispatcher.utter_message(response="utter_fallback_second")
                return [FollowupAction("action_listen")]
            position, resumed = self._open(session, message, turn)
            name = position.questionnaire.id
        intro = texts.resumed if resumed else texts.intro[name]
        utter(dispatcher, intro.reply(details={"questionnaire": name}))
        # A "yes" to the offer comes here too; the form is what follows in either case.
        return [_ASK_NEXT, FollowupAction("questionnaire_form")]

    def _open(self, session: Session, message: Message, turn: Turn) -> tuple[Position, bool]:
        service = self.services.questionnaires
        request = turn.text
        if turn.intent == "affirm":
            completed = service.last_completed(session, turn.conversation_id)
            following = completed and service.questionnaires.get(completed.questionnaire).next
            request = following or request
        return service.open(session, message=message, request=request)


class AskItem(ClinicAction):
    """Asks the item at which the person stands."""

    def name(self) -> str:
        return "action_ask_questionnaire_form_questionnaire_answer"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        with self.services.database.read() as session:
            position = self.services.questionnaires.current(session, turn.conversation_id)
            if position is None or position.item is None:
                return []
            # The stem is said at the beginning and after anything that came between; not with every item.
            message = turn.message(session)
            straight_on = message is not None and any(a.message_id == message.id for a in position.response.answers)
            utter(dispatcher, ask(position, with_stem=not straight_on))
        return []


class ReadAnswerAction(ClinicAction):
    """Reads a message as an answer and stores it; leaves everything else to the dialogue."""

    def name(self) -> str:
        return "validate_questionnaire_form"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        with self.services.database.write() as session:
            message = turn.message(session)
            position = self.services.questionnaires.current(session, turn.conversation_id)
            if message is None or position is None:
                return [_COMPLETE]
            # Rasa calls this again when a digression or an opening comes back to the form.
            if self.services.questionnaires.was_read(position, message):
                return []
            if turn.intent == "risk":
                return []
            return self._read(session, dispatcher, turn, position, message)

    def _read(
        self, session: Session, dispatcher: CollectingDispatcher, turn: Turn, position: Position, message: Message
    ) -> list[Event]:
        texts = self.services.texts.questionnaires
        answer = read_answer(position.questionnaire, turn.text)
        details = {"questionnaire": position.questionnaire.id, "item": position.item}
        if answer.reading is Reading.ANSWER and answer.value is not None:
            after, escalated = self.services.questionnaires.answer(
                session, position=position, value=answer.value, message=message
            )
            if escalated:
                utter(dispatcher, self.services.crisis.for_message(session, message))
            return [_COMPLETE if after.is_complete else _ASK_NEXT]
        if answer.reading is Reading.OUT_OF_RANGE:
            utter(dispatcher, texts.out_of_range.reply(details=details))
            return [_ASK_NEXT]
        if turn.intent in _NOT_A_DIGRESSION:
            utter(dispatcher, texts.answer_not_understood.reply(details=details))
            return [_ASK_NEXT]
        return []


class ExplainItem(ClinicAction):
    """ "What do you mean?": how to answer, without rewording the instrument."""

    def name(self) -> str:
        return "action_explain_item"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        with self.services.database.read() as session:
            position = self.services.questionnaires.current(session, turn.conversation_id)
        if position is None:
            dispatcher.utter_message(response="utter_not_what_i_asked")
        else:
            details = {"questionnaire": position.questionnaire.id}
            utter(dispatcher, self.services.texts.questionnaires.explain_item.reply(details=details))
        return []


class PreviousItem(ClinicAction):
    """Back to the item answered last."""

    def name(self) -> str:
        return "action_previous_item"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        texts = self.services.texts.questionnaires
        with self.services.database.write() as session:
            position = self.services.questionnaires.current(session, turn.conversation_id)
            if position is None:
                dispatcher.utter_message(response="utter_not_what_i_asked")
                return []
            after = self.services.questionnaires.step_back(session, position)
        details = {"questionnaire": position.questionnaire.id}
        text = texts.no_question_before if after.item == position.item else texts.went_back
        utter(dispatcher, text.reply(details=details))
        return []


class Pause(ClinicAction):
    """Stops for now; what was answered stays."""

    def name(self) -> str:
        return "action_pause_questionnaire"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        with self.services.database.write() as session:
            position = self.services.questionnaires.current(session, turn.conversation_id)
            if position is None:
                dispatcher.utter_message(response="utter_nothing_to_stop")
                return []
            self.services.questionnaires.pause(session, position)
        utter(dispatcher, self.services.texts.questionnaires.paused.reply())
        return [ActiveLoop(None), SlotSet(_SLOT, None), SlotSet("requested_slot", None)]


class Finish(ClinicAction):
    """Thanks the person, who is not graded, and offers the next questionnaire."""

    def name(self) -> str:
        return "action_finish_questionnaire"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        texts = self.services.texts.questionnaires
        with self.services.database.read() as session:
            completed = self.services.questionnaires.last_completed(session, turn.conversation_id)
        if completed is not None:
            utter(dispatcher, texts.finished.reply())
            following = self.services.questionnaires.questionnaires.get(completed.questionnaire).next
            if following is not None:
                utter(dispatcher, self._offer(following))
        return [SlotSet(_SLOT, None)]

    def _offer(self, questionnaire_id: str) -> Reply:
        texts = self.services.texts.questionnaires
        intro = texts.intro[questionnaire_id]
        offer = texts.finished_next.reply(title=intro.title)
        buttons = (quick_reply(intro.label, intro.request), *offer.quick_replies)
        return Reply(kind=offer.kind, text=offer.text, quick_replies=buttons)


def ask(position: Position, *, with_stem: bool) -> Reply:
    """The item at which the person stands, in the instrument's own words, with its options."""
    questionnaire, number = position.questionnaire, position.item
    if number is None:
        raise ValueError("the questionnaire is complete")
    stem = f"{questionnaire.stem}\n\n" if with_stem else ""
    counted = f"{number} of {len(questionnaire.items)}: {questionnaire.item(number).text}"
    options = [f"{option.value} - {option.label}" for option in questionnaire.options]
    details: dict[str, Any] = {"questionnaire": questionnaire.id, "item": number}
    return Reply(
        kind="questionnaire",
        text=stem + counted,
        details=details,
        quick_replies=tuple(quick_reply(option, option) for option in options),
    )
