"""Telling open connections that something was said, so that it is delivered without delay."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Doorbell:
    """Rings for everyone who is listening to a conversation. Messages themselves are read from the database.

    A ring reaches listeners in this process; listeners also look by themselves every few seconds, so a ring that
    is lost, or rung in another process, delays a message and never loses it.
    """

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def ring(self, conversation_id: str) -> None:
        """Something was said in this conversation. Call from the event loop's thread."""
        for event in self._listeners.get(conversation_id, ()):
            event.set()

    def is_heard(self, name: str) -> bool:
        """Whether anybody listens."""
        return name in self._listeners

    @contextmanager
    def listen(self, *names: str) -> Iterator[asyncio.Event]:
        """An event that is set at each ring for one of these conversations; the listener clears it."""
        event = asyncio.Event()
        for name in names:
            self._listeners[name].add(event)
        try:
            yield event
        finally:
            for name in names:
                self._listeners[name].discard(event)
                if not self._listeners[name]:
                    del self._listeners[name]
