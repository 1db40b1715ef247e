"""The state of every part, proven by traffic: what each did last, and what it does when it is asked now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import anyio.to_thread
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.audit.chain import latest_look
from clinic.channels.sms.models import SmsDelivery
from clinic.channels.sms.service import RELAY_OF_SMS
from clinic.clock import now
from clinic.conversations.rasa_client import RasaFailed
from clinic.operations.watching import PROBE
from clinic.outbox.models import Heartbeat, OutboxItem
from clinic.outbox.path import RELAY, RELAY_SILENT_AFTER, TEST_ALERT, silent_parts
from clinic.outbox.service import given_up
from clinic.services import Services

# A conversation of Rasa's that belongs to nobody.
_PROBE_CONVERSATION = "readiness-probe"
_PROBE_QUESTION = "What is DIT?"
_HARMLESS: dict[str, Any] = {"flagged": False, "respond": None, "categories": []}
_SMS_LATELY = timedelta(hours=24)
# An outbox item that waits longer than this has missed several tries.
_WAITS_TOO_LONG = timedelta(minutes=5)


@dataclass(frozen=True)
class PartState:
    """One part.

    Attributes:
        name: rasa, detector, relay, alerts, test_alert, outbox, sms or audit.
        works: None where it is switched off, or has never been asked.
        seen_at: when it last did its work; None where that is not noted, or it never did.
        counts: what else there is to say, by name.
    """

    name: str
    works: bool | None
    seen_at: datetime | None = None
    counts: tuple[tuple[str, int], ...] = ()


async def state_of_parts(services: Services, *, limit_s: float) -> list[PartState]:
    """Every part, asked now; one that has not answered after `limit_s` seconds does not work.

    Raises:
        SQLAlchemyError: the database is away, and with it everything else that could be told.
    """
    rasa, detector = await asyncio.gather(
        _in_time(rasa_answers(services), limit_s), _in_time(detector_flags(services), limit_s)
    )
    return [
        PartState("rasa", rasa),
        PartState("detector", detector),
        *await anyio.to_thread.run_sync(lambda: _noted(services)),
    ]


async def rasa_answers(services: Services) -> bool:
    """Whether Rasa answers a question now."""
    try:
        await services.rasa.ask(
            conversation_id=_PROBE_CONVERSATION,
            message_id=None,
            channel="web",
            text=_PROBE_QUESTION,
            verdict=_HARMLESS,
        )
    except RasaFailed:
        return False
    return True


async def detector_flags(services: Services) -> bool:
    """Whether the detector flags what it must, now."""
    verdict = await services.screening.screen(PROBE, ())
    return verdict.flagged and "detector_failed" not in verdict.tags


async def _in_time(asked: Any, limit_s: float) -> bool:
    try:
        return bool(await asyncio.wait_for(asked, limit_s))
    except TimeoutError:
        return False


def _noted(services: Services) -> list[PartState]:
    with services.database.read() as session:
        seen = {heartbeat.part: heartbeat.at for heartbeat in session.scalars(select(Heartbeat))}
        silent = silent_parts(session)
        is_test_alert_on = services.settings.test_alert_every_minutes > 0
        return [
            PartState("relay", RELAY not in silent, seen.get(RELAY)),
            PartState("alerts", "alerts" not in silent, _latest(seen, "sent:alert:")),
            PartState("test_alert", _has_arrived(seen) if is_test_alert_on else None, seen.get(TEST_ALERT)),
            _outbox(session),
            _sms(session, services, seen),
            _audit(session),
        ]


def _latest(seen: dict[str, datetime], prefix: str) -> datetime | None:
    return max((at for part, at in seen.items() if part.startswith(prefix)), default=None)


def _has_arrived(seen: dict[str, datetime]) -> bool | None:
    """Whether the last test alert came through; None where none was sent yet, or it is on its way."""
    asked, arrived = seen.get(f"asked:{TEST_ALERT}"), seen.get(TEST_ALERT)
    if asked is None:
        return None
    if arrived is not None and arrived >= asked:
        return True
    return None if now() - asked < _WAITS_TOO_LONG else False


def _outbox(session: Session) -> PartState:
    waiting, oldest = session.execute(
        select(func.count(), func.min(OutboxItem.created_at)).where(
            OutboxItem.sent_at.is_(None), OutboxItem.dead_at.is_(None)
        )
    ).one()
    lost = len(given_up(session))
    is_late = oldest is not None and now() - oldest > _WAITS_TOO_LONG
    return PartState("outbox", not is_late and not lost, counts=(("waiting", waiting), ("given_up", lost)))


def _audit(session: Session) -> PartState:
    look = latest_look(session)
    works = look.problems == 0 if look.problems is not None else None
    return PartState("audit", works, look.verified_at, (("problems", look.problems),) if look.problems else ())


def _sms(session: Session, services: Services, seen: dict[str, datetime]) -> PartState:
    if services.sms.provider.name == "off":
        return PartState("sms", None)
    rows = session.execute(
        select(SmsDelivery.status, func.count())
        .where(SmsDelivery.status_at > now() - _SMS_LATELY)
        .group_by(SmsDelivery.status)
    )
    counts = {status: number for status, number in rows}
    beat = seen.get(RELAY_OF_SMS)
    is_relayed = beat is not None and abs(now() - beat) < RELAY_SILENT_AFTER
    shown = tuple((name, counts.get(name, 0)) for name in ("delivered", "sent", "queued", "failed"))
    return PartState("sms", is_relayed, beat, shown)
