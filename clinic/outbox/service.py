"""Putting something into the outbox, and claiming what is due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.orm import Session

from clinic.clock import SET_BACK, now
from clinic.outbox.models import OutboxItem

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 10
_FIRST_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(minutes=5)
# What was given up this long ago is not tried again when its channel works once more.
_REVIVED_FOR = timedelta(hours=24)


def enqueue(session: Session, *, channel: str, payload: dict[str, Any]) -> OutboxItem:
    """Adds something to send to the caller's transaction. `payload` holds references, never a patient's words."""
    item = OutboxItem(channel=channel, payload=payload, created_at=now(), due_at=now())
    session.add(item)
    return item


def is_anything_due(session: Session, *, only: Sequence[str] = (), without: Sequence[str] = ()) -> bool:
    """Whether `claim` would find something: a look needs no write lock."""
    return session.scalar(_due(only, without).limit(1)) is not None


def claim(
    session: Session, *, limit: int, only: Sequence[str] = (), without: Sequence[str] = ()
) -> Sequence[OutboxItem]:
    """Leases up to `limit` due items to the caller. A worker that dies loses its lease, and another sends.

    Args:
        only, without: the channels that the caller sends, or leaves to another.
    """
    due = _due(only, without).order_by(OutboxItem.id).limit(limit).with_for_update(skip_locked=True)
    return session.scalars(
        update(OutboxItem)
        .where(OutboxItem.id.in_(due))
        .values(leased_until=now() + LEASE, attempts=OutboxItem.attempts + 1)
        .returning(OutboxItem)
    ).all()


def release(session: Session, items: Collection[OutboxItem]) -> None:
    """Gives back what was claimed and not tried: it may go at once, and the claim does not count as a try."""
    session.execute(
        update(OutboxItem)
        .where(OutboxItem.id.in_([item.id for item in items]))
        .values(leased_until=None, attempts=OutboxItem.attempts - 1)
    )


def mark_sent(session: Session, item: OutboxItem) -> None:
    """The outside has it. What was given up on the same channel, and not long ago, is tried once more."""
    moment = now()
    session.execute(
        update(OutboxItem).where(OutboxItem.id == item.id).values(sent_at=moment, leased_until=None, last_error=None)
    )
    session.execute(
        update(OutboxItem)
        .where(
            OutboxItem.sent_at.is_(None),
            OutboxItem.dead_at > moment - _REVIVED_FOR,
            OutboxItem.channel == item.channel,
            # Once: what fails again does not come back a third time.
            OutboxItem.attempts <= MAX_ATTEMPTS,
        )
        .values(dead_at=None, due_at=moment)
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


def given_up(session: Session, *, since: timedelta = _REVIVED_FOR) -> Sequence[OutboxItem]:
    """What could not be sent and is not tried any more, newest first."""
    return session.scalars(
        select(OutboxItem)
        .where(OutboxItem.sent_at.is_(None), OutboxItem.dead_at > now() - since)
        .order_by(OutboxItem.id.desc())
        .limit(50)
    ).all()


def _due(only: Sequence[str], without: Sequence[str]) -> Select[int]:
    moment = now()
    # After the clock was set back, due times and leases lie further ahead than they can have been set.
    is_due = or_(
        OutboxItem.due_at <= moment,
        OutboxItem.created_at > moment + SET_BACK,
        and_(OutboxItem.attempts > 0, OutboxItem.due_at > moment + _LONGEST_RETRY + SET_BACK),
    )
    is_free = or_(
        OutboxItem.leased_until.is_(None),
        OutboxItem.leased_until < moment,
        OutboxItem.leased_until > moment + LEASE + SET_BACK,
    )
    due = select(OutboxItem.id).where(OutboxItem.sent_at.is_(None), OutboxItem.dead_at.is_(None), is_due, is_free)
    if only:
        due = due.where(OutboxItem.channel.in_(only))
    return due.where(OutboxItem.channel.not_in(without)) if without else due
