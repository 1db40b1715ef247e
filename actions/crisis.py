"""The crisis conversation. By the time Rasa is asked, the door has stored the message and told a person."""

from __future__ import annotations

from rasa_sdk.events import ActiveLoop, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import ClinicAction, Event, Turn, utter


class ActionCrisis(ClinicAction):
    """Says the crisis text that fits. An open questionnaire stops: nobody is asked about sleep now."""

    def name(self) -> str:
        return "action_crisis"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        services = self.services
        with services.database.write() as session:
            message = turn.message(session)
            if message is None:
                # `rasa shell`: no clinic has the message, and the text must say so.
                utter(dispatcher, services.crisis.texts.first(respond="now", categories=(), told="not_sent"))
                return []
            utter(dispatcher, services.crisis.for_message(session, message))
            if turn.language is not None:
                utter(dispatcher, services.language_texts.reply(turn.language))
            position = services.questionnaires.current(session, turn.conversation_id)
            if position is not None:
                services.questionnaires.pause(session, position)
        # Also where the message itself was the last answer: then nothing is open any more.
        return [ActiveLoop(None), SlotSet("requested_slot", None)]


class ActionSafe(ClinicAction):
    """ "I am safe right now", the answer to the safety question."""

    def name(self) -> str:
        return "action_safe"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        utter(dispatcher, self.services.crisis.texts.safety_answer("safe"))
        return []
