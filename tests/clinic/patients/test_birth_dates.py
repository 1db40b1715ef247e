"""Dates of birth, as people write them."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from clinic.patients.birth_dates import is_birth_date, may_be_birth_date, read_birth_date

BORN_ON = date(1984, 3, 12)


@pytest.mark.parametrize(
    "text",
    [
        "12/03/1984", "12/3/84", "12.3.1984", "12-03-84", "12 03 1984", "12031984", "120384", "1984-03-12", "19840312",
        "12 March 1984", "12th of march 84", "March 12th, 1984", "mar 12 1984", "Monday 12 March 1984",
        "my date of birth is 12/03/1984", "I was born on the 12th March 1984.", "dob: 12 mar 84", "12 Mrach 1984",
        "03/12/1984",
    ],
)  # fmt: skip
def test_birth_dates_are_read_any_way_people_write_them(text: str) -> None:
    assert is_birth_date(text, BORN_ON)


@pytest.mark.parametrize(
    "text",
    [
        "13/03/1984",
        "12/03/1985",
        "12 April 1984",
        "1984",
        "12 March",
        "",
        "hello",
        "31/02/1984",
        "12/03/1984 or 13/03/1984",
    ],
)
def test_birth_dates_that_are_others_do_not_pass(text: str) -> None:
    assert not is_birth_date(text, BORN_ON)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("03/12/1984", date(1984, 12, 3)),
        ("1984-12-03", date(1984, 12, 3)),
        ("9 Sept 1961", date(1961, 9, 9)),
        ("01/02/61", date(1961, 2, 1)),
        ("01/02/05", date(2005, 2, 1)),
        ("29/02/2000", date(2000, 2, 29)),
    ],
)
def test_birth_dates_in_a_list_have_the_day_first(text: str, read: date) -> None:
    assert read_birth_date(text) == read


@pytest.mark.parametrize("text", ["29/02/2001", "01/01/1880", "soon", "12/03", "1/1/1/1984", "40 March 1984"])
def test_birth_dates_that_cannot_be_are_none(text: str) -> None:
    assert read_birth_date(text) is None


@time_machine.travel("2026-11-22 12:00Z")
def test_birth_dates_lie_in_the_past() -> None:
    assert read_birth_date("23/11/2026") is None and read_birth_date("22/11/2026") is not None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("12/3/84", True),
        ("I was born 12 3 84", True),
        ("33/3/1984", True),
        ("12 march", True),
        ("why do you ask?", False),
        ("who can read this", False),
        ("what is DIT and why does it take 16 sessions", False),
    ],
)
def test_birth_dates_meant_are_told_from_other_messages(text: str, meant: bool) -> None:
    assert may_be_birth_date(text) is meant
