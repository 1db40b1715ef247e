"""Patients with courses and answers for the console's tests."""

from __future__ import annotations

import uuid
from datetime import time, timedelta
from typing import Any

from sqlalchemy import select

from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.conversations.service import open_conversation
from clinic.courses.models import Course
from clinic.courses.wall_clock import wall_day
from clinic.patients.models import Consent, Patient
from clinic.questionnaires.models import QuestionnaireAnswer, QuestionnaireResponse

# Sixteen sessions, of which the last is still to come; None: nothing was filled in.
FALLING = [24, 22, None, 21, 20, 18, 17, None, 15, 14, 12, 11, 9, 8, 6]


def values_of(total: int, items: int) -> list[int]:
    """Answers that add up to the total."""
    whole, rest = divmod(total, items)
    return [whole + (1 if place < rest else 0) for place in range(items)]


class People:
    """Puts patients into the clinic of a test."""

    def __init__(self, clinic: Any) -> None:
        self.clinic = clinic
        self.services = clinic.services

    def patient(self, given: str = "Amira", family: str = "Haddad", **more: Any) -> str:
        with self.services.database.write() as session:
            patient = Patient(
                id=uuid.uuid4().hex,
                given_name=given,
                family_name=family,
                added_at=now(),
                **{"preferred_channel": "web", **more},
            )
            session.add(patient)
            session.flush()
            session.add(Consent(patient_id=patient.id, version="1", decision="given", channel="web", at=now()))
            conversation, _ = open_conversation(session, channel="web")
            conversation.patient_id = patient.id
            return patient.id

    def course(self, patient_id: str, *, past: int = 0, sessions: int = 16, status: str = "attended") -> int:
        """A weekly course of which so many sessions have been; the next one is tomorrow."""
        courses = self.services.courses
        with self.services.database.write() as session:
            first = wall_day(now(), courses.zone) + timedelta(days=1) - timedelta(weeks=past)
            course = courses.begin(
                session,
                patient=session.get_one(Patient, patient_id),
                first_on=first,
                clock=time(10),
                sessions=sessions,
                by="sam",
            )
            for found in course.sessions[:past]:
                courses.mark(session, found, status, by="sam")
            return course.id

    def fill_in(
        self,
        patient_id: str,
        questionnaire: str,
        values: list[int],
        *,
        course_id: int | None = None,
        number: int | None = None,
        version: str = "1",
    ) -> int:
        """Answers to a questionnaire, before that session of the course or (None) between sessions."""
        with self.services.database.write() as session:
            patient = session.get_one(Patient, patient_id)
            found = session.get_one(Course, course_id).sessions[number - 1] if course_id and number else None
            conversation_id = session.scalars(
                select(Conversation.id).where(Conversation.patient_id == patient.id)
            ).one()
            at = found.starts_at - timedelta(hours=3) if found is not None else now()
            items = len(self.services.questionnaires.questionnaires.get(questionnaire).items)
            is_complete = len(values) == items
            response = QuestionnaireResponse(
                conversation_id=conversation_id,
                patient_id=patient_id,
                session_id=found.id if found is not None else None,
                questionnaire=questionnaire,
                version=version,
                status="completed" if is_complete else "stopped",
                started_at=at,
                completed_at=at if is_complete else None,
                total=sum(values) if is_complete else None,
                answers=[],
            )
            for item, value in enumerate(values, start=1):
                message = Message(
                    conversation_id=conversation_id,
                    at=at,
                    direction="incoming",
                    sender="patient",
                    kind="text",
                    text=str(value),
                    details={},
                    answered_at=at,
                )
                session.add(message)
                session.flush()
                response.answers.append(QuestionnaireAnswer(item=item, value=value, message_id=message.id, at=at))
            session.add(response)
            session.flush()
            return response.id

    def in_the_middle(self, given: str = "Amira", family: str = "Haddad", **more: Any) -> tuple[str, int]:
        """A patient after fifteen of sixteen sessions, both questionnaires falling, with gaps."""
        patient_id = self.patient(given, family, **more)
        course_id = self.course(patient_id, past=len(FALLING))
        for number, total in enumerate(FALLING, start=1):
            if total is not None:
                self.fill_in(patient_id, "phq-9", values_of(total, 9), course_id=course_id, number=number)
                self.fill_in(patient_id, "gad-7", values_of(min(total, 21), 7), course_id=course_id, number=number)
        return patient_id, course_id
