"""The way to a human proves itself; where it does not, the chat says that nobody is watching, with the numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from clinic.operations.watching import watch
from clinic.outbox.models import OutboxItem
from clinic.outbox.path import silent_parts
from clinic.outbox.relay import SendFailed
from risk import Verdict
from tests.clinic.conftest import Clinic

START = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture
def clock(clinic: Clinic) -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as moved:
        clinic.services.relay.run_once()
        yield moved


def look(clinic: Clinic) -> list[str]:
    clinic.services.relay.run_once()
    said_in = watch(clinic.services)
    clinic.services.relay.run_once()
    return said_in


def silent(clinic: Clinic) -> list[str]:
    with clinic.services.database.read() as session:
        return silent_parts(session)


def items(clinic: Clinic, key: str) -> list[OutboxItem]:
    with clinic.services.database.read() as session:
        return [item for item in session.scalars(select(OutboxItem)) if item.payload.get(key)]


async def test_watching_all_is_well_says_nothing(clinic: Clinic, clock: Any) -> None:
    chat = await clinic.chat()
    assert len(chat.welcome) == 2
    await chat.say("hello")
    for _ in range(120):
        clock.shift(timedelta(minutes=1))
        assert look(clinic) == []
    assert silent(clinic) == []


async def test_watching_sends_a_test_alert_every_hour(clinic: Clinic, clock: Any) -> None:
    for _ in range(180):
        look(clinic)
        clock.shift(timedelta(minutes=1))
    sent = items(clinic, "test")
    assert len(sent) == 3 and all(item.sent_at is not None for item in sent)
    clinic.services.settings.test_alert_every_minutes = 0
    clock.shift(timedelta(hours=5))
    look(clinic)
    assert len(items(clinic, "test")) == 3


async def test_watching_a_lost_test_alert_is_silence(clinic: Clinic, clock: Any) -> None:
    class Away:
        def send(self, item: OutboxItem) -> None:
            raise SendFailed("away")

    chat = await clinic.chat()
    await chat.say("hello")
    clinic.services.relay._senders = {"alert:log": Away()}
    look(clinic)
    for _ in range(6):
        clock.shift(timedelta(minutes=1))
        clinic.services.relay.run_once()
    assert look(clinic) == [chat.id] and silent(clinic) == ["alerts"]
    last = clinic.stored(chat.id, "outgoing")[-1]
    assert "act as if nobody is watching" in last.text and "116 123" in last.text and last.kind == "service"
    clock.shift(timedelta(minutes=1))
    assert look(clinic) == [], "said once an hour"
    # Whoever comes now reads it at once; a crisis text says by itself that nobody could be told.
    newcomer = await clinic.chat()
    assert "nobody is watching" in newcomer.welcome[-1]["text"]
    clinic.rasa.answer_with = lambda body: (_ for _ in ()).throw(ValueError())  # type: ignore[misc]
    (crisis,) = await newcomer.say("i want to die")
    assert "could not pass this on" in crisis["text"]


async def test_watching_a_silent_relay_is_said_with_the_next_message(clinic: Clinic, clock: Any) -> None:
    chat = await clinic.chat()
    clock.shift(timedelta(minutes=2))
    said = await chat.say("hello")
    assert "nobody is watching" in said[0]["text"] and "116 123" in said[0]["text"] and len(said) == 2
    assert len(await chat.say("and again")) == 1


@pytest.mark.parametrize("fault", ["raises", "says that all is harmless"])
async def test_watching_a_detector_that_fails_its_test_is_told_and_said(clinic: Clinic, clock: Any, fault: str) -> None:
    def broken(text: str) -> Verdict:
        if fault == "raises":
            raise RuntimeError
        return Verdict(flagged=False)

    look(clinic)
    clinic.detector.screen_with = broken
    for _ in range(4):
        clock.shift(timedelta(minutes=1))
        look(clinic)
    assert silent(clinic) == ["detector"]
    (told,) = items(clinic, "trouble")
    assert told.payload == {"trouble": "detector_silent", "respond": "now"} and told.sent_at is not None
    assert "nobody is watching" in (await clinic.chat()).welcome[-1]["text"]
    clinic.detector.screen_with = lambda text: Verdict(flagged="die" in text, respond="now")
    clock.shift(timedelta(minutes=1))
    look(clinic)
    assert silent(clinic) == []


async def test_watching_contacts_that_will_be_due_are_told_before(clinic: Clinic, clock: Any) -> None:
    due = min(contact.review_on for contact in clinic.services.contacts.contacts)
    clock.move_to(datetime.combine(due, datetime.min.time(), UTC) - timedelta(days=40))
    look(clinic)
    assert items(clinic, "trouble") == []
    for _ in range(12):
        clock.shift(timedelta(days=1))
        look(clinic)
    (told,) = items(clinic, "trouble")
    assert told.payload["trouble"] == "contacts_due"
