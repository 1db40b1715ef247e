"""Reminders: the day before at the chosen hour, once again, never at night, in a break, twice, or to who said no."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from clinic.channels.sms.contacts import number_index
from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.courses.models import Course, SessionReminder, TherapySession
from clinic.courses.reminders import reminder_due
from clinic.courses.reminding import remind
from clinic.escalations.models import Escalation
from clinic.outbox.models import OutboxItem
from clinic.patients.contact import ContactHours, may_be_contacted
from clinic.patients.models import Consent, ContactPoint, Patient
from clinic.questionnaires.models import QuestionnaireResponse
from tests.clinic.conftest import Clinic
from tests.clinic.courses.conftest import LONDON, CourseMaker, london


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(london(2026, 11, 20, 12), tick=False) as traveller:
        yield traveller


@pytest.fixture
def maker(clock: time_machine.Traveller, clinic: Clinic) -> CourseMaker:
    # After the clock: what is made is made in the test's own time.
    return CourseMaker(clinic.services.database)


def watch(
    clinic: Clinic, clock: time_machine.Traveller, start: datetime, end: datetime, *, every: int = 30
) -> list[tuple[str, str]]:
    """Lets the job look every few minutes, twice each time; returns what was sent, with London's time."""
    sent: list[tuple[str, str]] = []
    moment = start
    while moment <= end:
        clock.move_to(moment)
        before = len(reminders(clinic))
        remind(clinic.services)
        remind(clinic.services)
        for reminder in reminders(clinic)[before:]:
            sent.append((reminder.what, f"{reminder.sent_at.astimezone(LONDON):%a %H:%M}"))
        # Minutes of real time, not of the wall clock.
        moment = datetime.fromtimestamp(moment.timestamp() + every * 60, tz=LONDON)
    return sent


def reminders(clinic: Clinic) -> list[SessionReminder]:
    with clinic.services.database.read() as session:
        return list(session.scalars(select(SessionReminder).order_by(SessionReminder.id)))


def said(clinic: Clinic, patient_id: str) -> list[Message]:
    with clinic.services.database.read() as session:
        return list(
            session.scalars(
                select(Message)
                .join(Conversation, Conversation.id == Message.conversation_id)
                .where(Conversation.patient_id == patient_id)
                .order_by(Message.id)
            )
        )


@pytest.mark.parametrize(
    ("chosen", "at", "expected"),
    [
        (None, time(14), [("first", "Tue 18:00"), ("again", "Wed 09:00")]),
        (11, time(14), [("first", "Tue 11:00"), ("again", "Wed 09:00")]),
        # Early: no morning is left, so the second one comes the evening before, or not at all.
        (11, time(9), [("first", "Tue 11:00"), ("again", "Tue 19:00")]),
        (18, time(9), [("first", "Tue 18:00")]),
        # Chosen at night: the nearest hour that is not.
        (23, time(14), [("first", "Tue 19:00"), ("again", "Wed 09:00")]),
        (3, time(14), [("first", "Tue 09:00"), ("again", "Wed 09:00")]),
    ],
)
def test_reminders_come_the_day_before_and_once_again(
    clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker, chosen: int | None, at: time, expected: object
) -> None:
    patient = maker.patient(reminder_hour=chosen)
    maker.course(patient, date(2026, 11, 25), at, sessions=1)
    assert watch(clinic, clock, london(2026, 11, 23, 0), london(2026, 11, 26, 0)) == expected


def test_reminders_say_when_and_open_the_questionnaire(
    clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker
) -> None:
    patient = maker.patient()
    maker.course(patient, date(2026, 11, 25), sessions=1)
    clock.move_to(london(2026, 11, 24, 18))
    (conversation_id,) = remind(clinic.services)
    (message,) = said(clinic, patient)
    assert message.conversation_id == conversation_id
    assert (message.kind, message.details["questionnaire"]) == ("questionnaire", "phq-9")
    assert message.details["quick_replies"] == [{"label": "Fill it in now", "text": "fill in the PHQ-9"}]
    # What a locked phone shows.
    assert message.text.splitlines()[0] == "Hello, a reminder for Wednesday 25 November at 10:00."
    assert reminders(clinic)[0].message_id == message.id


def test_reminders_by_sms_go_into_the_outbox_with_a_reference_only(
    clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker
) -> None:
    patient = maker.patient(channel="sms", chat=False)
    with clinic.services.database.write() as session:
        point = ContactPoint(patient_id=patient, system="phone", value="+447700900123", added_at=now())
        point.value_index, point.verified_at = number_index(point.value), now()
        session.add(point)
    maker.course(patient, date(2026, 11, 25), sessions=1)
    clock.move_to(london(2026, 11, 24, 18))
    assert len(remind(clinic.services)) == 1
    (message,) = said(clinic, patient)
    with clinic.services.database.read() as session:
        (item,) = session.scalars(select(OutboxItem).where(OutboxItem.channel == "sms"))
    assert item.payload == {"message_id": message.id}


@pytest.mark.parametrize(
    ("change_day", "session_day"), [(date(2026, 10, 25), date(2026, 10, 26)), (date(2027, 3, 28), date(2027, 3, 29))]
)
def test_reminders_keep_the_hour_when_clocks_change(
    clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker, change_day: date, session_day: date
) -> None:
    clock.move_to(datetime.combine(change_day - timedelta(days=9), time(12), tzinfo=LONDON))
    maker.course(maker.patient(reminder_hour=17), session_day - timedelta(weeks=1), time(14), sessions=2)
    start = datetime.combine(change_day - timedelta(days=1), time(0), tzinfo=LONDON)
    sent = watch(clinic, clock, start, start + timedelta(days=3))
    assert sent == [("first", "Sun 17:00"), ("again", "Mon 09:00")]


def test_reminders_missed_while_nothing_ran_go_out_late_but_not_at_night(
    clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker
) -> None:
    maker.course(maker.patient(), date(2026, 11, 25), time(14), sessions=1)
    assert watch(clinic, clock, london(2026, 11, 24, 21, 30), london(2026, 11, 26, 0)) == [
        ("first", "Wed 09:00"),
        ("again", "Wed 12:00"),
    ]


def test_reminders_missed_for_too_long_are_left_out(
    clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker
) -> None:
    maker.course(maker.patient(), date(2026, 11, 25), time(14), sessions=1)
    assert watch(clinic, clock, london(2026, 11, 25, 13, 45), london(2026, 11, 26, 0), every=5) == []


def test_reminders_are_sent_once_when_two_processes_look_at_once(
    clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker
) -> None:
    patients = [maker.patient(channel="sms") for _ in range(4)]
    for patient in patients:
        maker.course(patient, date(2026, 11, 25), sessions=1)
    clock.move_to(london(2026, 11, 24, 18))
    threads = [threading.Thread(target=remind, args=(clinic.services,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(said(clinic, patient)) for patient in patients] == [1, 1, 1, 1]


def fill_in(clinic: Clinic, patient_id: str, *questionnaires: str) -> None:
    with clinic.services.database.write() as session:
        found = session.scalars(select(TherapySession).join(Course).where(Course.patient_id == patient_id)).first()
        conversation = session.scalars(select(Conversation).where(Conversation.patient_id == patient_id)).first()
        assert found is not None and conversation is not None
        for questionnaire in questionnaires:
            response = QuestionnaireResponse(
                conversation_id=conversation.id,
                patient_id=patient_id,
                session_id=found.id,
                questionnaire=questionnaire,
                version="1",
                status="completed",
                started_at=now(),
                completed_at=now(),
                answers=[],
            )
            session.add(response)


def test_reminders_end_when_the_questionnaires_are_filled_in(
    clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker
) -> None:
    patient = maker.patient()
    maker.course(patient, date(2026, 11, 25), time(14), sessions=1)
    clock.move_to(london(2026, 11, 24, 18))
    remind(clinic.services)
    fill_in(clinic, patient, "phq-9")
    clock.move_to(london(2026, 11, 25, 9))
    remind(clinic.services)
    assert said(clinic, patient)[-1].details["quick_replies"][0]["text"] == "fill in the GAD-7"
    assert len(reminders(clinic)) == 2


def test_reminders_do_not_come_when_all_was_filled_in_before(
    clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker
) -> None:
    patient = maker.patient()
    maker.course(patient, date(2026, 11, 25), sessions=1)
    fill_in(clinic, patient, "phq-9", "gad-7")
    assert watch(clinic, clock, london(2026, 11, 24, 0), london(2026, 11, 26, 0)) == []


def test_reminders_come_anew_for_a_session_that_was_moved(
    clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker
) -> None:
    course_id = maker.course(maker.patient(), date(2026, 11, 25), time(14), sessions=1)
    clock.move_to(london(2026, 11, 24, 18))
    remind(clinic.services)
    with maker.database.write() as session:
        found = session.get_one(Course, course_id).sessions[0]
        maker.courses.move(session, found, day=date(2026, 11, 27), clock=time(14), by="sam")
    assert watch(clinic, clock, london(2026, 11, 25, 0), london(2026, 11, 28, 0)) == [
        ("first", "Thu 18:00"),
        ("again", "Fri 09:00"),
    ]


def cancelled(maker, session, course):
    maker.courses.mark(session, course.sessions[0], "cancelled", by="sam")


def course_ended(maker, session, course):
    maker.courses.end(session, course, by="sam")


def consent_withdrawn(maker, session, course):
    session.add(Consent(patient_id=course.patient_id, version="1", decision="withdrawn", channel="web", at=now()))


def no_channel(maker, session, course):
    session.get_one(Patient, course.patient_id).preferred_channel = "none"


def no_chat_opened(maker, session, course):
    session.scalars(select(Conversation)).one().patient_id = None


def staff_are_writing(maker, session, course):
    session.scalars(select(Conversation)).one().assignee_name = "Sam Lee"


def crisis_text_just_said(maker, session, course):
    conversation = session.scalars(select(Conversation)).one()
    for moment in (london(2026, 11, 24, 12), london(2026, 11, 25, 9)):
        session.add(
            Message(
                conversation_id=conversation.id,
                at=moment,
                direction="outgoing",
                sender="assistant",
                kind="crisis",
                text="Call 999.",
                details={},
            )
        )


def a_worry_is_open(maker, session, course):
    conversation = session.scalars(select(Conversation)).one()
    message = Message(
        conversation_id=conversation.id,
        at=now(),
        direction="incoming",
        sender="patient",
        kind="text",
        text="x",
        details={},
    )
    session.add(message)
    session.flush()
    session.add(
        Escalation(
            conversation_id=conversation.id,
            message_id=message.id,
            created_at=now(),
            respond="today",
            reasons=["self_harm"],
        )
    )


SILENT = [
    cancelled, course_ended, consent_withdrawn, no_channel, no_chat_opened, staff_are_writing, crisis_text_just_said,
    a_worry_is_open,
]  # fmt: skip


@pytest.mark.parametrize("change", SILENT, ids=[change.__name__ for change in SILENT])
def test_reminders_never_come_when(clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker, change) -> None:
    course_id = maker.course(maker.patient(), date(2026, 11, 25), time(14), sessions=1)
    with maker.database.write() as session:
        change(maker, session, session.get_one(Course, course_id))
    assert watch(clinic, clock, london(2026, 11, 24, 0), london(2026, 11, 26, 0)) == []


def test_reminders_never_come_without_consent(
    clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker
) -> None:
    maker.course(maker.patient(consent=None), date(2026, 11, 25), time(14), sessions=1)
    assert watch(clinic, clock, london(2026, 11, 24, 0), london(2026, 11, 26, 0)) == []


def test_reminders_never_come_in_a_break(clinic: Clinic, clock: time_machine.Traveller, maker: CourseMaker) -> None:
    course_id = maker.course(maker.patient(), date(2026, 11, 25), time(14), sessions=2)
    with maker.database.write() as session:
        course = session.get_one(Course, course_id)
        maker.courses.add_break(session, course, from_on=date(2026, 11, 24), until_on=date(2026, 12, 8), by="sam")
    # The session has moved to 9 December; the day before belongs to the break, so only the day itself is left.
    assert watch(clinic, clock, london(2026, 11, 23, 0), london(2026, 12, 10, 0), every=60) == [
        ("first", "Wed 09:00"),
        ("again", "Wed 12:00"),
    ]


@given(
    starts_at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda d: d.replace(tzinfo=LONDON)),  # noqa: DTZ001
    minutes_before=st.integers(-600, 5000),
    hour=st.integers(-5, 30),
    from_hour=st.integers(0, 23),
    until_hour=st.integers(0, 24),
    sent=st.dictionaries(st.sampled_from(["first", "again"]), st.integers(0, 3000), max_size=2),
)
def test_reminders_never_at_night_never_late_never_a_third(
    starts_at: datetime, minutes_before: int, hour: int, from_hour: int, until_hour: int, sent: dict[str, int]
) -> None:
    moment = datetime.fromtimestamp(starts_at.timestamp() - minutes_before * 60, tz=LONDON)
    hours = ContactHours.of(Patient(contact_from_hour=from_hour, contact_until_hour=until_hour))
    before = {what: moment - timedelta(minutes=ago) for what, ago in sent.items()}
    what = reminder_due(starts_at, sent=before, moment=moment, hour=hour, hours=hours, zone=LONDON)
    if what is None:
        return
    assert what not in before
    assert 8 <= moment.hour < 21
    assert hours.from_hour <= moment.hour < hours.until_hour
    assert minutes_before >= 30
    assert (starts_at.date() - moment.date()).days <= 1
    if what == "again":
        assert moment.timestamp() - before["first"].timestamp() >= 3 * 3600


@pytest.mark.parametrize(
    ("chosen", "usable"), [((9, 20), (9, 20)), ((0, 24), (8, 21)), ((20, 9), (9, 20)), ((22, 24), (9, 20))]
)
def test_contact_hours_are_never_at_night(chosen: tuple[int, int], usable: tuple[int, int]) -> None:
    hours = ContactHours.of(Patient(contact_from_hour=chosen[0], contact_until_hour=chosen[1]))
    assert (hours.from_hour, hours.until_hour) == usable


def test_contact_the_newest_consent_counts(clinic: Clinic, maker: CourseMaker) -> None:
    patient_id = maker.patient(consent="withdrawn")
    with maker.database.write() as session:
        patient = session.get_one(Patient, patient_id)
        assert not may_be_contacted(session, patient)
        session.add(Consent(patient_id=patient_id, version="1", decision="given", channel="web", at=now()))
        session.flush()
        assert may_be_contacted(session, patient)
