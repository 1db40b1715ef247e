"""What is said by itself: each point of NICE NG222 1.4.4, before, in and after therapy; and all that keeps it silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from clinic.clock import now
from clinic.content.topics import Topics
from clinic.content.yaml_files import DataFileError
from clinic.conversations.models import Conversation, Message
from clinic.conversations.replies import Reply
from clinic.conversations.service import open_conversation, store_incoming, store_replies
from clinic.courses.models import Course, CourseBreak, TherapySession
from clinic.escalations.models import Escalation
from clinic.journey.job import say_what_is_due
from clinic.journey.messages import JOURNEY, JourneyTexts
from clinic.journey.models import JourneyMessage
from clinic.patients.models import Patient
from clinic.patients.service import NewPatient, add_patient, record_consent
from tests.clinic.conftest import Clinic

# A Monday at noon, in winter: the clinic's clock shows the same.
JOINED = datetime(2026, 11, 2, 12, tzinfo=UTC)


@dataclass
class Person:
    """Somebody who has joined, and what they have been told."""

    clinic: Clinic
    id: str
    conversation_id: str

    def said(self) -> list[Message]:
        with self.clinic.services.database.read() as session:
            found = select(Message).join(JourneyMessage, JourneyMessage.message_id == Message.id)
            return list(session.scalars(found.where(JourneyMessage.patient_id == self.id).order_by(Message.id)))

    def occasions(self) -> list[str]:
        with self.clinic.services.database.read() as session:
            found = select(JourneyMessage.occasion).where(JourneyMessage.patient_id == self.id)
            return list(session.scalars(found.order_by(JourneyMessage.id)))

    def live(self, days: float, *, every_hours: float = 24, start: datetime = JOINED) -> list[str]:
        """Lets so many days go by, looking now and then. Returns the occasions since the beginning."""
        moment = start
        while moment <= start + timedelta(days=days):
            with time_machine.travel(moment, tick=False):
                say_what_is_due(self.clinic.services)
            moment += timedelta(hours=every_hours)
        return self.occasions()

    def change(self, **values: Any) -> None:
        with self.clinic.services.database.write() as session:
            patient = session.get_one(Patient, self.id)
            for name, value in values.items():
                setattr(patient, name, value)

    def course(
        self, *, first: datetime, number: int = 16, breaks: tuple[tuple[date, date], ...] = (), **more: Any
    ) -> None:
        with self.clinic.services.database.write() as session:
            session.add(
                Course(
                    patient_id=self.id,
                    created_at=JOINED,
                    sessions=[
                        TherapySession(number=n + 1, starts_at=first + timedelta(weeks=n)) for n in range(number)
                    ],
                    breaks=[CourseBreak(from_on=begin, until_on=end) for begin, end in breaks],
                    **more,
                )
            )


@pytest.fixture
def person(clinic: Clinic) -> Person:
    with time_machine.travel(JOINED, tick=False), clinic.services.database.write() as session:
        patient = add_patient(session, NewPatient("Ines", phone="+447700900123"))
        patient.joined_at, patient.preferred_channel = now(), "web"
        session.flush()
        record_consent(session, patient, decision="given", version="1", channel="web")
        conversation, _ = open_conversation(session, channel="web")
        conversation.patient_id = patient.id
        return Person(clinic, patient.id, conversation.id)


def text_of(person: Person, occasion: str) -> str:
    with person.clinic.services.database.read() as session:
        return session.scalars(
            select(Message.text)
            .join(JourneyMessage, JourneyMessage.message_id == Message.id)
            .where(JourneyMessage.occasion == occasion, JourneyMessage.patient_id == person.id)
        ).one()


# NICE NG222 1.4.4, item by item


def test_waiting_tells_the_likely_wait_as_the_clinic_states_it(person: Person) -> None:
    assert person.live(1) == ["waiting:likely_wait"]
    said = text_of(person, "waiting:likely_wait")
    assert "Hello Ines" in said and person.clinic.services.facts.likely_wait in said


def test_waiting_tells_whom_to_ask_about_progress(person: Person) -> None:
    person.live(1)
    assert person.clinic.services.facts.progress in text_of(person, "waiting:likely_wait")


def test_waiting_tells_what_to_do_if_things_get_worse(person: Person) -> None:
    assert "waiting:getting_worse" in person.live(3)
    said = text_of(person, "waiting:getting_worse")
    assert "116 123" in said and "GP" in said and person.clinic.services.facts.progress in said


def test_waiting_keeps_in_touch_at_the_clinics_rhythm(person: Person) -> None:
    rhythm = person.clinic.services.facts.in_touch_every_days
    occasions = person.live(rhythm * 3)
    assert [one for one in occasions if one.startswith("in_touch")] == ["in_touch:1", "in_touch:2", "in_touch:3"]
    at = {message.at.date() for message in person.said()[3:]}
    assert at == {(JOINED + timedelta(days=rhythm * n)).date() for n in (1, 2, 3)}
    assert text_of(person, "in_touch:1") != text_of(person, "in_touch:2") and "116 123" in text_of(person, "in_touch:2")


def test_waiting_brings_the_leaflet_a_topic_a_week_if_wished(person: Person) -> None:
    person.change(wants_weekly_topic=True)
    topics = [one for one in person.live(30) if one.startswith("topic:")]
    order = person.clinic.services.planner.texts.topics.order
    assert topics == [f"topic:{topic}" for topic in order[: len(topics)]] and 3 <= len(topics) <= 5
    leaflet = [message for message in person.said() if message.kind == "leaflet"]
    assert leaflet[0].topic == order[0] and leaflet[0].details["source"]
    assert all(later.at - earlier.at >= timedelta(days=7) for earlier, later in pairwise(leaflet))


def test_waiting_brings_no_topics_if_not_wished(person: Person) -> None:
    assert not [one for one in person.live(30) if one.startswith("topic:")]


def test_waiting_tells_what_happens_at_the_first_appointment(person: Person) -> None:
    assert "waiting:first_appointment" in person.live(7)
    assert person.clinic.services.facts.first_appointment in text_of(person, "waiting:first_appointment")


# With a date, in therapy, and after it


def test_first_session_is_told_when_its_date_is_set_and_again_when_it_moves(person: Person) -> None:
    person.live(8)
    person.change(wants_weekly_topic=True)
    first = JOINED + timedelta(days=20, hours=2)
    person.course(first=first)
    later = person.live(11, start=JOINED + timedelta(days=9))
    told = [one for one in later if ":first:" in one]
    assert len(told) == 1 and "Sunday 22 November at 14:00" in text_of(person, told[0])
    assert "waiting:" not in "".join(later[3:]), "news of the list stops where it would contradict"
    before = [one.rpartition(":")[2] for one in later if ":before:" in one]
    assert before == [topic.topic for topic in person.clinic.services.planner.texts.first_session.topics]


def test_first_session_that_moves_is_told_anew(person: Person) -> None:
    first = JOINED + timedelta(days=20)
    person.course(first=first)
    person.live(2)
    with person.clinic.services.database.write() as session:
        session.scalars(select(TherapySession).where(TherapySession.number == 1)).one().starts_at += timedelta(days=1)
    assert len([one for one in person.live(2, start=JOINED + timedelta(days=3)) if ":first:" in one]) == 2


def test_therapy_says_what_the_leaflet_says_at_each_stage_by_session_number(person: Person) -> None:
    person.change(status="in_therapy", wants_weekly_topic=True)
    person.course(first=JOINED + timedelta(hours=1))
    person.live(16 * 7)
    texts = person.clinic.services.planner.texts
    by_session = {message.topic: message.at for message in person.said() if message.kind == "leaflet"}
    assert list(by_session) == [after.topic for after in texts.sessions]
    for after in texts.sessions:
        held = JOINED + timedelta(weeks=after.after_session - 1)
        assert by_session[after.topic].date() == (held + timedelta(days=1)).date()
    assert {after.stage for after in texts.sessions} == {"starting", "focus", "ending"}


@pytest.mark.parametrize("status", ["cancelled", "missed"])
def test_therapy_says_nothing_after_a_session_that_was_not_held(person: Person, status: str) -> None:
    person.change(status="in_therapy", wants_weekly_topic=True)
    person.course(first=JOINED + timedelta(hours=1), number=1)
    with person.clinic.services.database.write() as session:
        session.scalars(select(TherapySession)).one().status = status
    assert [one for one in person.live(5) if ":session:" in one] == []


def test_break_is_told_before_and_nothing_is_said_in_it(person: Person) -> None:
    begin, end = date(2026, 11, 23), date(2026, 12, 6)
    person.change(status="in_therapy", wants_weekly_topic=True)
    person.course(first=JOINED + timedelta(hours=1), breaks=((begin, end),))
    occasions = person.live(40)
    (told,) = [one for one in occasions if one.endswith(f":break:{begin}")]
    assert "Monday 23 November to Sunday 6 December" in text_of(person, told)
    assert [one for one in occasions if one.endswith(":topic")], "breaks_are_hard of the leaflet"
    assert not [message for message in person.said() if begin <= message.at.date() <= end]


def test_after_therapy_says_goodbye_and_what_becomes_of_the_data(person: Person) -> None:
    person.change(status="finished")
    person.course(first=JOINED - timedelta(weeks=16), ended_at=JOINED)
    occasions = person.live(60)
    assert [one.rpartition(":")[2] for one in occasions] == ["goodbye", "data"]
    assert "erased" in person.said()[1].text and "withdraw my consent" in person.said()[0].text


# What keeps it silent


@pytest.mark.parametrize("hour", [0, 3, 7, 21, 23])
def test_journey_says_nothing_at_night(person: Person, hour: int) -> None:
    person.change(contact_from_hour=0, contact_until_hour=24)
    assert person.live(10, start=JOINED.replace(hour=hour) + timedelta(days=1)) == []


def test_journey_keeps_to_the_persons_own_hours_by_the_clinics_clock_in_summer(person: Person) -> None:
    person.change(contact_from_hour=17, contact_until_hour=19, joined_at=datetime(2027, 6, 1, 12, tzinfo=UTC))
    begin = datetime(2027, 6, 2, 0, tzinfo=UTC)
    person.live(2, every_hours=1, start=begin)
    assert [message.at.hour for message in person.said()] == [16], "17:00 in London is 16:00 UTC"


def test_journey_says_one_thing_a_day_at_most_and_never_twice(person: Person) -> None:
    person.change(wants_weekly_topic=True)
    occasions = person.live(60, every_hours=4)
    assert len(occasions) == len(set(occasions))
    days = [message.at.date() for message in person.said()]
    assert len(days) == len(set(days))


def test_journey_of_two_processes_at_once_is_said_once(person: Person) -> None:
    with time_machine.travel(JOINED + timedelta(days=1), tick=False):
        with person.clinic.services.database.write() as session:
            session.add(
                JourneyMessage(patient_id=person.id, occasion="waiting:likely_wait", sent_at=now() - timedelta(days=1))
            )
        say_what_is_due(person.clinic.services)
        say_what_is_due(person.clinic.services)
    assert person.said() == []


@pytest.mark.parametrize("decision", ["refused", "withdrawn"])
def test_journey_says_nothing_without_consent(person: Person, decision: Any) -> None:
    with person.clinic.services.database.write() as session:
        record_consent(session, session.get_one(Patient, person.id), decision=decision, version="1", channel="web")
    assert person.live(10) == []


def test_journey_says_nothing_to_whom_wants_no_messages(person: Person) -> None:
    person.change(preferred_channel="none")
    assert person.live(10) == []


def test_journey_is_silent_while_staff_are_in_the_conversation(person: Person) -> None:
    with person.clinic.services.database.write() as session:
        session.get_one(Conversation, person.conversation_id).assignee_name = "Sam Lee"
    assert person.live(10) == []


def test_journey_is_silent_after_a_crisis_and_while_an_escalation_is_open(person: Person) -> None:
    services = person.clinic.services
    with time_machine.travel(JOINED + timedelta(days=1), tick=False), services.database.write() as session:
        conversation = session.get_one(Conversation, person.conversation_id)
        message = store_incoming(
            session, conversation=conversation, text="x", client_message_id="1", verdict={"flagged": True}
        )
        opened = services.escalations.open(session, message=message, reasons=["self_harm"], respond="today")
        store_replies(
            session,
            conversation_id=conversation.id,
            replies=[Reply(kind="crisis", text="Call 116 123.")],
            in_reply_to=message,
        )
        opened_id = opened.id
    assert person.live(10) == []
    with services.database.write() as session:
        session.get_one(Escalation, opened_id).status = "closed"
    assert person.live(0, start=JOINED + timedelta(days=11)) == ["waiting:likely_wait"]


def test_journey_does_not_make_up_for_sessions_long_past(person: Person) -> None:
    person.change(status="in_therapy", wants_weekly_topic=True)
    person.course(first=JOINED + timedelta(hours=1), number=3)
    assert person.live(20, start=JOINED + timedelta(days=40)) == []


def test_journey_texts_that_name_no_topic_are_refused(tmp_path: Any) -> None:
    wrong = tmp_path / "messages.yml"
    wrong.write_text(JOURNEY.read_text().replace("what_is_dit", "what_is_dot"))
    with pytest.raises(DataFileError, match="what_is_dot"):
        JourneyTexts.load(Topics.load(), wrong)
