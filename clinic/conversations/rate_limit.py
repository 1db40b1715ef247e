"""How fast messages may come. A limit slows; it never drops a message that may mean danger (see the door)."""

from __future__ import annotations

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import MovingWindowRateLimiter

logger = structlog.get_logger(__name__)
# A person who types fast sends a line every two seconds; a questionnaire of nine items is tapped faster.
_MESSAGES = (RateLimitItemPerSecond(30, 10), RateLimitItemPerMinute(90))
# A whole waiting room, or a clinic's own network, may share one address.
_CONVERSATIONS = (RateLimitItemPerMinute(60),)


class RateLimit:
    """Counts in this process's memory, or in Redis for several processes together."""

    def __init__(self, *, is_on: bool, redis_url: str = "") -> None:
        self._is_on = is_on
        self._limiter = MovingWindowRateLimiter(_storage(redis_url))

    def allows_message(self, conversation_id: str) -> bool:
        """Whether another message may come in this conversation now."""
        return self._allows(_MESSAGES, "message", conversation_id)

    def allows_conversation(self, address: str) -> bool:
        """Whether another conversation may be opened from this address now."""
        return self._allows(_CONVERSATIONS, "open", address)

    def _allows(self, limits: tuple[RateLimitItem, ...], *key: str) -> bool:
        if not self._is_on:
            return True
        try:
            return all(self._limiter.hit(limit, *key) for limit in limits)
        except StorageError as error:
            # Better a flood than a person who is turned away because Redis is.
            logger.error("rate_limit_unavailable", error=type(error.storage_error).__name__)
            return True


def _storage(redis_url: str) -> Storage:
    if not redis_url:
        return MemoryStorage()
    # Asked from the event loop: a Redis that hangs must not hold everybody up.
    return RedisStorage(redis_url, wrap_exceptions=True, socket_timeout=0.2, socket_connect_timeout=0.2)
