"""Alerting a human: where escalations are sent. An alert carries a reference and a link, never the person's words."""

from __future__ import annotations

import apprise
import structlog

from clinic.escalations.addresses import LOG_CHANNEL, alert_urls, named
from clinic.outbox.models import OutboxItem
from clinic.outbox.relay import Sender, SendFailed
from clinic.settings import Settings

logger = structlog.get_logger(__name__)
_TROUBLE = {
    "database_unavailable": "Patients' messages cannot be stored, the database is away",
    "not_sent": "An alert or a message could not be sent and was given up",
    "detector_silent": "The detector does not answer: no message can be checked",
    "contacts_due": "Crisis contacts are due for a check, and the service will not start again without it",
    "audit_broken": "The audit trail is not as it was written: see docs/log-in.md",
}
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
    senders: dict[str, Sender] = {LOG_CHANNEL: LogSender(base_url=settings.base_url)}
    for channel, address in alert_urls(settings).items():
        _, url = named(address)
        senders[channel] = AppriseSender(url, base_url=settings.base_url)
    return senders


def _title(item: OutboxItem) -> str:
    payload = item.payload
    if payload.get("test"):
        return "Test alert: the way from Interlude to you works. Nothing to do"
    how_soon = _HOW_SOON.get(payload.get("respond", ""), _HOW_SOON["now"])
    trouble = payload.get("trouble")
    if trouble is not None:
        return f"{_TROUBLE.get(trouble, trouble)}: {how_soon}"
    waiting = payload.get("waiting_minutes")
    unseen = f", nobody has acknowledged it for {waiting} minutes" if waiting else ""
    reopened = ", seen before but without an outcome" if payload.get("is_reopened") else ""
    return f"Escalation {payload['escalation']}: {how_soon}{reopened}{unseen}"


def _link(base_url: str, item: OutboxItem) -> str:
    if "escalation" in item.payload:
        return f"{base_url}/console/escalations/{item.payload['escalation']}"
    return f"{base_url}/console" if item.payload.get("test") else f"{base_url}/readyz"
