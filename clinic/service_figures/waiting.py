"""The waiting list and its invitations, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.invitations.models import Invitation
from clinic.joining.states import Shown, matches
from clinic.patients.models import Patient
from clinic.service_figures.periods import Period
from clinic.service_figures.responding import percentile

_GROUPS: tuple[Shown, ...] = ("not_invited", "invited", "joined", "said_no")


@dataclass(frozen=True)
class Waiting:
    """Who waits now, by where they stand with joining, and for how long they have been on the list."""

    standing: dict[Shown, int]
    median: timedelta | None
    longest: timedelta | None


@dataclass(frozen=True)
class Invited:
    """Invitations that were sent in a period, by way (sms, letter) and what became of them.

    What became: used, open (can still be used), expired, replaced (by a newer one), locked (too many wrong tries).
    """

    by_way: dict[str, Counter[str]]


@dataclass(frozen=True)
class Week:
    """What happened to the list in one week."""

    added: int
    invited: int
    joined: int


def waiting(session: Session, moment: datetime) -> Waiting:
    """The list as it is now."""
    waits = Patient.status == "waiting"
    counts = {
        group: session.scalar(select(func.count()).select_from(Patient).where(waits, matches(group))) or 0
        for group in _GROUPS
    }
    ages = [moment - added_at for added_at in session.scalars(select(Patient.added_at).where(waits))]
    return Waiting(counts, percentile(ages, 0.5), max(ages, default=None))


def invited(session: Session, period: Period) -> Invited:
    """What became of the period's invitations."""
    rows = session.execute(
        select(Invitation.way, Invitation.end_reason, Invitation.expires_at).where(
            Invitation.created_at.between(period.since, period.until)
        )
    )
    by_way: dict[str, Counter[str]] = {"sms": Counter(), "letter": Counter()}
    for way, end_reason, expires_at in rows:
        by_way[way][end_reason or ("expired" if expires_at <= period.until else "open")] += 1
    return Invited(by_way)


def by_week(session: Session, period: Period) -> dict[date, Week]:
    """People added to the list, invitations sent, and people who joined."""
    added = _weeks(session.scalars(select(Patient.added_at).where(Patient.added_at >= period.since)), period)
    sent = _weeks(session.scalars(select(Invitation.created_at).where(Invitation.created_at >= period.since)), period)
    joined = _weeks(session.scalars(select(Patient.joined_at).where(Patient.joined_at >= period.since)), period)
    return {week: Week(added[week], sent[week], joined[week]) for week in period.weeks}


def _weeks(moments: Iterable[datetime | None], period: Period) -> Counter[date]:
    return Counter(period.week_of(moment) for moment in moments if moment is not None)
