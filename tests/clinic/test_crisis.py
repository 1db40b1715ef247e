"""The crisis texts as they are put together: numbers always, the truth about who was told, no second interrogation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from clinic.clock import now
from clinic.crisis.contacts import Contacts
from clinic.crisis.texts import CrisisTexts
from risk.verdict import CATEGORIES
from tests.clinic.conftest import Clinic

TEXTS = CrisisTexts.load(Contacts.load())
NUMBERS = ("999", "111", "116 123", "85258")


@pytest.mark.parametrize("respond", ["now", "today", "next_working_day"])
@pytest.mark.parametrize("category", [*CATEGORIES, ""])
def test_crisis_text_holds_the_numbers_on_lines_of_their_own(respond: str, category: str) -> None:
    for reply in (
        TEXTS.first(respond=respond, categories=[category], told="sent"),  # type: ignore[arg-type]
        TEXTS.again(categories=[category], told="sent"),
        TEXTS.item9(told="sent_answer"),
    ):
        lines = reply.text.splitlines()
        assert reply.kind == "crisis"
        assert all(any(number in line and len(line) < 70 for line in lines) for number in NUMBERS)


def test_crisis_question_is_asked_once_and_not_when_the_matter_is_remote() -> None:
    assert "Are you safe" in TEXTS.first(respond="now", categories=[], told="sent").text
    assert "Are you safe" in TEXTS.first(respond="today", categories=[], told="sent").text
    assert "Are you safe" not in TEXTS.first(respond="next_working_day", categories=[], told="sent").text
    assert "Are you safe" not in TEXTS.again(categories=[], told="sent").text


@pytest.mark.parametrize(
    ("said", "asked", "answer"),
    [
        ("I am safe right now", False, "safe"),
        ("i am not safe right now.", False, "not_safe"),
        ("no", True, "not_safe"),
        ("No, I\u2019m not", True, None),
        ("no im not", True, "not_safe"),
        ("NO!", True, "not_safe"),
        ("yes", True, "safe"),
        ("dunno", True, "not_sure"),
        ("no", False, None),
        ("yes", False, None),
        ("That\u2019s not what I meant", True, "misread"),
        ("what is dit", True, None),
    ],
)
def test_crisis_answer_to_the_safety_question(said: str, asked: bool, answer: str | None) -> None:
    assert TEXTS.read_safety_answer(said, is_asked=asked) == answer


async def test_crisis_text_says_so_when_nobody_can_be_told(clinic: Clinic) -> None:
    chat = await clinic.chat()
    clinic.rasa.answer_with = lambda body: (_ for _ in ()).throw(ValueError())  # type: ignore[misc]
    (told,) = await chat.say("i want to die")
    assert "I have passed your message" in told["text"]
    with time_machine.travel(now() + timedelta(minutes=5), tick=True):
        (silent,) = await (await clinic.chat()).say("i want to die")
    assert "could not pass this on" in silent["text"] and "116 123" in silent["text"]


@pytest.mark.parametrize(
    ("hour", "said"),
    [(10, "Nobody has read it yet"), (19, "It is closed until Tuesday 24 November at 09:00")],
)
async def test_crisis_text_says_when_somebody_is_there(clinic: Clinic, hour: int, said: str) -> None:
    clinic.services.crisis._hours = clinic.services.escalations.policy.hours(ZoneInfo("Europe/London"))
    clinic.rasa.answer_with = lambda body: (_ for _ in ()).throw(ValueError())  # type: ignore[misc]
    with time_machine.travel(datetime(2026, 11, 23, hour, tzinfo=UTC), tick=True):
        clinic.services.relay.run_once()
        (told,) = await (await clinic.chat()).say("i want to die")
    assert said in told["text"] and "116 123" in told["text"]


async def test_crisis_text_says_what_was_read_and_what_was_not(clinic: Clinic) -> None:
    clinic.rasa.answer_with = lambda body: (_ for _ in ()).throw(ValueError())  # type: ignore[misc]
    chat = await clinic.chat()
    await chat.say("i want to die")
    (first,) = clinic.escalations(chat.id)
    await clinic.client.post(f"/api/staff/escalations/{first.id}/acknowledge", headers=clinic.staff)
    (second,) = await chat.say("i still want to die")
    assert "has read an earlier message of yours. Nobody has read this one" in second["text"]


async def test_crisis_another_day_is_answered_in_full_again(clinic: Clinic) -> None:
    clinic.rasa.answer_with = lambda body: (_ for _ in ()).throw(ValueError())  # type: ignore[misc]
    chat = await clinic.chat()
    (first,) = await chat.say("i want to die")
    with time_machine.travel(now() + timedelta(hours=25), tick=True):
        clinic.services.relay.run_once()
        (later,) = await chat.say("i want to die")
    assert later["text"] == first["text"] and "Are you safe right now?" in later["text"]


async def test_crisis_second_risky_message_is_answered_shorter(clinic: Clinic) -> None:
    chat = await clinic.chat()
    clinic.rasa.answer_with = lambda body: (_ for _ in ()).throw(ValueError())  # type: ignore[misc]
    first, second = (await chat.say("i want to die"))[0], (await chat.say("i really want to die"))[0]
    assert len(second["text"]) < len(first["text"]) and "116 123" in second["text"]
    assert len(clinic.escalations(chat.id)) == 2
