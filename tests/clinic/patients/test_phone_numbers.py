"""Phone numbers in one spelling."""

from __future__ import annotations

import pytest

from clinic.patients.phone_numbers import PhoneNumberError, normalised_phone, readable_phone


@pytest.mark.parametrize(
    "text",
    [
        "07700 900123",
        "07700900123",
        "+44 7700 900123",
        "+44 (0)7700 900123",
        "0044 7700 900123",
        "7700900123",
        "447700900123",
    ],
)
def test_phone_numbers_have_one_spelling(text: str) -> None:
    assert normalised_phone(text) == "+447700900123"


def test_phone_numbers_of_other_countries_keep_theirs() -> None:
    assert normalised_phone("+33 6 12 34 56 78") == "+33612345678"


@pytest.mark.parametrize(
    "text", ["", "n/a", "07700", "4.477E+11", "=HYPERLINK(1)", "07700 900123 ext 4", "077009001234567"]
)
def test_phone_numbers_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(PhoneNumberError):
        normalised_phone(text)


@pytest.mark.parametrize(
    ("number", "shown"), [("+447700900123", "07700 900123"), ("+33612345678", "+33 6 12 34 56 78")]
)
def test_phone_numbers_are_shown_as_people_write_them(number: str, shown: str) -> None:
    assert readable_phone(number) == shown
