"""The periods that figures are about, and their weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from clinic.courses.wall_clock import at_wall_clock, wall_day

# As they stand in an address.
Days = Literal["7", "30", "90"]
DAYS: tuple[int, ...] = tuple(int(days) for days in get_args(Days))


@dataclass(frozen=True)
class Period:
    """The last so many days, up to `until`."""

    days: int
    until: datetime
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        """Its beginning: midnight by the clinic's clock, so many days ago."""
        return at_wall_clock(wall_day(self.until, self.zone) - timedelta(days=self.days), time(), self.zone)

    @property
    def weeks(self) -> list[date]:
        """The Mondays of the weeks that it touches, the first one first."""
        monday = self.week_of(self.since)
        last = self.week_of(self.until)
        return [monday + timedelta(weeks=number) for number in range((last - monday).days // 7 + 1)]

    def week_of(self, moment: datetime) -> date:
        """The Monday of the week in which a moment lies."""
        day = wall_day(moment, self.zone)
        return day - timedelta(days=day.weekday())
