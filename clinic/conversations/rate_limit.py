"""How fast messages may come. A limit slows; it never drops a message that may mean danger (see the door)."""

from __future__ import annotations

from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

# A person who types fast sends a line every two seconds; a questionnaire of nine items is tapped faster.
_MESSAGES = (RateLimitItemPerSecond(30, 10), RateLimitItemPerMinute(90))
# A whole waiting room, or a clinic's own network, may share one address.
_CONVERSATIONS = (RateLimitItemPerMinute(60),)


class RateLimit:
    """Counts in this process's memory."""

    def __init__(self, *, is_on: bool) -> None:
        self._is_on = is_on
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def allows_message(self, conversation_id: str) -> bool:
        """Whether another message may come in this conversation now."""
        return not self._is_on or all(self._limiter.hit(limit, "message", conversation_id) for limit in _MESSAGES)

    def allows_conversation(self, address: str) -> bool:
        """Whether another conversation may be opened from this address now."""
        return not self._is_on or all(self._limiter.hit(limit, "open", address) for limit in _CONVERSATIONS)
