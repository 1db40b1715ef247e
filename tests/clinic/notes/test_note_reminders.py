"""Notes come back before the session: once, in the hours allowed, without the words on a phone that others see."""

from __future__ import annotations

from datetime import date, time

import pytest
import time_machine
from sqlalchemy import select

from clinic.channels.sms.contacts import number_index
from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.conversations.service import store_replies
from clinic.notes.reminding import remind_of_notes
from clinic.outbox.models import OutboxItem
from clinic.patients.models import ContactPoint
from clinic.services import Services
from tests.clinic.courses.conftest import CourseMaker, london
from tests.clinic.notes.conftest import Person

FIRST_ON = date(2026, 11, 24)


def patient_with_note(services: Services, maker: CourseMaker, **more: object) -> tuple[str, Person]:
    with time_machine.travel(london(2026, 11, 20, 12), tick=False):
        patient_id = maker.patient(chat=False, **more)
        person = Person.begin(services, patient_id=patient_id, channel=str(more.get("channel", "web")))
        person.act("add", "note: ask about the dream")
        maker.course(patient_id, FIRST_ON, time(10))
    return patient_id, person


def reminders(services: Services, person: Person) -> list[str]:
    with services.database.read() as session:
        found = session.scalars(
            select(Message.text).where(
                Message.conversation_id == person.conversation_id,
                Message.text.is_not(None),
                Message.sender != "patient",
            )
        ).all()
    return [text for text in found if text.startswith("Hello, a reminder")]


def at(moment: object, services: Services) -> list[str]:
    with time_machine.travel(moment, tick=False):
        return remind_of_notes(services)


async def test_note_reminder_comes_once_on_the_morning(services: Services, maker: CourseMaker) -> None:
    _, person = patient_with_note(services, maker)
    assert at(london(2026, 11, 24, 8, 59), services) == []
    assert at(london(2026, 11, 24, 9), services) == [person.conversation_id]
    assert at(london(2026, 11, 24, 9, 1), services) == []
    (text,) = reminders(services, person)
    assert text.splitlines()[0] == "Hello, a reminder for Tuesday 24 November at 10:00."
    assert "1. ask about the dream" in text
    # It is kept, and comes again before the next session.
    assert at(london(2026, 12, 1, 9), services) == [person.conversation_id]


async def test_note_reminder_for_an_early_session_comes_the_evening_before(
    services: Services, maker: CourseMaker
) -> None:
    _, person = patient_with_note(services, maker, contact_from_hour=10)
    assert at(london(2026, 11, 23, 18, 59), services) == []
    assert at(london(2026, 11, 23, 19), services) == [person.conversation_id]


@pytest.mark.parametrize(("is_shared", "has_words"), [(True, False), (None, False), (False, True)])
async def test_note_reminder_by_text_message_keeps_words_off_a_shared_phone(
    services: Services, maker: CourseMaker, is_shared: bool | None, has_words: bool
) -> None:
    patient_id, person = patient_with_note(services, maker, channel="sms", is_phone_shared=is_shared)
    with services.database.write() as session:
        point = ContactPoint(patient_id=patient_id, system="phone", value="+447700900123", added_at=now())
        point.value_index, point.verified_at = number_index(point.value), now()
        session.add(point)
    assert at(london(2026, 11, 24, 9), services) == [person.conversation_id]
    (text,) = reminders(services, person)
    assert ("dream" in text) is has_words and "dream" not in text.splitlines()[0]
    with services.database.read() as session:
        assert len(session.scalars(select(OutboxItem).where(OutboxItem.channel == "sms")).all()) == 1


@pytest.mark.parametrize("why", ["deleted", "no_consent", "staff", "crisis", "no_channel", "too_late"])
async def test_note_reminder_is_not_sent(services: Services, maker: CourseMaker, why: str) -> None:
    more = {"no_consent": {"consent": "withdrawn"}, "no_channel": {"channel": "none"}}.get(why, {})
    _, person = patient_with_note(services, maker, **more)
    with time_machine.travel(london(2026, 11, 24, 8), tick=False):
        if why == "deleted":
            person.act("manage", "delete 1")
        with services.database.write() as session:
            if why == "staff":
                session.get_one(Conversation, person.conversation_id).assignee_name = "Sam"
            if why == "crisis":
                crisis = services.crisis.texts.first(respond="now", categories=(), told="not_sent")
                store_replies(session, conversation_id=person.conversation_id, replies=[crisis])
    moment = london(2026, 11, 24, 9, 45) if why == "too_late" else london(2026, 11, 24, 9)
    assert at(moment, services) == []
