"""Days and hours as people agree on them: the clinic's wall clock, right across clock changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def at_wall_clock(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment (UTC) when a clock on the clinic's wall shows `clock` on `day`.

    A time that a clock change leaves out is read as an hour later; one that it brings twice, as the first of the two.
    """
    return datetime.combine(day, clock.replace(tzinfo=None, fold=0), tzinfo=zone).astimezone(UTC)


def wall_day(moment: datetime, zone: ZoneInfo) -> date:
    """The day that the clinic's calendar shows at this moment."""
    return moment.astimezone(zone).date()


def wall_time(moment: datetime, zone: ZoneInfo) -> time:
    """What the clinic's clock shows at this moment."""
    return moment.astimezone(zone).time()


def weeks_later(moment: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    """The same weekday and wall-clock time, so many weeks later."""
    return at_wall_clock(wall_day(moment, zone) + timedelta(weeks=weeks), wall_time(moment, zone), zone)


def in_words(moment: datetime, zone: ZoneInfo) -> str:
    """As a person says it: 'Tuesday 24 November at 10:00'."""
    local = moment.astimezone(zone)
    return f"{local:%A} {local.day} {local:%B} at {local:%H:%M}"
