"""Invitations: used once, for a while, by whom they are for; tries are limited and stored."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from clinic.clock import now
from clinic.database import Database
from clinic.invitations.codes import code_index
from clinic.invitations.models import Invitation, InvitationAttempt
from clinic.invitations.service import (
    MOST_FAILURES_PER_CODE,
    MOST_FAILURES_PER_SENDER,
    CannotInvite,
    Invitations,
    forget_old_attempts,
)
from clinic.patients.models import Patient
from clinic.patients.service import NewPatient, add_patient

INVITATIONS = Invitations(lifetime_days=28, second_factor="birth_date")
BORN_ON = date(1984, 3, 12)
RIGHT, WRONG = "12/03/1984", "13/03/1984"


@pytest.fixture
def patient(database: Database) -> Patient:
    with database.write() as session:
        return add_patient(session, NewPatient("Ines", born_on=BORN_ON, phone="+447700900123"))


def invite(database: Database, patient: Patient) -> str:
    with database.write() as session:
        return INVITATIONS.invite(session, session.get_one(Patient, patient.id), way="letter", by="sam")[1]


def prove(database: Database, code: str, proof: str, sender: str = "192.0.2.1") -> bool:
    with database.write() as session:
        found = INVITATIONS.prove(session, code_index=code_index(code), proof=proof, sender=sender)
        return found is not None


def test_invitation_is_used_once(database: Database, patient: Patient) -> None:
    code = invite(database, patient)
    assert prove(database, code, RIGHT) and not prove(database, code, RIGHT)


def test_invitation_code_is_stored_nowhere(database: Database, patient: Patient) -> None:
    code = invite(database, patient)
    with database.engine.connect() as connection:
        rows = [
            row
            for table in ("invitation", "audit_event")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        ]
    assert rows and code not in repr(rows) and code.replace("-", "") not in repr(rows)


def test_invitation_ends_by_time(database: Database, patient: Patient) -> None:
    code = invite(database, patient)
    with time_machine.travel(now() + timedelta(days=28, minutes=1)):
        assert not prove(database, code, RIGHT)


def test_invitation_is_replaced_by_a_newer_one(database: Database, patient: Patient) -> None:
    first, second = invite(database, patient), invite(database, patient)
    assert not prove(database, first, RIGHT) and prove(database, second, RIGHT)


def test_invitation_locks_after_wrong_proofs_from_anywhere(database: Database, patient: Patient) -> None:
    code = invite(database, patient)
    for number in range(MOST_FAILURES_PER_CODE):
        assert not prove(database, code, WRONG, sender=f"192.0.2.{number}")
    assert not prove(database, code, RIGHT, sender="192.0.2.99")
    with database.read() as session:
        assert session.scalars(select(Invitation)).one().end_reason == "locked"


def test_invitation_believes_nobody_who_tried_too_often_for_an_hour(database: Database, patient: Patient) -> None:
    code = invite(database, patient)
    for _ in range(MOST_FAILURES_PER_SENDER):
        prove(database, "CDFG-HJKM", WRONG)
    assert not prove(database, code, RIGHT)
    assert prove(database, code, RIGHT, sender="192.0.2.2")


def test_invitation_believes_a_sender_again_after_an_hour(database: Database, patient: Patient) -> None:
    code = invite(database, patient)
    for _ in range(MOST_FAILURES_PER_SENDER):
        prove(database, "CDFG-HJKM", WRONG)
    with time_machine.travel(now() + timedelta(hours=1, minutes=1)):
        assert prove(database, code, RIGHT)


def test_invitation_attempts_are_forgotten_after_a_day(database: Database, patient: Patient) -> None:
    prove(database, "CDFG-HJKM", WRONG)
    with time_machine.travel(now() + timedelta(days=1, minutes=1)), database.write() as session:
        forget_old_attempts(session)
        assert session.scalar(select(func.count()).select_from(InvitationAttempt)) == 0


def test_invitation_needs_the_birth_date_that_will_be_asked_for(database: Database) -> None:
    with database.write() as session:
        nobody = add_patient(session, NewPatient("Jan", phone="+447700900124"))
        with pytest.raises(CannotInvite, match="date of birth"):
            INVITATIONS.invite(session, nobody, way="letter", by="sam")
        Invitations(lifetime_days=1, second_factor="none").invite(session, nobody, way="letter", by="sam")
