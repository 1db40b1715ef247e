"""Rasa's memory, kept small and forgettable: what matters is in the clinic's database."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


class ForgettingTrackerStore(InMemoryTrackerStore):
    """Holds the last conversations in memory only, so that no patient's text lies unencrypted on a disk.

    The conversation longest unused is forgotten when there are too many, and one that has grown long is forgotten
    too: `action_session_start` then restores the open questionnaire and the last topic from the database.
    """

    def __init__(
        self,
        domain: Domain,
        event_broker: EventBroker | None = None,
        max_conversations: int = 2000,
        max_events: int = 150,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        self.store: OrderedDict[str, str] = OrderedDict()  # type: ignore[assignment]
        self._max_conversations = max_conversations
        self._max_events = max_events

    async def save(self, tracker: DialogueStateTracker) -> None:
        if len(tracker.events) > self._max_events:
            self.store.pop(tracker.sender_id, None)
            return
        await super().save(tracker)
        self.store.move_to_end(tracker.sender_id)
        while len(self.store) > self._max_conversations:
            self.store.popitem(last=False)
