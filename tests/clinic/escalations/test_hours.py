"""When somebody is there: hours, bank holidays, closed days, and the two days on which the clock is changed."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from clinic.escalations.policy import ClosedDays, EscalationPolicy

LONDON = ZoneInfo("Europe/London")
POLICY = EscalationPolicy.load().model_copy(
    update={
        "staffed_hours": dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), (9 * 60, 17 * 60)),
        "closed_days": (ClosedDays(first_day="2026-12-29", last_day="2026-12-31", why="closed"),),  # type: ignore[arg-type]
    }
)
HOURS = POLICY.hours(LONDON)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LONDON).astimezone(UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (local(2026, 11, 23, 9), None),
        (local(2026, 11, 23, 16, 59), None),
        (local(2026, 11, 23, 8, 59), local(2026, 11, 23, 9)),
        (local(2026, 11, 23, 17), local(2026, 11, 24, 9)),
        (local(2026, 11, 20, 18), local(2026, 11, 23, 9)),  # Friday evening
        (local(2026, 12, 24, 18), local(2027, 1, 4, 9)),  # Christmas, Boxing Day observed, closed days, New Year
        (local(2026, 4, 2, 20), local(2026, 4, 7, 9)),  # Good Friday and Easter Monday
        (local(2026, 3, 27, 18), local(2026, 3, 30, 9)),  # the clock goes forward on the 29th
        (local(2026, 10, 23, 18), local(2026, 10, 26, 9)),  # and back on the 25th
    ],
)
def test_hours_next_opening(moment: datetime, opens: datetime | None) -> None:
    assert HOURS.next_opening(moment) == opens
    assert HOURS.is_open(moment) is (opens is None)


@pytest.mark.parametrize(("nation", "is_open"), [("ENG", True), ("SCT", False)])
def test_hours_bank_holidays_are_those_of_the_nation(nation: str, is_open: bool) -> None:
    """St Andrew's Day is a holiday in Scotland alone."""
    hours = POLICY.model_copy(update={"bank_holidays_of": nation}).hours(LONDON)
    assert hours.is_open(local(2026, 11, 30, 10)) is is_open


def test_hours_are_those_of_the_clinics_clock() -> None:
    abroad = POLICY.hours(ZoneInfo("America/New_York"))
    assert not abroad.is_open(local(2026, 11, 24, 10)) and abroad.is_open(local(2026, 11, 24, 15))


def test_hours_next_working_day_is_never_the_same_day() -> None:
    noon = time(12)
    assert HOURS.on_next_working_day(local(2026, 11, 23, 8), noon) == local(2026, 11, 24, 12)
    assert HOURS.on_next_working_day(local(2026, 11, 20, 23), noon) == local(2026, 11, 23, 12)


def test_hours_in_words_are_the_clinics() -> None:
    assert HOURS.in_words(local(2026, 7, 1, 9)) == "Wednesday 1 July at 09:00"
