"""Joining as people really answer: politely, at length, about something else, not now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from clinic.joining.texts import JoiningTexts, Question
from tests.clinic.joining.conftest import BORN_ON, Joiner

TEXTS = JoiningTexts.load()
ASKS = "How may messages reach you"
LATER = TEXTS.later.text


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("consent", "yeah go on", "yes"),
        ("consent", "Yes please, ok", "yes"),
        ("consent", "nah no thanks", "no"),
        ("consent", "ok then thanks", "yes"),
        ("consent", "thanks", None),
        ("consent", "yes no", None),
        ("consent", "no idea", None),
        ("consent", "yes but who reads it", None),
        ("channel", "text pls", "sms"),
        ("channel", "by text please mate", "sms"),
        ("channel", "id prefer the chat", "web"),
        ("channel", "I would like to", None),
        ("hours", "mornings please", "9-12"),
        ("hours", "in the evening would be best", None),
        ("hours", "not in the morning", None),
        ("shared", "just me", "no"),
        ("topics", "yes please thanks", "yes"),
    ],
)
def test_answers_are_read_with_what_stands_around_them(question: str, text: str, value: str | None) -> None:
    asked: Question = getattr(TEXTS, question)
    assert TEXTS.read(asked, text) == value


async def test_joining_asks_again_twice_and_then_waits_for_the_person(join: Callable[..., Awaitable[Joiner]]) -> None:
    joiner = await join()
    await joiner.says(BORN_ON, "I agree")
    said = [" ".join(await joiner.say(f"something else {turn}")) for turn in range(5)]
    assert [ASKS in one for one in said] == [True, True, False, False, False]
    assert [LATER in one for one in said] == [False, False, True, False, False]
    # "2" is no answer to a question that nobody has just asked.
    assert joiner.step == "channel" and ASKS not in await joiner.says("2")
    assert ASKS in await joiner.says("join") and joiner.step == "channel"
    assert "May they go to" in await joiner.says("text pls")


@pytest.mark.parametrize("said_before", [(), (BORN_ON,), (BORN_ON, "I agree")])
async def test_joining_can_be_left_for_later(
    join: Callable[..., Awaitable[Joiner]], said_before: tuple[str, ...]
) -> None:
    joiner = await join()
    await joiner.says(*said_before)
    step = joiner.step
    assert LATER in await joiner.says("not now")
    assert LATER not in await joiner.says("something else") and joiner.step == step
    assert joiner.patient.joined_at is None or said_before
    assert await joiner.says("JOIN") != "" and joiner.step == step


async def test_joining_takes_a_whole_date_whenever_it_comes(join: Callable[..., Awaitable[Joiner]]) -> None:
    joiner = await join()
    for turn in range(4):
        await joiner.say(f"something else {turn}")
    assert "that matches" in await joiner.says(BORN_ON)


async def test_joining_again_after_withdrawing_greets_without_a_match(join: Callable[..., Awaitable[Joiner]]) -> None:
    joiner = await join()
    await joiner.says(BORN_ON, "I agree", "no messages at all", "only me", "skip", "withdraw my consent")
    said = "\n".join(await joiner.say("change my settings"))
    assert said.startswith("Hello Ines. I am Interlude") and "that matches" not in said
