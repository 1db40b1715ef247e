"""One row as one person, or everything that is wrong with it."""

from __future__ import annotations

import re
from datetime import date

from clinic.patients.birth_dates import read_birth_date
from clinic.patients.phone_numbers import PhoneNumberError, normalised_phone
from clinic.patients.service import NewPatient
from clinic.waiting_list.columns import Field, Mapped
from clinic.waiting_list.table import Row

_LONGEST = 120
# Names have letters, and signs of many languages; formulas and markup have others.
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ .,'\u2018\u2019`()\-\u2010-\u2013]|\d)*")
_REFERENCE = re.compile(r"[\w][\w ./:#-]*")
_EMAIL = re.compile(r"[^@\s<>\"',;=|]+@[^@\s<>\"',;=|]+\.[^@\s<>\"',;=|]+")
_FORMULA = ("=", "@", "\t", "\r")
_UNREADABLE = "\ufffd"
# Nobody younger is on an adult waiting list: a birth date of last year is a slip of the keys.
_YOUNGEST_YEARS = 10


class RowProblems(ValueError):
    """What is wrong with a row, a sentence each. The sentences repeat nothing that stands in it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read_entry(row: Row, mapping: Mapped, *, today: date) -> NewPatient:
    """The person in a row.

    Raises:
        RowProblems: naming everything that is wrong, not only the first.
    """
    problems: list[str] = []

    def cell(field: Field) -> str:
        return row.cells[mapping[field]] if field in mapping else ""

    def name(field: Field, what: str) -> str | None:
        text = cell(field)
        if not text:
            return None
        if len(text) > _LONGEST or not _NAME.fullmatch(text):
            problems.append(f"{what}: {_why_not(text)}")
        return text

    given = name("given_name", "first name")
    if given is None:
        problems.append("first name: it is missing")
    family = name("family_name", "last name")
    born_on = _born_on(cell("born_on"), problems, today=today)
    phone = _phone(cell("phone"), problems)
    email = _email(cell("email"), problems)
    reference = cell("reference") or None
    if reference and (len(reference) > _LONGEST or not _REFERENCE.fullmatch(reference)):
        problems.append(f"reference: {_why_not(reference)}")
    if phone is None and reference is None and not problems:
        problems.append("neither a phone number nor a reference: the person could not be reached or recognised")
    if problems or given is None:
        raise RowProblems(problems)
    return NewPatient(
        given_name=given, family_name=family, born_on=born_on, phone=phone, email=email, reference=reference
    )


def _born_on(text: str, problems: list[str], *, today: date) -> date | None:
    if not text:
        return None
    born_on = read_birth_date(text)
    if born_on is None:
        problems.append("date of birth: this is not a date in the past (day first: 31/12/1980)")
    elif today.year - born_on.year < _YOUNGEST_YEARS:
        problems.append("date of birth: the person would be a small child")
    return born_on


def _phone(text: str, problems: list[str]) -> str | None:
    if not text:
        return None
    try:
        return normalised_phone(text)
    except PhoneNumberError as error:
        problems.append(f"phone: {_why_not(text) if text.startswith('=') else error}")
        return None


def _email(text: str, problems: list[str]) -> str | None:
    if not text:
        return None
    if len(text) > _LONGEST or not _EMAIL.fullmatch(text):
        problems.append("e-mail: this is not an address")
    return text


def _why_not(text: str) -> str:
    if text.startswith(_FORMULA):
        return "a formula stands here instead of a value"
    if _UNREADABLE in text:
        return "it holds signs that cannot be read; save the file as UTF-8"
    if len(text) > _LONGEST:
        return f"it is longer than {_LONGEST} characters"
    return "it holds signs that do not belong here"
