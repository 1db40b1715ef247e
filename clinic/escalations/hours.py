"""When somebody of the clinic is there: staffed hours, bank holidays, closed days, in the clinic's time zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import holidays

# A clinic that is closed for longer than this is not told apart from one that never opens.
_LOOK_AHEAD_DAYS = 400
# Monday is 0; minutes since midnight, by the clock on the wall.
WeeklyHours = Mapping[int, tuple[int, int]]


@dataclass(frozen=True)
class StaffedHours:
    """Opening times. Pure: the moment is always given."""

    weekly: WeeklyHours
    nation: str
    closed_days: tuple[tuple[date, date], ...]
    zone: ZoneInfo

    @cached_property
    def _bank_holidays(self) -> holidays.HolidayBase:
        # Fills itself with the years that it is asked about.
        return holidays.country_holidays("GB", subdiv=self.nation)

    def is_working_day(self, day: date) -> bool:
        """Whether anybody is there on that day at all."""
        if day.weekday() not in self.weekly or day in self._bank_holidays:
            return False
        return not any(first <= day <= last for first, last in self.closed_days)

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody is there at this moment."""
        day = moment.astimezone(self.zone).date()
        return self.is_working_day(day) and self._opens(day) <= moment < self._closes(day)

    def next_opening(self, moment: datetime) -> datetime | None:
        """When somebody is there again; None while somebody is, and where nobody ever will be."""
        if self.is_open(moment):
            return None
        day = moment.astimezone(self.zone).date()
        for _ in range(_LOOK_AHEAD_DAYS):
            if self.is_working_day(day) and self._opens(day) > moment:
                return self._opens(day)
            day += timedelta(days=1)
        return None

    def on_next_working_day(self, moment: datetime, at: time) -> datetime:
        """That time on the first working day after the day of `moment` (or on the next day, where none ever comes)."""
        first = moment.astimezone(self.zone).date() + timedelta(days=1)
        days = (first + timedelta(days=number) for number in range(_LOOK_AHEAD_DAYS))
        day = next((day for day in days if self.is_working_day(day)), first)
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def in_words(self, moment: datetime) -> str:
        """As patients read it: 'Monday 23 November at 09:00'."""
        local = moment.astimezone(self.zone)
        return f"{local:%A} {local.day} {local:%B} at {local:%H:%M}"

    def _opens(self, day: date) -> datetime:
        return self._on(day, self.weekly[day.weekday()][0])

    def _closes(self, day: date) -> datetime:
        return self._on(day, self.weekly[day.weekday()][1])

    def _on(self, day: date, minutes: int) -> datetime:
        # The clock on the wall counts, also on the two days in the year when it is changed.
        return (datetime.combine(day, time.min, self.zone) + timedelta(minutes=minutes)).astimezone(UTC)
