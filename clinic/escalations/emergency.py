"""Telling a human when the database, and with it the outbox, is away."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from clinic.clock import SET_BACK, now
from clinic.escalations.addresses import LOG_CHANNEL
from clinic.outbox.models import OutboxItem
from clinic.outbox.relay import Sender

logger = structlog.get_logger(__name__)
# While the database stays away every message fails; one alert in this time is enough to be heard.
_REPEAT_AFTER = timedelta(minutes=5)
# Nobody outside took it: sooner, but not with every message.
_TRY_AGAIN_AFTER = timedelta(seconds=30)
# A database that is only busy is back before.
_BUSY_MOMENT = timedelta(seconds=30)


class EmergencyAlert:
    """Sends straight to every alert channel, past the outbox, at most once in a while."""

    def __init__(self, senders: Mapping[str, Sender]) -> None:
        self._senders = senders
        self._last_at: datetime | None = None
        self._pause = _REPEAT_AFTER
        self._away_since: datetime | None = None
        self._lock = threading.Lock()

    def database_unavailable(self) -> bool:
        """Says that messages cannot be stored. Returns whether it was tried now."""
        with self._lock:
            # A last time that lies ahead was before the clock was set back: that must not hold an alert up.
            if self._last_at is not None and -SET_BACK <= now() - self._last_at < self._pause:
                return False
            self._last_at = now()
        outside = [channel for channel in self._senders if channel != LOG_CHANNEL]
        taken = {channel for channel in self._senders if self._is_taken(channel)}
        self._pause = _REPEAT_AFTER if taken.intersection(outside) or not outside else _TRY_AGAIN_AFTER
        return True

    def looked(self, *, is_there: bool) -> None:
        """A job's look at the database. One that is away for longer than a busy moment is told though nobody writes."""
        if is_there:
            self._away_since = None
            return
        if self._away_since is None or self._away_since > now():
            self._away_since = now()
        if now() - self._away_since >= _BUSY_MOMENT:
            self.database_unavailable()

    def _is_taken(self, channel: str) -> bool:
        item = OutboxItem(channel=channel, payload={"trouble": "database_unavailable", "respond": "now"})
        try:
            self._senders[channel].send(item)
        except Exception as error:  # whatever breaks in one sender, the others are told, and the person is answered
            logger.error("emergency_alert_not_sent", channel=channel, error=type(error).__name__)
            return False
        return True
