"""Alerting a human: where escalations are sent. An alert carries a reference and a link, never the person's words."""

from __future__ import annotations

import apprise
import structlog

from clinic.outbox.models import OutboxItem
from clinic.outbox.relay import Sender, SendFailed
from clinic.settings import Settings

logger = structlog.get_logger(__name__)
_TROUBLE = {"database_unavailable": "Patients' messages cannot be stored, the database is away"}
_HOW_SOON = {"now": "look NOW", "today": "look today", "next_working_day": "look by the next working day"}


class LogSender:
    """The alert as a line that nobody overlooks; what development uses."""

    def __init__(self, *, base_url: str) -> None:
        self._base_url = base_url

    def send(self, item: OutboxItem) -> None:
        title, link = _title(item), _link(self._base_url, item)
        logger.warning("ALERT", alert=title, link=link)


class AppriseSender:
    """The alert by whatever apprise knows: e-mail, pager, chat."""

    def __init__(self, url: str, *, base_url: str) -> None:
        self._apprise = apprise.Apprise()
        if not self._apprise.add(url):
            raise ValueError("ALERT_URLS holds an address that apprise does not understand: see docs/deployment.md")
        self._base_url = base_url

    def send(self, item: OutboxItem) -> None:
        # apprise answers with a result that is falsy when any of its targets failed.
        if not self._apprise.notify(title=_title(item), body=f"{_title(item)}\n{_link(self._base_url, item)}"):
            raise SendFailed("apprise: not delivered")


def alert_senders(settings: Settings) -> dict[str, Sender]:
    """The senders by outbox channel: the log always, and one for each of ALERT_URLS."""
    senders: dict[str, Sender] = {"alert:log": LogSender(base_url=settings.base_url)}
    for number, url in enumerate(settings.alert_urls, start=1):
        senders[f"alert:{number}"] = AppriseSender(url.get_secret_value(), base_url=settings.base_url)
    return senders


def _title(item: OutboxItem) -> str:
    how_soon = _HOW_SOON[item.payload["respond"]]
    trouble = item.payload.get("trouble")
    if trouble is not None:
        return f"{_TROUBLE[trouble]}: {how_soon}"
    return f"Escalation {item.payload['escalation']}: {how_soon}"


def _link(base_url: str, item: OutboxItem) -> str:
    if "trouble" in item.payload:
        return f"{base_url}/readyz"
    return f"{base_url}/console/escalations/{item.payload['escalation']}"
