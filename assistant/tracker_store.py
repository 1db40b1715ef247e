"""Rasa's memory, kept small and forgettable: what matters is in the clinic's database."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Iterable

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker, get_trackers_for_conversation_sessions


class ForgettingTrackerStore(TrackerStore):
    """Holds the last conversations in memory only, so that no patient's text lies unencrypted on a disk.

    The conversation longest unused is forgotten when there are too many, and one that has grown long is forgotten
    too: `action_session_start` then restores the open questionnaire and the last topic from the database.

    A tracker is handed out as it is, not rebuilt from JSON (2 ms a turn), and is not here while a turn works on it:
    a turn that is broken off half-way leaves nothing behind, and the conversation begins anew from the database.
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
        self.store: OrderedDict[str, DialogueStateTracker] = OrderedDict()
        self._max_conversations = max_conversations
        self._max_events = max_events

    async def save(self, tracker: DialogueStateTracker) -> None:
        await self.stream_events(tracker)
        if len(tracker.events) > self._max_events:
            self.store.pop(tracker.sender_id, None)
            return
        self.store[tracker.sender_id] = tracker
        self.store.move_to_end(tracker.sender_id)
        while len(self.store) > self._max_conversations:
            self.store.popitem(last=False)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Takes the conversation's last session out of the store, until it is saved again."""
        tracker = self.store.pop(sender_id, None)
        if tracker is None:
            return None
        sessions = get_trackers_for_conversation_sessions(tracker)
        return sessions[-1] if len(sessions) > 1 else tracker

    async def create_tracker(self, sender_id: str, append_action_listen: bool = True) -> DialogueStateTracker:
        """A new conversation: here once its first turn is over, not before."""
        tracker = self.init_tracker(sender_id)
        if append_action_listen:
            tracker.update(ActionExecuted(ACTION_LISTEN_NAME))
        return tracker

    async def exists(self, conversation_id: str) -> bool:
        return conversation_id in self.store

    async def retrieve_full_tracker(self, sender_id: str) -> DialogueStateTracker | None:
        """All sessions that are remembered; only to be read."""
        return self.store.get(sender_id)

    async def keys(self) -> Iterable[str]:
        return self.store.keys()
