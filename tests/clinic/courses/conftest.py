"""A patient with a course, on a clock that a test moves."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.conversations.service import open_conversation
from clinic.courses.models import Course
from clinic.courses.service import Courses
from clinic.database import Database
from clinic.patients.models import Consent, Patient

LONDON = ZoneInfo("Europe/London")


def london(*parts: int) -> datetime:
    """A moment as London's clocks show it."""
    return datetime(*parts, tzinfo=LONDON)  # type: ignore[misc,arg-type]


class CourseMaker:
    """Puts patients and courses into the database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.courses = Courses(zone=LONDON)

    def patient(self, *, channel: str = "web", consent: str | None = "given", chat: bool = True, **more: object) -> str:
        with self.database.write() as session:
            patient = Patient(
                id=uuid.uuid4().hex, given_name="Amira", preferred_channel=channel, added_at=now(), **more
            )
            session.add(patient)
            session.flush()
            if consent is not None:
                session.add(Consent(patient_id=patient.id, version="1", decision=consent, channel="web", at=now()))
            if chat:
                conversation, _ = open_conversation(session, channel=channel)
                conversation.patient_id = patient.id
            return patient.id

    def course(
        self, patient_id: str, first_on: date, clock: time = time(10), *, sessions: int = 16, breaks: object = ()
    ) -> int:
        with self.database.write() as session:
            return self.begin(session, patient_id, first_on, clock, sessions=sessions, breaks=breaks).id

    def begin(
        self,
        session: Session,
        patient_id: str,
        first_on: date,
        clock: time = time(10),
        *,
        sessions: int = 16,
        breaks: object = (),
    ) -> Course:
        patient = session.get_one(Patient, patient_id)
        return self.courses.begin(
            session, patient=patient, first_on=first_on, clock=clock, by="sam", sessions=sessions, breaks=breaks
        )


@pytest.fixture
def maker(database: Database) -> CourseMaker:
    return CourseMaker(database)
