"""Telling a human when the database, and with it the outbox, is away."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from clinic.clock import now
from clinic.outbox.models import OutboxItem
from clinic.outbox.relay import Sender, SendFailed

logger = structlog.get_logger(__name__)
# While the database stays away every message fails; one alert in this time is enough to be heard.
_REPEAT_AFTER = timedelta(minutes=5)


class EmergencyAlert:
    """Sends straight to every alert channel, past the outbox, at most once in a while."""

    def __init__(self, senders: Mapping[str, Sender]) -> None:
        self._senders = senders
        self._last_at: datetime | None = None
        self._lock = threading.Lock()

    def database_unavailable(self) -> bool:
        """Says that messages cannot be stored. Returns whether an alert went out now."""
        with self._lock:
            if self._last_at is not None and now() - self._last_at < _REPEAT_AFTER:
                return False
            self._last_at = now()
        for channel, sender in self._senders.items():
            item = OutboxItem(channel=channel, payload={"trouble": "database_unavailable", "respond": "now"})
            try:
                sender.send(item)
            except SendFailed as error:
                logger.error("emergency_alert_not_sent", channel=channel, error=str(error))
        return True
