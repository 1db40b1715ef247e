"""Who is writing just now, as their device says it: that something is being written, never what."""

from __future__ import annotations

import time
from collections.abc import Callable

# A device says it again every few seconds; whoever stops is forgotten after this.
SHOWN_FOR_S = 6.0
_MOST = 10_000


class Typing:
    """Kept in this process's memory: a hint for whoever answers, gone with the next restart."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def note(self, conversation_id: str) -> bool:
        """Somebody writes in this conversation. Returns whether that is new."""
        is_new = not self.is_typing(conversation_id)
        if len(self._until) >= _MOST:
            self._until = {one: until for one, until in self._until.items() if until > self._clock()}
        self._until[conversation_id] = self._clock() + SHOWN_FOR_S
        return is_new

    def stop(self, conversation_id: str) -> None:
        """What was being written has been sent."""
        self._until.pop(conversation_id, None)

    def is_typing(self, conversation_id: str) -> bool:
        """Whether something is being written there now."""
        return self._until.get(conversation_id, 0.0) > self._clock()
