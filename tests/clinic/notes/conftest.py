"""Messages of a patient, and Rasa's call of an action for each."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions.notes import ActionAddNote, ActionManageNotes, ActionShowNotes, NoteAction
from actions.turn import Turn
from clinic.conversations.models import Conversation
from clinic.conversations.replies import Reply, quick_reply
from clinic.conversations.service import open_conversation, store_incoming, store_replies
from clinic.services import Services
from tests.clinic.conftest import Clinic
from tests.clinic.courses.conftest import maker

__all__ = ["maker"]
ACTIONS: dict[str, type[NoteAction]] = {"add": ActionAddNote, "show": ActionShowNotes, "manage": ActionManageNotes}


class Person:
    """One conversation; each call is a message that Rasa understood as one of the intents of notes."""

    def __init__(self, services: Services, conversation_id: str) -> None:
        self.services = services
        self.conversation_id = conversation_id

    @classmethod
    def begin(cls, services: Services, *, patient_id: str | None = None, channel: str = "web") -> Person:
        with services.database.write() as session:
            conversation, _ = open_conversation(session, channel=channel)
            conversation.patient_id = patient_id
            return cls(services, conversation.id)

    def write(self, text: str) -> int:
        """Stores a message without an answer; returns its id."""
        with self.services.database.write() as session:
            conversation = session.get_one(Conversation, self.conversation_id)
            message = store_incoming(
                session, conversation=conversation, text=text, client_message_id=None, verdict={"flagged": False}
            )
            return message.id

    def act(self, intent: str, text: str) -> dict[str, Any]:
        """What the assistant says to a message."""
        said = self.act_on(intent, self.write(text), text)
        with self.services.database.write() as session:
            last = Person._reply(said)
            message = self.messages(session)[-1]
            store_replies(session, conversation_id=self.conversation_id, replies=[last], in_reply_to=message)
        return said

    def act_on(self, intent: str, message_id: int | None, text: str) -> dict[str, Any]:
        dispatcher = CollectingDispatcher()
        turn = Turn(self.conversation_id, message_id, text, f"note_{intent}", (), None, None)
        ACTIONS[intent](self.services).act(dispatcher, turn)
        (said,) = dispatcher.messages
        return said

    def messages(self, session: Any) -> list[Any]:
        from clinic.conversations.service import messages_after

        found = messages_after(session, conversation_id=self.conversation_id)
        return [message for message in found if message.direction == "incoming"]

    @staticmethod
    def _reply(said: dict[str, Any]) -> Reply:
        buttons = tuple(quick_reply(button["title"], button["payload"]) for button in said["buttons"])
        return Reply(kind=said["custom"]["kind"], text=said["text"], quick_replies=buttons)


@pytest.fixture
def services(clinic: Clinic) -> Services:
    return clinic.services


@pytest.fixture
def person(services: Services) -> Person:
    return Person.begin(services)
