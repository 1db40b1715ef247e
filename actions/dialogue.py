"""Follow-ups, choices among topics, and what is said when nothing fits."""

from __future__ import annotations

from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import ClinicAction, Event, Turn, utter

_MOST_OFFERED = 3


class ActionFollowUp(ClinicAction):
    """ "Tell me more" and "why?": about the topic answered last."""

    def name(self) -> str:
        return "action_follow_up"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        if turn.topic is None:
            dispatcher.utter_message(response="utter_nothing_to_follow")
        else:
            part = "why" if turn.intent == "ask_why" else "more"
            dispatcher.utter_message(response=f"utter_{part}_{turn.topic}")
        return []


class ActionOfferTopics(ClinicAction):
    """Not sure: the likely topics as choices."""

    def name(self) -> str:
        return "action_offer_topics"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        topics = self.services.topics
        likely = [topics.get(name) for name in turn.ranking if name in topics][:_MOST_OFFERED]
        if not likely:
            return [FollowupAction("action_fallback")]
        buttons = [{"title": topic.title, "payload": topic.question} for topic in likely]
        buttons.append({"title": topics.none_of_these.label, "payload": topics.none_of_these.text})
        dispatcher.utter_message(
            response="utter_offer_topics",
            buttons=buttons,
            json_message={"kind": "topic_choice", "topics": [topic.id for topic in likely]},
        )
        return []


class ActionFallback(ClinicAction):
    """Not understood: a first time, and otherwise again."""

    def name(self) -> str:
        return "action_fallback"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        again = turn.last_kind in ("fallback", "topic_choice")
        dispatcher.utter_message(response="utter_fallback_second" if again else "utter_fallback_first")
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
