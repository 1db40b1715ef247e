"""Times as staff read them: by the clinic's clock, and how long ago."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


class ClinicTimes:
    """Moments in the clinic's time zone (setting TIME_ZONE)."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def clock_time(self, moment: datetime) -> str:
        """'14:03'."""
        return f"{moment.astimezone(self._zone):%H:%M}"

    def day(self, moment: datetime) -> str:
        """'Sunday 22 November 2026'."""
        local = moment.astimezone(self._zone)
        return f"{local:%A} {local.day} {local:%B %Y}"

    def at(self, moment: datetime, seen_at: datetime) -> str:
        """'14:03' on the day itself, else with the day: '20 November at 14:03'."""
        local, here = moment.astimezone(self._zone), seen_at.astimezone(self._zone)
        if local.date() == here.date():
            return self.clock_time(moment)
        year = "" if local.year == here.year else f" {local.year}"
        return f"{local.day} {local:%B}{year} at {self.clock_time(moment)}"

    def short_day(self, moment: datetime) -> str:
        """'24 Nov', for tables: the year stands elsewhere."""
        local = moment.astimezone(self._zone)
        return f"{local.day} {local:%b}"

    def short(self, moment: datetime) -> str:
        """'Tue 24 Nov, 10:00', for tables."""
        local = moment.astimezone(self._zone)
        return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def lasted(start: datetime, end: datetime) -> str:
    """How long it is from `start` to `end`: '4 min', '2 h 5 min', '3 days'."""
    minutes = int((end - start).total_seconds() // 60)
    # Clocks of two machines differ: a start in the future is now.
    if minutes < 1:
        return "less than 1 min"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days = hours // 24
    return "1 day" if days == 1 else f"{days} days"


def ago(moment: datetime, seen_at: datetime) -> str:
    """'4 min ago'."""
    return f"{lasted(moment, seen_at)} ago"
