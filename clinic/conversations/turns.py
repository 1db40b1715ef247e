"""One turn at a time in each conversation, in the order in which messages came."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class TooManyWaiting(Exception):
    """More messages of one conversation are waiting than anybody could have typed."""


class Turns:
    """A queue for each conversation; different conversations do not wait for each other."""

    def __init__(self, *, most_waiting: int = 8) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._waiting: Counter[str] = Counter()
        self._most_waiting = most_waiting

    @asynccontextmanager
    async def turn(self, conversation_id: str, *, may_wait: bool = False) -> AsyncIterator[None]:
        """Waits for the conversation's earlier messages.

        Args:
            may_wait: wait however long the queue is; so does a message that may mean danger.

        Raises:
            TooManyWaiting: the queue is full.
        """
        if self._waiting[conversation_id] >= self._most_waiting and not may_wait:
            raise TooManyWaiting
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        self._waiting[conversation_id] += 1
        try:
            async with lock:
                yield
        finally:
            self._waiting[conversation_id] -= 1
            if not self._waiting[conversation_id]:
                del self._waiting[conversation_id]
                del self._locks[conversation_id]
