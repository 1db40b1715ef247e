"""Putting something into the outbox, and claiming what is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.outbox.models import Heartbeat, OutboxItem

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 10
_FIRST_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(minutes=5)
RELAY = "relay"
# Older than this, the relay counts as silent.
RELAY_SILENT_AFTER = timedelta(seconds=30)


def enqueue(session: Session, *, channel: str, payload: dict[str, Any]) -> OutboxItem:
    """Adds something to send to the caller's transaction. `payload` holds references, never a patient's words."""
    item = OutboxItem(channel=channel, payload=payload, created_at=now(), due_at=now())
    session.add(item)
    return item


def claim(
    session: Session, *, limit: int, only: Sequence[str] = (), without: Sequence[str] = ()
) -> Sequence[OutboxItem]:
    """Leases up to `limit` due items to the caller. A worker that dies loses its lease, and another sends.

    Args:
        only, without: the channels that the caller sends, or leaves to another.
    """
    moment = now()
    channels = [OutboxItem.channel.in_(only)] if only else []
    channels += [OutboxItem.channel.not_in(without)] if without else []
    due = (
        select(OutboxItem.id)
        .where(
            OutboxItem.sent_at.is_(None),
            OutboxItem.dead_at.is_(None),
            OutboxItem.due_at <= moment,
            or_(OutboxItem.leased_until.is_(None), OutboxItem.leased_until < moment),
            *channels,
        )
        .order_by(OutboxItem.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.scalars(
        update(OutboxItem)
        .where(OutboxItem.id.in_(due))
        .values(leased_until=moment + LEASE, attempts=OutboxItem.attempts + 1)
        .returning(OutboxItem)
    ).all()


def mark_sent(session: Session, item: OutboxItem) -> None:
    """The outside has it."""
    session.execute(
        update(OutboxItem).where(OutboxItem.id == item.id).values(sent_at=now(), leased_until=None, last_error=None)
    )


def mark_failed(session: Session, item: OutboxItem, *, error: str) -> bool:
    """Schedules the next try, or gives up after MAX_ATTEMPTS. Returns whether it was given up."""
    dead = item.attempts >= MAX_ATTEMPTS
    wait = min(_FIRST_RETRY * 2 ** (item.attempts - 1), _LONGEST_RETRY)
    session.execute(
        update(OutboxItem)
        .where(OutboxItem.id == item.id)
        .values(
            leased_until=None,
            last_error=error,
            due_at=now() + wait,
            dead_at=now() if dead else None,
        )
    )
    return dead


def beat(session: Session, part: str) -> None:
    """Records that `part` is working now."""
    session.merge(Heartbeat(part=part, at=now()))


def is_relay_alive(session: Session) -> bool:
    """Whether the relay was seen working lately; while it was not, nobody is being told."""
    heartbeat = session.get(Heartbeat, RELAY)
    return heartbeat is not None and now() - heartbeat.at < RELAY_SILENT_AFTER
