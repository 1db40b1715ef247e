"""Made-up patients with courses, for `make demo`: some improve, some do not, some miss sessions and questionnaires."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.conversations.service import open_conversation, store_incoming
from clinic.courses.models import TherapySession
from clinic.courses.wall_clock import wall_day
from clinic.patients.models import Consent, Patient
from clinic.questionnaires.definitions import Questionnaire
from clinic.questionnaires.models import QuestionnaireAnswer, QuestionnaireResponse
from clinic.services import Services

# Given name, family name, sessions so far, and the mean answer at the first and at the last of them.
_PEOPLE = (
    ("Amira", "Haddad", 12, 2.3, 0.6),
    ("Tom", "Whitfield", 16, 1.9, 0.5),
    ("Grace", "Okafor", 9, 1.4, 1.6),
    ("Dylan", "Rees", 6, 1.2, 2.4),
    ("Mei", "Lin", 4, 2.0, 1.5),
    ("Sara", "Novak", 1, 1.7, 1.7),
    ("Joe", "Bright", 0, 0.0, 0.0),
)


class DemoPatients:
    """Puts the people into the database, with their sessions and answers."""

    def __init__(self, services: Services, *, seed: int) -> None:
        self._services = services
        self._random = random.Random(seed)

    def fill(self) -> int:
        """Returns how many patients there are."""
        for number, (given, family, sessions, first, last) in enumerate(_PEOPLE):
            with self._services.database.write() as session:
                patient, conversation = self._join(session, given, family)
                self._course(session, patient, conversation, number, sessions, first, last)
        return len(_PEOPLE)

    def _join(self, session: Session, given: str, family: str) -> tuple[Patient, Conversation]:
        patient = Patient(
            id=uuid.UUID(int=self._random.getrandbits(128)).hex,
            given_name=given,
            family_name=family,
            preferred_channel="web",
            added_at=now() - timedelta(days=200),
            joined_at=now() - timedelta(days=190),
        )
        session.add(patient)
        session.flush()
        session.add(Consent(patient_id=patient.id, version="1", decision="given", channel="web", at=patient.joined_at))
        conversation, _ = open_conversation(session, channel="web")
        conversation.patient_id = patient.id
        return patient, conversation

    def _course(
        self,
        session: Session,
        patient: Patient,
        conversation: Conversation,
        number: int,
        sessions: int,
        first: float,
        last: float,
    ) -> None:
        courses, zone = self._services.courses, self._services.courses.zone
        # The next session is one to five days away.
        ahead = wall_day(now(), zone) + timedelta(days=1 + number % 5)
        begun_on = ahead - timedelta(weeks=sessions + (1 if sessions > 6 else 0))
        clock = time(9 + number, 30 * (number % 2))
        course = courses.begin(session, patient=patient, first_on=begun_on, clock=clock, by="demo")
        if sessions > 6:
            away = begun_on + timedelta(weeks=5)
            courses.add_break(
                session, course, from_on=away - timedelta(days=1), until_on=away + timedelta(days=5), by="demo"
            )
        past = [one for one in course.sessions if one.starts_at < now()]
        for place, one in enumerate(past):
            draw = self._random.random()
            status = "missed" if draw < 0.08 else "cancelled" if draw < 0.14 and place else "attended"
            courses.mark(session, one, status, by="demo")
            if status == "cancelled" or self._random.random() < 0.1:
                continue
            mean = first + (last - first) * place / max(len(past) - 1, 1)
            for questionnaire in self._services.questionnaires.questionnaires:
                self._fill_in(session, conversation, patient, one, questionnaire, mean)
        if sessions >= 16:
            courses.end(session, course, by="demo")

    def _fill_in(
        self,
        session: Session,
        conversation: Conversation,
        patient: Patient,
        found: TherapySession,
        questionnaire: Questionnaire,
        mean: float,
    ) -> None:
        at = found.starts_at - timedelta(hours=self._random.randint(2, 20))
        values = [
            min(3, max(0, round(self._random.gauss(mean if item.escalate_from is None else mean - 1.2, 0.7))))
            for item in questionnaire.items
        ]
        # Some stop half-way: an unfinished one has no total.
        if self._random.random() < 0.06:
            values = values[: self._random.randint(2, 5)]
        complete = len(values) == len(questionnaire.items)
        response = QuestionnaireResponse(
            conversation_id=conversation.id,
            patient_id=patient.id,
            session_id=found.id,
            questionnaire=questionnaire.id,
            version=questionnaire.version,
            status="completed" if complete else "stopped",
            started_at=at,
            completed_at=at + timedelta(minutes=4) if complete else None,
            total=sum(values) if complete else None,
            answers=[],
        )
        for item, value in enumerate(values, start=1):
            response.answers.append(self._answer(session, conversation, item, value, at + timedelta(seconds=15 * item)))
        session.add(response)

    @staticmethod
    def _answer(
        session: Session, conversation: Conversation, item: int, value: int, at: datetime
    ) -> QuestionnaireAnswer:
        message = store_incoming(
            session, conversation=conversation, text=str(value), client_message_id=None, verdict={}
        )
        message.at = message.answered_at = at
        return QuestionnaireAnswer(item=item, value=value, message_id=message.id, at=at)
