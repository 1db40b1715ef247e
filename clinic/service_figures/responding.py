"""How long it takes until a person looks at an escalation, and what the detector's flags came to."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.escalations.models import Escalation
from clinic.escalations.policy import Respond
from clinic.escalations.service import RESPOND_ORDER
from clinic.service_figures.periods import Period
from risk.verdict import CATEGORIES

# Reasons are encrypted, and each is opened one by one: the latest so many are counted.
MOST_READ = 1000


@dataclass(frozen=True)
class Waits:
    """How long escalations waited for a person.

    Attributes:
        count: how many there were; `waiting`: of how many nobody has seen yet, or not since they opened again.
        median, p95: until somebody acknowledged them (again, where they opened again); None where nobody did.
    """

    count: int
    waiting: int
    median: timedelta | None
    p95: timedelta | None


@dataclass(frozen=True)
class Responding:
    """Of a period, by how soon a person should look and by week; and what waits longest now, whatever the period."""

    by_respond: dict[Respond, Waits]
    by_week: dict[date, Waits]
    oldest_open: dict[str, datetime]


@dataclass(frozen=True)
class Flags:
    """What became of the messages that the detector flagged: by category, then by outcome ("open": none yet)."""

    by_category: dict[str, Counter[str]]
    everything: Counter[str]
    # Whether there were more than are counted here.
    is_cut: bool


def responding(session: Session, period: Period) -> Responding:
    """How long people waited."""
    rows = session.execute(
        select(Escalation.respond, Escalation.status, Escalation.created_at, Escalation.acknowledged_at).where(
            Escalation.created_at >= period.since, Escalation.created_at <= period.until
        )
    ).all()
    oldest = session.execute(
        select(Escalation.respond, func.min(Escalation.created_at))
        .where(Escalation.status == "new")
        .group_by(Escalation.respond)
    )
    found = [(row.respond, row.created_at, _waited(row.status, row.created_at, row.acknowledged_at)) for row in rows]
    by_week: dict[date, list[timedelta | None]] = {week: [] for week in period.weeks}
    for _, created_at, waited in found:
        by_week[period.week_of(created_at)].append(waited)
    return Responding(
        by_respond={one: _waits(waited for respond, _, waited in found if respond == one) for one in RESPOND_ORDER},
        by_week={week: _waits(waited) for week, waited in by_week.items()},
        oldest_open={respond: at for respond, at in oldest},
    )


def flags(session: Session, period: Period) -> Flags:
    """What the flags of a period came to."""
    latest = session.execute(
        select(Escalation.reasons, Escalation.outcome)
        .where(Escalation.created_at >= period.since, Escalation.created_at <= period.until)
        .order_by(Escalation.id.desc())
        .limit(MOST_READ + 1)
    ).all()
    by_category: dict[str, Counter[str]] = {name: Counter() for name in CATEGORIES}
    everything: Counter[str] = Counter()
    for reasons, outcome in latest[:MOST_READ]:
        named = [reason for reason in reasons if reason in by_category]
        for name in named:
            by_category[name][outcome or "open"] += 1
        if named:
            everything[outcome or "open"] += 1
    return Flags(by_category, everything, is_cut=len(latest) > MOST_READ)


def percentile(values: Sequence[timedelta], share: float) -> timedelta | None:
    """The smallest value that at least this share of all is not above (nearest rank); None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def _waited(status: str, created_at: datetime, acknowledged_at: datetime | None) -> timedelta | None:
    # One that has opened again keeps the time at which it was seen before: it waits all the same.
    if status == "new" or acknowledged_at is None:
        return None
    # Clocks of two machines differ.
    return max(acknowledged_at - created_at, timedelta(0))


def _waits(waited: Iterable[timedelta | None]) -> Waits:
    every = list(waited)
    seen = [one for one in every if one is not None]
    return Waits(len(every), len(every) - len(seen), percentile(seen, 0.5), percentile(seen, 0.95))
