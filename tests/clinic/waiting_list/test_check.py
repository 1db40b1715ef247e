"""What would become of each row: every reason, every duplicate, and nothing changed by looking."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import func, select

from clinic.database import Database
from clinic.patients.models import Patient
from clinic.waiting_list.check import Check, check_rows
from clinic.waiting_list.columns import FIELDS, Headings, MappingError, check_mapping, mapping_from_words
from clinic.waiting_list.service import import_part
from clinic.waiting_list.table import read_table
from tests.clinic.waiting_list.conftest import HEADINGS

TODAY = date(2026, 11, 22)
MAPPING = {"given_name": 0, "family_name": 1, "born_on": 2, "phone": 3, "reference": 4}
INES = ("Ines", "Okafor", "12/03/1984", "07700 900123", "RV77")
Make = Callable[..., bytes]


def check(database: Database, content: bytes) -> Check:
    with database.read() as session:
        return check_rows(session, read_table(content).rows, MAPPING, today=TODAY)  # type: ignore[arg-type]


def bring_in(database: Database, content: bytes) -> None:
    with database.write() as session:
        import_part(session, read_table(content).rows, MAPPING, today=TODAY)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("", "Okafor", "12/03/1984", "07700 900123", "1"), "first name: it is missing"),
        (("=cmd|' /C calc'!A0", "", "", "07700 900123", ""), "formula"),
        (("@SUM(1)", "", "", "07700 900123", ""), "formula"),
        (("+1-1", "", "", "07700 900123", ""), "signs that do not belong"),
        (("<script>alert(1)</script>", "", "", "07700 900123", ""), "signs that do not belong"),
        (("Ines", "<b>", "", "07700 900123", ""), "last name"),
        (("Ines" * 40, "", "", "07700 900123", ""), "longer than"),
        (("Ines", "", "31/02/1984", "07700 900123", ""), "date of birth"),
        (("Ines", "", "12/03/2040", "07700 900123", ""), "date of birth"),
        (("Ines", "", "01/02/2024", "07700 900123", ""), "small child"),
        (("Ines", "", "12/03/1984", "call mum", ""), "phone"),
        (("Ines", "", "12/03/1984", "=1+1", ""), "phone: a formula"),
        (("Ines", "", "12/03/1984", "07700", ""), "too many or too few digits"),
        (("Ines", "", "12/03/1984", "", ""), "neither a phone number nor a reference"),
        (("Ines", "", "12/03/1984", "07700 900123", "=A1"), "reference: a formula"),
    ],
)
def test_check_names_line_and_reason_and_repeats_nothing(
    database: Database, csv_file: Make, row: tuple[str, ...], says: str
) -> None:
    found = check(database, csv_file(INES, row))
    assert [entry.line for entry in found.ready] == [2]
    ((line, problems),) = found.refused
    assert line == 3 and any(says in problem for problem in problems)
    assert not any(cell in problem for cell in row if len(cell) > 2 for problem in problems)


def test_check_names_everything_wrong_with_a_row(database: Database, csv_file: Make) -> None:
    found = check(database, csv_file(("", "Okafor", "no", "no", "RV1")))
    assert len(found.refused[0][1]) == 3


@pytest.mark.parametrize(
    "name", ["Zoë", "O'Brien", "Anne-Marie", "Jean Luc", "Nguyễn", "山田", "Ahmed (Eddy)", "D. J."]
)
def test_check_takes_names_of_every_language(database: Database, csv_file: Make, name: str) -> None:
    found = check(database, csv_file((name, name, "12/03/1984", "07700 900123", "")))
    assert [entry.person.given_name for entry in found.ready] == [name]


def test_check_finds_people_who_stand_twice_in_the_file(database: Database, csv_file: Make) -> None:
    again = ("INES", "Okafor", "12 March 1984", "+447700900123", "rv 77")
    by_phone = ("ines", "", "12/03/1984", "07700900123", "")
    found = check(database, csv_file(INES, again, by_phone))
    assert len(found.ready) == 1 and found.repeated == [(3, 2), (4, 2)] and found.refused == []


def test_check_refuses_one_reference_for_two_people(database: Database, csv_file: Make) -> None:
    found = check(database, csv_file(INES, ("Jan", "", "1/1/1990", "07700 900999", "RV77")))
    assert found.refused == [(3, ["reference: line 2 has the same one for somebody else"])]


def test_check_keeps_two_people_with_one_phone_apart(database: Database, csv_file: Make) -> None:
    found = check(database, csv_file(INES, ("Jan", "Okafor", "1/1/2004", "07700 900123", "RV78")))
    assert len(found.ready) == 2


def test_check_finds_who_is_on_the_list_already_and_what_differs(database: Database, csv_file: Make) -> None:
    bring_in(database, csv_file(INES))
    moved = ("Ines", "Okafor", "12/03/1984", "07700 900555", "RV77")
    no_reference = ("ines", "", "12/03/1984", "07700 900123", "")
    found = check(database, csv_file(INES))
    assert (found.ready, found.known, found.differing) == ([], [2], [])
    assert check(database, csv_file(moved)).differing == [2]
    assert check(database, csv_file(no_reference)).known == [2]


def test_check_changes_nothing(database: Database, csv_file: Make) -> None:
    check(database, csv_file(INES))
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Patient)) == 0


@pytest.mark.parametrize(
    ("headings", "guessed"),
    [
        (HEADINGS, MAPPING),
        (("Patient ID", "Forename", "Last Name", "Date of Birth", "Mobile No.", "E-mail"),
         {"reference": 0, "given_name": 1, "family_name": 2, "born_on": 3, "phone": 4, "email": 5}),
        (("NAME", "TEL"), {"given_name": 0, "phone": 1}),
        (("x", "y"), {}),
    ],
)  # fmt: skip
def test_columns_are_guessed_from_headings(headings: tuple[str, ...], guessed: dict[str, int]) -> None:
    assert Headings.load().guess(headings) == guessed


def test_columns_headings_file_knows_every_field() -> None:
    assert set(Headings.load().root) == set(FIELDS)


@pytest.mark.parametrize(
    ("mapping", "says"),
    [
        ({"phone": 1}, "first name"),
        ({"given_name": 0}, "mobile number"),
        ({"given_name": 0, "phone": 0}, "two things"),
        ({"given_name": 0, "phone": 9}, "no such column"),
    ],
)
def test_columns_that_cannot_be_imported_are_refused(mapping: dict[str, int], says: str) -> None:
    with pytest.raises(MappingError, match=says):
        check_mapping(mapping, columns=3)  # type: ignore[arg-type]


def test_columns_are_named_on_the_command_line() -> None:
    assert mapping_from_words(["given_name=first NAME", "phone=4"], HEADINGS) == {"given_name": 0, "phone": 3}
    for word in ("name=First name", "phone=Fax"):
        with pytest.raises(MappingError):
            mapping_from_words([word], HEADINGS)
