"""Figures of the service: what is counted, in which week, and what is too small to be shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from clinic.content.paths import QUESTIONNAIRES
from clinic.conversations.models import Message
from clinic.conversations.service import open_conversation
from clinic.courses.models import Course, TherapySession
from clinic.database import Database
from clinic.escalations.models import Escalation
from clinic.invitations.models import Invitation
from clinic.patients.models import Consent, Patient
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.models import QuestionnaireResponse
from clinic.service_figures.answering import answered
from clinic.service_figures.asking import Asked, most_asked
from clinic.service_figures.periods import Period
from clinic.service_figures.responding import flags, percentile, responding
from clinic.service_figures.small_numbers import guarded
from clinic.service_figures.waiting import by_week, invited, waiting

# A Monday; the period of 7 days begins on the Monday before.
MOMENT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
WEEK = Period(7, MOMENT, ZoneInfo("Europe/London"))
MONTH = Period(30, MOMENT, ZoneInfo("Europe/London"))


def minutes(*values: float) -> list[timedelta]:
    return [timedelta(minutes=value) for value in values]


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([4], 0.5, 4),
        ([4], 0.95, 4),
        ([9, 1, 5], 0.5, 5),
        ([1, 2, 3, 4], 0.5, 2),
        (list(range(1, 101)), 0.95, 95),
        (list(range(1, 20)), 0.95, 19),
    ],
)
def test_percentile_is_the_nearest_rank(values: list[int], share: float, expected: int | None) -> None:
    found = percentile(minutes(*values), share)
    assert found == (timedelta(minutes=expected) if expected is not None else None)


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, None), (4, None), (5, 5), (60, 60)])
def test_small_numbers_are_not_shown(count: int, shown: int | None) -> None:
    assert guarded(count) == shown


def test_period_begins_at_midnight_by_the_clinics_clock() -> None:
    # Five weeks back the clocks were an hour ahead.
    assert MONTH.since == datetime(2026, 10, 24, 0, 0, tzinfo=ZoneInfo("Europe/London"))
    assert MONTH.weeks[0] == date(2026, 10, 19) and MONTH.weeks[-1] == date(2026, 11, 23)
    assert WEEK.week_of(datetime(2026, 11, 22, 23, 59, tzinfo=UTC)) == date(2026, 11, 16)


@pytest.fixture
def clinic(database: Database) -> Any:
    with time_machine.travel(MOMENT, tick=False):
        yield database


def escalate(session: Any, *, days: float = 1, waited: float | None = None, **more: Any) -> Escalation:
    conversation, _ = open_conversation(session, channel="web")
    at = MOMENT - timedelta(days=days)
    message = Message(
        conversation_id=conversation.id, at=at, direction="incoming", sender="patient", kind="text", text="x"
    )
    session.add(message)
    session.flush()
    values: dict[str, Any] = {"respond": "today", "status": "new", "reasons": ["self_harm"], **more}
    if waited is not None:
        values["acknowledged_at"] = at + timedelta(minutes=waited)
        values["status"] = more.get("status", "acknowledged")
    found = Escalation(conversation_id=conversation.id, message_id=message.id, created_at=at, **values)
    session.add(found)
    session.flush()
    return found


def test_responding_by_how_soon_and_by_week(clinic: Database) -> None:
    with clinic.write() as session:
        for waited in (2, 4, 60):
            escalate(session, waited=waited, respond="now", status="closed")
        escalate(session, days=10, waited=600, respond="now")
        escalate(session, days=0.5)
        found = responding(session, WEEK)
    now, today = found.by_respond["now"], found.by_respond["today"]
    assert (now.count, now.waiting, now.median, now.p95) == (3, 0, *minutes(4, 60))
    assert (today.count, today.waiting, today.median) == (1, 1, None)
    # The last week is this Monday's.
    assert [waits.count for waits in found.by_week.values()] == [3, 1]


def test_responding_oldest_open_counts_whatever_the_period(clinic: Database) -> None:
    with clinic.write() as session:
        old = escalate(session, days=40)
        escalate(session, days=50, waited=3)
        # Seen, and opened again: it waits.
        again = escalate(session, days=2, waited=5, status="new", respond="now")
        found = responding(session, WEEK)
    assert found.oldest_open == {"today": old.created_at, "now": again.created_at}
    assert found.by_respond["now"].waiting == 1


def test_flags_and_what_they_came_to(clinic: Database) -> None:
    with clinic.write() as session:
        escalate(session, waited=1, status="closed", outcome="false_alarm")
        escalate(session, waited=1, status="closed", outcome="spoken_to", reasons=["self_harm", "severe_hopelessness"])
        escalate(session, reasons=["self_harm", "repeated"])
        escalate(session, reasons=["asked_for_a_person"])
        escalate(session, days=20)
        found = flags(session, WEEK)
    assert dict(found.by_category["self_harm"]) == {"false_alarm": 1, "spoken_to": 1, "open": 1}
    assert dict(found.by_category["severe_hopelessness"]) == {"spoken_to": 1}
    assert found.everything.total() == 3 and not found.is_cut


@pytest.fixture
def questionnaires() -> Questionnaires:
    return Questionnaires.load(QUESTIONNAIRES)


def person(session: Any, number: int, **more: Any) -> Patient:
    patient = Patient(id=f"p{number}", given_name="Made", **{"added_at": MOMENT - timedelta(days=9), **more})
    session.add(patient)
    session.flush()
    return patient


def test_answered_counts_what_was_due(clinic: Database, questionnaires: Questionnaires) -> None:
    with clinic.write() as session:
        conversation, _ = open_conversation(session, channel="web")
        held = []
        for number, (status, joined_at) in enumerate(
            [("attended", MOMENT), ("missed", MOMENT), ("cancelled", MOMENT), ("attended", None)]
        ):
            patient = person(session, number, joined_at=joined_at)
            course = Course(patient_id=patient.id, created_at=MOMENT)
            course.sessions.append(TherapySession(number=1, starts_at=MOMENT - timedelta(days=3), status=status))
            session.add(course)
            session.flush()
            held.append(course.sessions[0].id)
        for place, questionnaire, status in (
            (0, "phq-9", "completed"),
            (0, "phq-9", "stopped"),
            (0, "gad-7", "stopped"),
            (1, "gad-7", "completed"),
            (2, "phq-9", "completed"),
        ):
            session.add(
                QuestionnaireResponse(
                    conversation_id=conversation.id, session_id=held[place], questionnaire=questionnaire,
                    version="1", status=status, started_at=MOMENT,
                )
            )  # fmt: skip
        session.flush()
        found = answered(session, WEEK, questionnaires)[date(2026, 11, 16)]
    assert found.sessions == 2 and found.share == 0.5
    assert found.completed == {"phq-9": 1, "gad-7": 1} and found.unfinished == {"phq-9": 0, "gad-7": 1}


def test_answered_without_sessions_has_no_share(clinic: Database, questionnaires: Questionnaires) -> None:
    with clinic.read() as session:
        assert {one.share for one in answered(session, WEEK, questionnaires).values()} == {None}


def test_waiting_list_in_numbers(clinic: Database) -> None:
    with clinic.write() as session:
        for number in range(4):
            person(session, number, added_at=MOMENT - timedelta(days=number * 10))
        person(session, 9, status="in_therapy", joined_at=MOMENT - timedelta(days=1))
        session.add(Consent(patient_id="p3", version="1", decision="given", channel="web", at=MOMENT))
        for number, (way, days, reason) in enumerate(
            [("sms", 20, None), ("letter", -1, None), ("sms", 20, "used"), ("sms", 20, "locked")]
        ):
            session.add(
                Invitation(
                    patient_id=f"p{number}", code_index=str(number), way=way, created_by="sam",
                    created_at=MOMENT - timedelta(days=2), expires_at=MOMENT + timedelta(days=days), end_reason=reason,
                    ended_at=MOMENT if reason else None,
                )
            )  # fmt: skip
        session.flush()
        now, sent, weeks = waiting(session, MOMENT), invited(session, WEEK), by_week(session, WEEK)
    assert now.standing == {"not_invited": 2, "invited": 1, "joined": 1, "said_no": 0}
    assert (now.median, now.longest) == (timedelta(days=10), timedelta(days=30))
    assert dict(sent.by_way["sms"]) == {"open": 1, "used": 1, "locked": 1}
    assert dict(sent.by_way["letter"]) == {"expired": 1}
    assert [(week.added, week.invited, week.joined) for week in weeks.values()] == [(0, 4, 1), (1, 0, 0)]


def test_most_asked_leaves_out_what_nobody_asked_for(clinic: Database) -> None:
    def answer(conversation_id: str, topic: str, *, days: float = 1, is_asked: bool = True) -> None:
        at = MOMENT - timedelta(days=days)
        asked = Message(
            conversation_id=conversation_id, at=at, direction="incoming", sender="patient", kind="text", text="?"
        )
        session.add(asked)
        session.flush()
        session.add(
            Message(
                conversation_id=conversation_id, at=at, direction="outgoing", sender="assistant", kind="leaflet",
                text="An answer.", topic=topic, in_reply_to_id=asked.id if is_asked else None,
            )
        )  # fmt: skip

    with clinic.write() as session:
        one, other = (open_conversation(session, channel="web")[0].id for _ in range(2))
        for conversation_id in (one, one, other):
            answer(conversation_id, "therapist_silence")
        answer(one, "what_is_dit")
        answer(other, "what_is_dit", is_asked=False)
        answer(other, "what_is_dit", days=8)
        session.flush()
        found = most_asked(session, since=WEEK.since)
    assert found == [Asked("therapist_silence", 3, 2), Asked("what_is_dit", 1, 1)]
