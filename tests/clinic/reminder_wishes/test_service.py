"""No more reminders, reminders again, another hour; and the next one is said as it will come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy.orm import Session

from clinic.audit.models import AuditEvent
from clinic.conversations.models import Conversation
from clinic.conversations.service import store_incoming
from clinic.courses.reminding import remind
from clinic.courses.service import current_course
from clinic.notes.reminding import remind_of_notes
from clinic.notes.service import add_note
from clinic.patients.models import Patient
from clinic.patients.service import has_consented
from clinic.reminder_wishes.service import (
    HourNotAllowed,
    Reminders,
    choose_hour,
    reminders_of,
    start_reminders,
    stop_reminders,
)
from tests.clinic.conftest import Clinic
from tests.clinic.courses.conftest import LONDON, CourseMaker, london

# A Tuesday; the session is on Wednesday at ten.
BEFORE, SESSION_ON = london(2026, 11, 24, 9), date(2026, 11, 25)


@pytest.fixture
def maker(clinic: Clinic) -> CourseMaker:
    return CourseMaker(clinic.services.database)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(BEFORE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def person(clock: time_machine.Traveller, maker: CourseMaker) -> str:
    patient_id = maker.patient(reminder_hour=18)
    maker.course(patient_id, SESSION_ON)
    return patient_id


def held(session: Session, patient_id: str) -> Reminders:
    return reminders_of(session, session.get_one(Patient, patient_id), usual_hour=18, zone=LONDON)


def test_reminders_stop_and_nothing_else_does(
    clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker, person: str
) -> None:
    with clinic.services.database.write() as session:
        stop_reminders(session, session.get_one(Patient, person), by="patient")
        stop_reminders(session, session.get_one(Patient, person), by="patient")
    for hour in (18, 20, 21):
        clock.move_to(london(2026, 11, 24, hour))
        assert remind(clinic.services) == []
    with clinic.services.database.write() as session:
        patient = session.get_one(Patient, person)
        assert has_consented(session, person) and patient.preferred_channel == "web"
        assert held(session, person).is_stopped
        assert session.query(AuditEvent).filter_by(actor="patient", action="stop_reminders").count() == 1
        start_reminders(session, patient, by="patient")
    clock.move_to(london(2026, 11, 24, 19))
    assert len(remind(clinic.services)) == 1


def test_reminders_of_notes_stop_too_until_another_is_kept(
    clinic: Clinic, clock: time_machine.Traveller, person: str
) -> None:
    def keep(text: str) -> None:
        with clinic.services.database.write() as session:
            conversation = session.query(Conversation).filter_by(patient_id=person).one()
            message = store_incoming(session, conversation=conversation, text=text, client_message_id=None, verdict={})
            add_note(session, message=message, text=text)

    keep("the dream")
    clock.shift(timedelta(minutes=1))
    with clinic.services.database.write() as session:
        stop_reminders(session, session.get_one(Patient, person), by="patient")
    clock.move_to(london(2026, 11, 25, 9))
    assert remind_of_notes(clinic.services) == []
    clock.move_to(london(2026, 11, 24, 12))
    keep("the letter")
    clock.move_to(london(2026, 11, 25, 9))
    assert len(remind_of_notes(clinic.services)) == 1


def test_reminders_choosing_an_hour_starts_them_again(clinic: Clinic, person: str) -> None:
    with clinic.services.database.write() as session:
        patient = session.get_one(Patient, person)
        stop_reminders(session, patient, by="patient")
        choose_hour(session, patient, 11, by="patient")
        assert (held(session, person).is_stopped, held(session, person).hour) == (False, 11)
        for wrong in (8, 20, 23):
            with pytest.raises(HourNotAllowed):
                choose_hour(session, patient, wrong, by="patient")


def test_reminders_next_one_is_the_day_on_which_it_comes(
    clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker, person: str
) -> None:
    with clinic.services.database.read() as session:
        assert held(session, person).next_on == date(2026, 11, 24)
    clock.move_to(london(2026, 11, 24, 18))
    assert len(remind(clinic.services)) == 1
    with clinic.services.database.read() as session:
        assert held(session, person).next_on == date(2026, 12, 1)
    with clinic.services.database.write() as session:
        found = current_course(session, person)
        assert found is not None
        maker.courses.add_break(session, found, from_on=date(2026, 12, 1), until_on=date(2026, 12, 7), by="sam")
    with clinic.services.database.read() as session:
        assert held(session, person).next_on == date(2026, 12, 8)


def test_reminders_of_who_has_no_course(maker: CourseMaker, clinic: Clinic, clock: time_machine.Traveller) -> None:
    patient_id = maker.patient()
    with clinic.services.database.read() as session:
        found = held(session, patient_id)
    assert (found.next_on, found.has_course, found.may_be_contacted) == (None, False, True)
