"""Which session a questionnaire belongs to, and that one begun for a session that is over is not mixed into the next."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
import time_machine
from sqlalchemy import select

from clinic.conversations.models import Conversation
from clinic.conversations.service import store_incoming
from clinic.courses.due import due_every_session, session_due, still_due
from clinic.courses.models import Course
from clinic.questionnaires.models import QuestionnaireResponse
from tests.clinic.conftest import Clinic
from tests.clinic.courses.conftest import CourseMaker, london


@pytest.fixture
def maker(clinic: Clinic) -> CourseMaker:
    return CourseMaker(clinic.services.database)


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        (london(2026, 9, 1, 12), 1),
        (london(2026, 9, 7, 10, 55), 1),
        (london(2026, 9, 7, 11, 5), 2),
        (london(2026, 9, 14, 9), 2),
        # The third session follows a break: nothing is due until a week before.
        (london(2026, 9, 20, 12), None),
        (london(2026, 9, 29, 12), 3),
        (london(2026, 10, 5, 12), None),
        (london(2026, 8, 1, 12), None),
    ],
)
def test_due_session_at(clinic: Clinic, maker: CourseMaker, moment: datetime, number: int | None) -> None:
    with time_machine.travel(london(2026, 8, 1, 12), tick=False):
        patient = maker.patient()
        maker.course(patient, date(2026, 9, 7), time(10), sessions=3, breaks=[(date(2026, 9, 21), date(2026, 9, 30))])
    with maker.database.read() as session:
        found = session_due(session, patient, moment)
        assert (found.number if found is not None else None) == number


@time_machine.travel(london(2026, 9, 1, 12), tick=False)
def test_due_skips_a_cancelled_session(maker: CourseMaker) -> None:
    patient = maker.patient()
    course_id = maker.course(patient, date(2026, 9, 7), sessions=2)
    with maker.database.write() as session:
        maker.courses.mark(session, session.get_one(Course, course_id).sessions[0], "cancelled", by="sam")
    with maker.database.read() as session:
        assert session_due(session, patient, london(2026, 9, 1, 12)) is None
        assert session_due(session, patient, london(2026, 9, 8, 12)).number == 2


def test_due_questionnaires_follow_the_chain(clinic: Clinic) -> None:
    assert due_every_session(clinic.services.questionnaires.questionnaires) == ["phq-9", "gad-7"]


def begin(clinic: Clinic, conversation_id: str, request: str) -> QuestionnaireResponse:
    with clinic.services.database.write() as session:
        message = store_incoming(
            session,
            conversation=session.get_one(Conversation, conversation_id),
            text=request,
            client_message_id=None,
            verdict={},
        )
        position, _ = clinic.services.questionnaires.open(session, message=message, request=request)
        return position.response


def conversation_of(clinic: Clinic, patient: str) -> str:
    with clinic.services.database.read() as session:
        return session.scalars(select(Conversation.id).where(Conversation.patient_id == patient)).one()


def test_due_response_belongs_to_its_patient_and_session(clinic: Clinic, maker: CourseMaker) -> None:
    with time_machine.travel(london(2026, 9, 5, 12), tick=False):
        patient = maker.patient()
        course_id = maker.course(patient, date(2026, 9, 7), sessions=2)
        response = begin(clinic, conversation_of(clinic, patient), "fill in the PHQ-9")
    with maker.database.read() as session:
        first = session.get_one(Course, course_id).sessions[0]
        assert (response.patient_id, response.session_id) == (patient, first.id)
        assert still_due(session, first, clinic.services.questionnaires.questionnaires) == ["phq-9", "gad-7"]


def test_due_a_response_of_last_week_is_not_gone_on_with_for_the_next_session(
    clinic: Clinic, maker: CourseMaker
) -> None:
    with time_machine.travel(london(2026, 9, 5, 12), tick=False) as clock:
        patient = maker.patient()
        maker.course(patient, date(2026, 9, 7), sessions=2)
        chat = conversation_of(clinic, patient)
        first = begin(clinic, chat, "fill in the PHQ-9")
        clock.move_to(london(2026, 9, 7, 10, 30))
        assert begin(clinic, chat, "fill in the PHQ-9").id == first.id
        clock.move_to(london(2026, 9, 9, 12))
        second = begin(clinic, chat, "fill in the PHQ-9")
        assert (second.id != first.id, second.session_id != first.session_id) == (True, True)
        # And the new one is gone on with, not the old one.
        assert begin(clinic, chat, "fill in the PHQ-9").id == second.id


async def test_due_somebody_whom_the_clinic_does_not_know_fills_in_all_the_same(clinic: Clinic) -> None:
    chat = await clinic.chat()
    response = begin(clinic, chat.id, "fill in the PHQ-9")
    assert (response.patient_id, response.session_id) == (None, None)
