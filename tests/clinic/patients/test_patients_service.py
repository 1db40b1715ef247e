"""Patients in the database: what finds them, what is encrypted, and which consent counts."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from clinic.clock import now
from clinic.database import Database
from clinic.patients.models import Patient
from clinic.patients.service import (
    NewPatient,
    add_patient,
    current_phone,
    has_consented,
    patients_with_phone,
    record_consent,
    reference_index,
)

PHONE = "+447700900123"


def add(database: Database, **details: object) -> Patient:
    with database.write() as session:
        return add_patient(session, NewPatient(**{"given_name": "Ines", "phone": PHONE, **details}))  # type: ignore[arg-type]


def test_patients_are_found_by_their_number(database: Database) -> None:
    added = add(database)
    with database.read() as session:
        assert [patient.id for patient in patients_with_phone(session, PHONE)] == [added.id]
        assert patients_with_phone(session, "+447700900124") == []


def test_patients_who_share_a_number_are_both_found(database: Database) -> None:
    both = {add(database).id, add(database, given_name="Jan").id}
    with database.read() as session:
        assert {patient.id for patient in patients_with_phone(session, PHONE)} == both


def test_patients_are_not_found_by_a_number_that_was_theirs(database: Database) -> None:
    added = add(database)
    with database.write() as session:
        session.get_one(Patient, added.id).contact_points[0].ended_at = now()
    with database.read() as session:
        assert patients_with_phone(session, PHONE) == []
        assert current_phone(session.get_one(Patient, added.id)) is None


def test_patients_are_encrypted_at_rest(database: Database) -> None:
    add(database, family_name="Okafor", born_on=date(1984, 3, 12), reference="RV 77", email="ines@example.org")
    with database.read() as session:
        rows = [*session.execute(text("SELECT * FROM patient")), *session.execute(text("SELECT * FROM contact_point"))]
    stored = repr([bytes(cell) if isinstance(cell, memoryview) else cell for row in rows for cell in row])
    assert not [word for word in ("Ines", "Okafor", "1984-03-12", "RV 77", "7700900123", "example") if word in stored]


def test_patients_reference_index_knows_no_spaces_and_case(database: Database) -> None:
    assert reference_index("rv 77") == reference_index("RV77") != reference_index("RV78")


@pytest.mark.parametrize(
    ("decisions", "counts"),
    [
        ([], False),
        (["given"], True),
        (["refused"], False),
        (["given", "withdrawn"], False),
        (["refused", "given"], True),
    ],
)
def test_patients_newest_consent_counts(database: Database, decisions: list[str], counts: bool) -> None:
    patient = add(database)
    with database.write() as session:
        for decision in decisions:
            record_consent(session, patient, decision=decision, version="1", channel="web")  # type: ignore[arg-type]
        assert has_consented(session, patient.id) is counts
