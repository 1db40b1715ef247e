"""The turn that an action takes part in, read from Rasa's tracker; and how an action speaks and works."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from clinic.conversations.models import Message
from clinic.conversations.replies import Reply
from clinic.services import Services

Event = dict[str, Any]


# What a person says about an answer, not about a topic.
_COMPLAINT = "not_what_i_asked"


@dataclass(frozen=True)
class Earlier:
    """An earlier message of the person's, as it was understood."""

    message_id: int | None
    ranking: tuple[str, ...]


@dataclass(frozen=True)
class Turn:
    """One message of a person, as Rasa understood it.

    `message_id` is None where no door stands before Rasa (`rasa shell`): then nothing can be stored. `language` is the
    code of the language where that is not English. `earlier` is the person's last message before this one that was
    not "that is not what I asked"; None where Rasa has forgotten it.
    """

    conversation_id: str
    message_id: int | None
    text: str
    intent: str
    ranking: tuple[str, ...]
    topic: str | None
    last_kind: str | None
    language: str | None = None
    earlier: Earlier | None = None

    @classmethod
    def of(cls, tracker: Tracker) -> Turn:
        """Reads the tracker's latest message and the last thing said before it."""
        said: Event = next((e for e in reversed(tracker.events) if e.get("event") == "user"), {})
        latest = tracker.latest_message or {}
        metadata = said.get("metadata") or {}
        return cls(
            conversation_id=tracker.sender_id,
            message_id=metadata.get("message_id"),
            text=latest.get("text") or "",
            intent=(latest.get("intent") or {}).get("name") or "",
            ranking=_ranking(latest),
            topic=tracker.get_slot("topic"),
            last_kind=_kind_before(tracker.events),
            language=metadata.get("language"),
            earlier=_earlier(tracker.events),
        )

    def message(self, session: Session) -> Message | None:
        """The stored message of this turn."""
        return session.get(Message, self.message_id) if self.message_id is not None else None


class ClinicAction(Action, ABC):  # type: ignore[misc]
    """An action of ours: `act` runs in a thread, because database calls block."""

    def __init__(self, services: Services) -> None:
        self.services = services

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Event]:
        """Called by Rasa."""
        turn = Turn.of(tracker)
        events = await anyio.to_thread.run_sync(lambda: self.act(dispatcher, turn))
        # A row may have been committed that the relay should carry at once.
        self.services.relay.wake()
        return events

    @abstractmethod
    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        """What the action does; returns Rasa events."""


class ReplyAction(ClinicAction):
    """An action that has one answer to the person's message, found in one transaction."""

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        with self.services.database.write() as session:
            message = turn.message(session)
            reply = self.answer(session, message) if message is not None else None
        if reply is None:
            # Only where no door stands before Rasa: then nothing can be kept, and nobody is known.
            dispatcher.utter_message(response="utter_fallback_second")
        else:
            utter(dispatcher, reply)
        return []

    @abstractmethod
    def answer(self, session: Session, message: Message) -> Reply:
        """What the action does with the person's message, and says."""


def utter(dispatcher: CollectingDispatcher, reply: Reply) -> None:
    """Says a reply with its kind and details, in the shape that the clinic channel hands back."""
    dispatcher.utter_message(
        text=reply.text,
        buttons=[{"title": button["label"], "payload": button["text"]} for button in reply.quick_replies],
        json_message={"kind": reply.kind, "topic": reply.topic, **reply.details},
    )


def _kind_before(events: list[Event]) -> str | None:
    """The kind of the assistant's last message before the person's latest one."""
    seen_person = False
    for event in reversed(events):
        if event.get("event") == "user":
            if seen_person:
                return None
            seen_person = True
        elif event.get("event") == "bot" and seen_person:
            # A response's own metadata lies one level deeper than what Rasa notes of it.
            noted = event.get("metadata") or {}
            custom = (event.get("data") or {}).get("custom") or {}
            return {**noted, **(noted.get("metadata") or {}), **custom}.get("kind")
    return None


def _ranking(parsed: Event) -> tuple[str, ...]:
    return tuple(entry["name"] for entry in parsed.get("intent_ranking") or [])


def _earlier(events: list[Event]) -> Earlier | None:
    said = [event for event in reversed(events) if event.get("event") == "user"]
    for event in said[1:]:
        parsed = event.get("parse_data") or {}
        if (parsed.get("intent") or {}).get("name") != _COMPLAINT:
            return Earlier((event.get("metadata") or {}).get("message_id"), _ranking(parsed))
    return None
