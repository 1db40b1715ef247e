"""Who is told of an escalation, and when (data/escalation_policy.yml)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from clinic.content.paths import ESCALATION_POLICY
from clinic.content.yaml_files import DataFileError, line_of, read_model
from clinic.escalations.hours import StaffedHours

Respond = Literal["now", "today", "next_working_day"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_DAY_MINUTES = 24 * 60


def _hours(value: object) -> object:
    """'09:00-17:00' as minutes since midnight. Without quotes YAML makes a number of some times."""
    if isinstance(value, tuple):
        return value
    found = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('write hours in quotes, as "09:00-17:00"')
    first, last = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
    if not first < last <= _DAY_MINUTES:
        raise ValueError("the second time must be later than the first, and no later than 24:00")
    return first, last


def _time(value: object) -> object:
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None and not isinstance(value, time):
        raise ValueError('write a time in quotes, as "12:00"')
    return time(int(found[1]), int(found[2])) if found is not None else value


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClosedDays(_Strict):
    """Days on which the clinic is closed, the last one included."""

    first_day: date
    last_day: date | None = None
    why: str

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError("last_day is before first_day")
        return self


class Step(_Strict):
    """Whom to tell so many minutes after the ladder began."""

    after_minutes: int = Field(ge=0)
    tell: tuple[str, ...] = Field(min_length=1)

    @property
    def after(self) -> timedelta:
        """The same as a duration."""
        return timedelta(minutes=self.after_minutes)


class Ladder(_Strict):
    """The steps for one response speed, and how often the last one is repeated."""

    steps: tuple[Step, ...] = Field(min_length=1)
    repeat_every_minutes: int | None = Field(None, ge=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        minutes = [step.after_minutes for step in self.steps]
        if minutes != sorted(set(minutes)):
            raise ValueError("after_minutes must rise from step to step")
        return self

    @property
    def longest_pause(self) -> timedelta:
        """The next look is never further ahead than this, unless the clock was moved."""
        return max(self.steps[-1].after, timedelta(minutes=self.repeat_every_minutes or 0))


class NextWorkingDay(_Strict):
    """When what can wait until the next working day can wait no longer."""

    unread_by: Annotated[time, BeforeValidator(_time)]
    repeated_within_hours: int = Field(ge=0)


class LeftAlone(_Strict):
    """A conversation that staff have taken over, and nobody answers."""

    after_minutes: int = Field(ge=1)
    respond: Respond
    hand_back_after_minutes: int = Field(ge=2)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.hand_back_after_minutes <= self.after_minutes:
            raise ValueError("hand_back_after_minutes must be more than after_minutes")
        return self


class TestAlert(_Strict):
    """Who gets the alert that proves the way."""

    tell: tuple[str, ...] = Field(min_length=1)


class EscalationPolicy(_Strict):
    """Everything in data/escalation_policy.yml."""

    staffed_hours: dict[Weekday, Annotated[tuple[int, int], BeforeValidator(_hours)]] = Field(min_length=1)
    bank_holidays_of: Literal["ENG", "NIR", "SCT", "WLS"]
    closed_days: tuple[ClosedDays, ...]
    contacts: dict[str, str] = Field(min_length=1)
    ladders: dict[Respond, Ladder]
    closed_tell_also: tuple[str, ...]
    next_working_day: NextWorkingDay
    reopen_after_minutes: int = Field(ge=1)
    left_alone: LeftAlone
    test_alert: TestAlert

    @classmethod
    def load(cls, path: Path = ESCALATION_POLICY) -> EscalationPolicy:
        """Reads and checks the file.

        Raises:
            DataFileError: naming the line that is wrong, and the cure.
        """
        policy = read_model(path, cls)
        for respond, cure in policy._incomplete():
            line = line_of(path, ("ladders", respond))
            raise DataFileError(f"{path}, line {line}: ladders.{respond}: {cure}. Correct it and start again.")
        for where, name in policy._names_told():
            if name not in policy.contacts:
                known = ", ".join(policy.contacts)
                raise DataFileError(
                    f"{path}, line {line_of(path, where)}: {'.'.join(map(str, where))}: '{name}' is no contact. "
                    f"Add it to contacts, or write one of: {known}."
                )
        return policy

    def hours(self, zone: ZoneInfo) -> StaffedHours:
        """When somebody is there, in the clinic's time zone."""
        weekly = {_WEEKDAYS.index(day): hours for day, hours in self.staffed_hours.items()}
        closed = tuple((days.first_day, days.last_day or days.first_day) for days in self.closed_days)
        return StaffedHours(weekly=weekly, nation=self.bank_holidays_of, closed_days=closed, zone=zone)

    def ladder(self, respond: str) -> Ladder:
        """The ladder of a response speed; of an unknown one, the fastest."""
        return self.ladders.get(respond, self.ladders["now"])  # type: ignore[call-overload, no-any-return]

    @property
    def reopen_after(self) -> timedelta:
        """How long an acknowledged escalation may stay without an outcome."""
        return timedelta(minutes=self.reopen_after_minutes)

    def _incomplete(self) -> Iterator[tuple[str, str]]:
        for respond in ("now", "today", "next_working_day"):
            ladder = self.ladders.get(respond)  # type: ignore[call-overload]
            if ladder is None:
                yield respond, "is missing; add its steps"
            elif respond != "next_working_day" and ladder.repeat_every_minutes is None:
                yield respond, "add repeat_every_minutes: it must go on until a person acknowledges"

    def _names_told(self) -> Iterator[tuple[tuple[int | str, ...], str]]:
        def each(where: tuple[int | str, ...], names: Iterable[str]) -> Iterator[tuple[tuple[int | str, ...], str]]:
            for number, name in enumerate(names):
                yield (*where, number), name

        for respond, ladder in self.ladders.items():
            for number, step in enumerate(ladder.steps):
                yield from each(("ladders", respond, "steps", number, "tell"), step.tell)
        yield from each(("closed_tell_also",), self.closed_tell_also)
        yield from each(("test_alert", "tell"), self.test_alert.tell)
