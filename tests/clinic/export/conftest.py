"""Responses of every kind, and what is exported of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest

from clinic.clock import now
from clinic.content.paths import QUESTIONNAIRES
from clinic.conversations.service import open_conversation
from clinic.courses.service import Courses
from clinic.database import Database
from clinic.export.responses import Exported, responses_to_export
from clinic.export.service import Export
from clinic.patients.models import Patient
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.models import QuestionnaireAnswer, QuestionnaireResponse
from clinic.questionnaires.scoring import total
from tests.clinic.courses.conftest import LONDON

LOADED = Questionnaires.load(QUESTIONNAIRES)
BASE = "https://chat.clinic.example"


class Filler:
    """Puts patients and responses into the database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.export = Export(database=database, questionnaires=LOADED, base_url=BASE, rule="none_against")

    def patient(self, *, reference: str | None = None, joined: bool = True) -> tuple[str, str]:
        with self.database.write() as session:
            patient = Patient(id=uuid.uuid4().hex, given_name="Amira", family_name="Haddad", added_at=now())
            patient.reference = reference
            session.add(patient)
            session.flush()
            conversation, _ = open_conversation(session, channel="web")
            conversation.patient_id = patient.id if joined else None
            return patient.id, conversation.id

    def response(
        self,
        patient: tuple[str | None, str],
        questionnaire: str = "phq-9",
        values: list[int] | None = None,
        *,
        session_id: int | None = None,
        corrected: bool = False,
        version: str = "1",
        at: datetime | None = None,
    ) -> int:
        items = len(LOADED.get(questionnaire).items)
        values = [1] * items if values is None else values
        at = at or now()
        answers = dict(enumerate(values, start=1))
        score = total(LOADED.get(questionnaire), answers)
        with self.database.write() as session:
            response = QuestionnaireResponse(
                conversation_id=patient[1],
                patient_id=patient[0],
                session_id=session_id,
                questionnaire=questionnaire,
                version=version,
                status="stopped" if score is None else "completed",
                started_at=at,
                completed_at=None if score is None else at,
                total=score,
                answers=[QuestionnaireAnswer(item=item, value=value, at=at) for item, value in answers.items()],
            )
            if corrected:
                late = at + timedelta(hours=1)
                response.answers.append(QuestionnaireAnswer(item=1, value=0, at=at, replaced_at=late))
            session.add(response)
            session.flush()
            return response.id

    def course(self, patient_id: str) -> list[int]:
        with self.database.write() as session:
            course = Courses(zone=LONDON).begin(
                session,
                patient=session.get_one(Patient, patient_id),
                first_on=date.today() - timedelta(weeks=2),  # noqa: DTZ011
                clock=time(10),
                sessions=4,
                by="sam",
            )
            return [one.id for one in course.sessions]

    def exported(self, **more: object) -> list[Exported]:
        with self.database.read() as session:
            return list(responses_to_export(session, LOADED, **more))  # type: ignore[arg-type]


@pytest.fixture
def filler(database: Database) -> Iterator[Filler]:
    yield Filler(database)
