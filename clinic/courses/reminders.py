"""When a reminder is due. Decided anew at each look from what is stored: nothing is scheduled in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from clinic.courses.wall_clock import at_wall_clock, wall_day
from clinic.patients.contact import ContactHours

What = Literal["first", "again"]
# Closer to the session than this, a reminder only makes people feel late.
LATEST_BEFORE = timedelta(minutes=30)
# The second one comes on the morning of the session where that leaves this much time, else the evening before.
MORNING_BEFORE = timedelta(hours=1)
_BETWEEN = timedelta(hours=3)
# No session later than this from now can have a reminder that is due.
LOOK_AHEAD = timedelta(hours=50)


def first_due_at(starts_at: datetime, *, hour: int, hours: ContactHours, zone: ZoneInfo) -> datetime:
    """The day before the session, at the hour that was chosen, moved into the hours in which messages may come."""
    return at_wall_clock(wall_day(starts_at, zone) - timedelta(days=1), time(hours.nearest(hour)), zone)


def again_due_at(starts_at: datetime, *, first_sent_at: datetime, hours: ContactHours, zone: ZoneInfo) -> datetime:
    """On the morning of the session; for an early session, in the last hour of the evening before."""
    day = wall_day(starts_at, zone)
    due = at_wall_clock(day, time(hours.from_hour), zone)
    if starts_at - due < MORNING_BEFORE:
        due = at_wall_clock(day - timedelta(days=1), time(hours.until_hour - 1), zone)
    return max(due, first_sent_at + _BETWEEN)


def reminder_due(
    starts_at: datetime,
    *,
    sent: Mapping[str, datetime],
    moment: datetime,
    hour: int,
    hours: ContactHours,
    zone: ZoneInfo,
) -> What | None:
    """Which reminder of a session should go out at this moment, if any.

    One whose hour has passed while nothing was running goes out late, while it is still of use; outside the hours in
    which messages may come, none does.

    Args:
        sent: what went out already for the day on which the session is now, and when.
        hour: of the day before, chosen by the person.
    """
    if moment > starts_at - LATEST_BEFORE or not hours.hold(moment, zone):
        return None
    if "first" not in sent:
        return "first" if moment >= first_due_at(starts_at, hour=hour, hours=hours, zone=zone) else None
    if "again" not in sent:
        due_at = again_due_at(starts_at, first_sent_at=sent["first"], hours=hours, zone=zone)
        return "again" if moment >= due_at else None
    return None
