"""Answers to two questions at once, choices among topics, and what is said when nothing fits."""

from __future__ import annotations

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.follow_ups import ActionFollowUp, keep_earlier
from actions.offers import offer
from actions.questionnaire import PreviousItem
from actions.reminders import ActionReminders
from actions.turn import ClinicAction, Event, Turn, utter
from clinic.content.follow_up_words import is_follow_up
from clinic.questions.service import exchanges_before, keep


class ActionAnswerBoth(ClinicAction):
    """Two questions in one message: both answers, in the order of the questions."""

    def name(self) -> str:
        return "action_answer_both"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        asked = [name for name in turn.ranking if name in self.services.topics][:2]
        for name in asked:
            dispatcher.utter_message(response=f"utter_{name}")
        # "Tell me more" is about what was read last.
        return [SlotSet("topic", asked[-1])]


class Unanswered(ClinicAction):
    """Nothing fits for sure: it may be for something that was spoken of just before."""

    def belongs_to_before(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event] | None:
        """What follows where the message answers or corrects what came before; None where it does not."""
        with self.services.database.read() as session:
            message, filling = turn.message(session), self.services.filling
            ended = self.services.questionnaires.correctable(session, turn.conversation_id)
            corrects = message is not None and ended is not None and filling.is_correction(ended, message)
            # "2", said to a questionnaire that has stopped, after a crisis text perhaps: how to go on with it.
            waits = message is not None and filling.is_answer_to_waiting(session, message)
        if corrects:
            return PreviousItem(self.services).act(dispatcher, turn)
        if ActionReminders(self.services).takes_answer(dispatcher, turn):
            return []
        if waits:
            utter(dispatcher, self.services.texts.questionnaires.waiting.reply())
            return []
        return ActionFollowUp(self.services).act(dispatcher, turn) if follows_up(turn) else None


class ActionOfferTopics(Unanswered):
    """Not sure: the likely topics as choices; after another miss, a person too."""

    def name(self) -> str:
        return "action_offer_topics"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        events = self.belongs_to_before(dispatcher, turn)
        if events is not None:
            return events
        likely = [name for name in turn.ranking if name in self.services.topics]
        if not likely:
            return ActionFallback(self.services).act(dispatcher, turn)
        again = self._is_second_miss(turn)
        response = "utter_offer_topics_again" if again else "utter_offer_topics"
        offer(dispatcher, self.services.topics, likely, response=response, with_person=again)
        return []

    def _is_second_miss(self, turn: Turn) -> bool:
        with self.services.database.write() as session:
            message = turn.message(session)
            before = exchanges_before(session, message) if message is not None else []
            if not before or not before[0].was_missed:
                return False
            keep_earlier(session, turn, before)
            return True


class ActionFallback(Unanswered):
    """Not understood. The second time in a row a person is offered, and both questions are kept."""

    def name(self) -> str:
        return "action_fallback"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        events = self.belongs_to_before(dispatcher, turn)
        if events is not None:
            return events
        with self.services.database.write() as session:
            message = turn.message(session)
            before = exchanges_before(session, message) if message is not None else []
            again = bool(before) and before[0].was_missed
            if message is not None and again:
                keep_earlier(session, turn, before)
                keep(session, message, why="second_miss")
        dispatcher.utter_message(response="utter_fallback_second" if again else "utter_fallback_first")
        return []


class ActionOutOfScope(Unanswered):
    """Understood, but the leaflet does not say: the question is kept for the clinic."""

    def name(self) -> str:
        return "action_out_of_scope"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        events = self.belongs_to_before(dispatcher, turn)
        if events is not None:
            return events
        again = False
        with self.services.database.write() as session:
            message = turn.message(session)
            if message is not None:
                before = exchanges_before(session, message)
                again = bool(before) and before[0].was_missed
                keep(session, message, why="out_of_scope")
        dispatcher.utter_message(response="utter_out_of_scope_again" if again else "utter_out_of_scope")
        return []


class ActionOtherLanguage(ClinicAction):
    """Written in another language: what this is, the numbers and how to ask for an interpreter, in that language."""

    def name(self) -> str:
        return "action_other_language"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        utter(dispatcher, self.services.language_texts.reply(turn.language))
        return []


class ActionAffirm(ClinicAction):
    """ "Yes": to the safety question, to the next questionnaire where one was offered, or to nothing in particular."""

    def name(self) -> str:
        return "action_affirm"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        crisis = self.services.crisis
        with self.services.database.read() as session:
            safety_asked = crisis.is_safety_asked(session, turn.conversation_id, before=turn.message_id)
            ended = self.services.questionnaires.correctable(session, turn.conversation_id)
        if safety_asked:
            utter(dispatcher, crisis.texts.safety_answer("safe"))
            return []
        if turn.last_kind == "menu" and ended is not None:
            return [FollowupAction("action_open_questionnaire")]
        dispatcher.utter_message(response="utter_affirm")
        return []


def follows_up(turn: Turn) -> bool:
    """Whether the message means something only after the answer before it: "and if I still can't?"."""
    return turn.last_kind == "leaflet" and turn.topic is not None and is_follow_up(turn.text)
