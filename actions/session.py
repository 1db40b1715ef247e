"""Beginning, or beginning again after Rasa has forgotten: its state is disposable, the database is not."""

from __future__ import annotations

from rasa_sdk.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select

from actions.turn import ClinicAction, Event, Turn
from clinic.conversations.models import Message


class ActionSessionStart(ClinicAction):
    """Restores the questionnaire that is open and the topic answered last."""

    def name(self) -> str:
        return "action_session_start"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        events: list[Event] = [SessionStarted()]
        with self.services.database.read() as session:
            topic = session.scalar(
                select(Message.topic)
                .where(Message.conversation_id == turn.conversation_id, Message.topic.is_not(None))
                .order_by(Message.id.desc())
                .limit(1)
            )
            if topic is not None:
                events.append(SlotSet("topic", topic))
            if self.services.questionnaires.current(session, turn.conversation_id) is not None:
                events += [ActiveLoop("questionnaire_form"), SlotSet("requested_slot", "questionnaire_answer")]
        return [*events, ActionExecuted("action_listen")]
