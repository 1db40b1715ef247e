"""Asking for a person."""

from __future__ import annotations

from rasa_sdk.executor import CollectingDispatcher

from actions.turn import ClinicAction, Event, Turn, utter
from clinic.escalations.service import ASKED_FOR_PERSON, REPEATED, open_in_conversation


class ActionAskForHuman(ClinicAction):
    """Tells the clinic that this person would like to speak to somebody."""

    def name(self) -> str:
        return "action_ask_for_human"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        with self.services.database.write() as session:
            message = turn.message(session)
            if message is None:
                # Only where no door stands before Rasa: then nobody can be told, and saying so would be untrue.
                dispatcher.utter_message(response="utter_fallback_second")
                return []
            waiting = [
                escalation
                for escalation in open_in_conversation(session, turn.conversation_id)
                if ASKED_FOR_PERSON in escalation.reasons and escalation.message_id != message.id
            ]
            for escalation in waiting:
                self.services.escalations.rise(session, escalation, REPEATED)
            if not waiting:
                self.services.escalations.open(
                    session, message=message, reasons=[ASKED_FOR_PERSON], respond="next_working_day"
                )
        dispatcher.utter_message(response="utter_human_already_requested" if waiting else "utter_human_requested")
        closed = self.services.crisis.closed()
        if closed is not None:
            utter(dispatcher, closed)
        return []
