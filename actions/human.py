"""Asking for a person, and asking for what is kept about oneself: both lead to somebody at the clinic."""

from __future__ import annotations

from rasa_sdk.executor import CollectingDispatcher

from actions.turn import ClinicAction, Event, Turn, utter
from clinic.escalations.service import ASKED_FOR_DATA, ASKED_FOR_PERSON, REPEATED, open_in_conversation


class ActionAskForHuman(ClinicAction):
    """Tells the clinic that this person would like to speak to somebody."""

    reason = ASKED_FOR_PERSON
    first = "utter_human_requested"
    again = "utter_human_already_requested"
    # Whether asking again makes it more urgent.
    rises = True

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
                if self.reason in escalation.reasons and escalation.message_id != message.id
            ]
            for escalation in waiting if self.rises else ():
                self.services.escalations.rise(session, escalation, REPEATED)
            if not waiting:
                self.services.escalations.open(
                    session, message=message, reasons=[self.reason], respond="next_working_day"
                )
        dispatcher.utter_message(response=self.again if waiting else self.first)
        closed = self.services.crisis.closed()
        if closed is not None:
            utter(dispatcher, closed)
        return []


class ActionAskForData(ActionAskForHuman):
    """Tells the clinic that this person wants a copy of what is kept about them, or wants it erased.

    Never a download or an erasure by itself: whoever holds the phone is not always the person.
    """

    reason = ASKED_FOR_DATA
    first = "utter_data_requested"
    again = "utter_data_already_requested"
    rises = False

    def name(self) -> str:
        return "action_ask_for_data"
