"""The door: whatever fails, the person gets a safe reply and a human is told."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from clinic.conversations.replies import Reply
from clinic.conversations.schemas import MAX_CHARACTERS
from clinic.crisis.contacts import Contacts
from clinic.crisis.texts import CrisisTexts
from clinic.escalations.service import Escalations
from risk import Verdict
from tests.clinic.conftest import ANSWER, CRISIS, RISKY, Clinic

NUMBER = "116 123"


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    return [message["kind"] for message in messages]


def words(messages: list[dict[str, Any]]) -> str:
    return "\n".join(message["text"] for message in messages)


def unreachable(body: dict[str, Any]) -> httpx.Response:
    raise httpx.ConnectError("down")


async def too_slow(body: dict[str, Any]) -> httpx.Response:
    raise httpx.ReadTimeout("slow")


RASA_FAILURES = {
    "down": unreachable,
    "slow": too_slow,
    "error": lambda body: httpx.Response(500, json={"error": "X"}),
    "nothing": lambda body: httpx.Response(200, json={"messages": []}),
    "not_json": lambda body: httpx.Response(200, text="<html>"),
    "unknown_kind": lambda body: httpx.Response(200, json={"messages": [{"text": "Hi", "metadata": {"kind": "x"}}]}),
    "no_text": lambda body: httpx.Response(200, json={"messages": [{"text": " ", "metadata": {"kind": "ack"}}]}),
}


async def test_door_answers_with_what_rasa_says(clinic: Clinic) -> None:
    chat = await clinic.chat()
    said = await chat.say("What is DIT?")
    assert kinds(said) == ["leaflet"] and said[0]["topic"] == "what_is_dit" and said[0]["source"] == "S"
    assert clinic.escalations(chat.id) == []


async def test_door_tells_a_human_before_rasa_is_asked(clinic: Clinic) -> None:
    chat = await clinic.chat()
    seen: list[int] = []

    def look(body: dict[str, Any]) -> httpx.Response:
        seen.append(len(clinic.escalations(chat.id)))
        return httpx.Response(200, json={"messages": [CRISIS]})

    clinic.rasa.answer_with = look
    await chat.say("i want to die")
    assert seen == [1]


@pytest.mark.parametrize("failure", RASA_FAILURES)
async def test_door_rasa_failing_ends_in_the_safe_reply_and_a_human(clinic: Clinic, failure: str) -> None:
    clinic.rasa.answer_with = RASA_FAILURES[failure]
    chat = await clinic.chat()
    said = await chat.say("What is DIT?")
    assert kinds(said) == ["service"] and NUMBER in words(said)
    assert [found.reasons for found in clinic.escalations(chat.id)] == [["message_unanswered"]]


@pytest.mark.parametrize("failure", RASA_FAILURES)
async def test_door_rasa_failing_on_a_risky_message_ends_in_the_doors_crisis_text(clinic: Clinic, failure: str) -> None:
    clinic.rasa.answer_with = RASA_FAILURES[failure]
    chat = await clinic.chat()
    said = await chat.say("i want to die")
    assert kinds(said) == ["crisis"] and NUMBER in words(said)
    assert len(clinic.escalations(chat.id)) == 1
    assert "suicidal_ideation_active" in clinic.escalations(chat.id)[0].reasons


async def test_door_adds_the_crisis_text_when_rasa_talks_of_something_else(clinic: Clinic) -> None:
    clinic.rasa.answer_with = lambda body: httpx.Response(200, json={"messages": [ANSWER]})
    chat = await clinic.chat()
    assert kinds(await chat.say("i want to die"))[0] == "crisis"


async def test_door_one_alert_a_conversation_while_rasa_is_down(clinic: Clinic) -> None:
    clinic.rasa.answer_with = unreachable
    chat = await clinic.chat()
    for text in ("one", "two", "three"):
        assert kinds(await chat.say(text)) == ["service"]
    assert len(clinic.escalations(chat.id)) == 1


async def test_door_detector_raising_is_a_concern(clinic: Clinic) -> None:
    def broken(text: str) -> Verdict:
        raise RuntimeError(text)

    clinic.detector.screen_with = broken
    chat = await clinic.chat()
    said = await chat.say("What is DIT?")
    assert kinds(said) == ["crisis"]
    assert [found.reasons for found in clinic.escalations(chat.id)] == [["detector_failed"]]


async def test_door_detector_hanging_is_a_concern_in_time(clinic: Clinic) -> None:
    release = threading.Event()

    def hanging(text: str) -> Verdict:
        release.wait(10)
        return Verdict(flagged=False)

    clinic.detector.screen_with = hanging
    chat = await clinic.chat()
    started = time.monotonic()
    # More at once than there are screening threads: those that wait in vain are concerns too.
    chats = [chat, *[await clinic.chat() for _ in range(6)]]
    answers = await asyncio.gather(*(one.say("What is DIT?") for one in chats))
    release.set()
    assert time.monotonic() - started < 5
    assert all(kinds(said) == ["crisis"] for said in answers)
    assert all(len(clinic.escalations(one.id)) == 1 for one in chats)


async def test_door_message_and_escalation_commit_together_or_not_at_all(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    chat = await clinic.chat()
    monkeypatch.setattr(Escalations, "open", refuse)
    response = await chat.post("i want to die", "once")
    assert response.status_code == 503 and NUMBER in response.text
    assert clinic.stored(chat.id, "incoming") == []
    monkeypatch.undo()
    # The device tries again with the same id, and now it is stored, told and answered.
    assert kinds((await chat.post("i want to die", "once")).json()["messages"]) == ["crisis"]
    assert len(clinic.escalations(chat.id)) == 1


async def test_door_database_away_tells_a_human_past_the_outbox(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[dict[str, Any]] = []

    class Noting:
        def send(self, item: Any) -> None:
            told.append(item.payload)

    clinic.services.emergency._senders = {"alert:log": Noting()}
    chat = await clinic.chat()

    def away(*args: Any, **kwargs: Any) -> Any:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(clinic.services.database, "read", away)
    monkeypatch.setattr(clinic.services.database, "write", away)
    for _ in range(3):
        response = await chat.post("hello")
        assert response.status_code == 503 and NUMBER in response.json()["error"]["message"]
    assert told == [{"trouble": "database_unavailable", "respond": "now"}]


async def test_door_same_message_twice_is_processed_once(clinic: Clinic) -> None:
    chat = await clinic.chat()
    first, second = await chat.post("i want to die", "same"), await chat.post("i want to die", "same")
    assert first.json() == second.json() and len(clinic.rasa.asked) == 1
    assert len(clinic.escalations(chat.id)) == 1 and len(clinic.stored(chat.id, "incoming")) == 1


async def test_door_same_message_many_times_at_once_is_processed_once(clinic: Clinic) -> None:
    async def slowly(body: dict[str, Any]) -> httpx.Response:
        await asyncio.sleep(0.05)
        return httpx.Response(200, json={"messages": [ANSWER]})

    clinic.rasa.answer_with = slowly
    chat = await clinic.chat()
    answers = await asyncio.gather(*(chat.post("hello", "same") for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1 and len(clinic.rasa.asked) == 1


async def test_door_messages_of_one_conversation_are_answered_one_after_the_other(clinic: Clinic) -> None:
    running, most = 0, 0

    async def counted(body: dict[str, Any]) -> httpx.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        return httpx.Response(200, json={"messages": [ANSWER]})

    clinic.rasa.answer_with = counted
    chat = await clinic.chat()
    answers = await asyncio.gather(*(chat.post(f"message {n}") for n in range(5)))
    assert {answer.status_code for answer in answers} == {200} and most == 1
    assert len(clinic.stored(chat.id, "incoming")) == 5


async def test_door_sees_the_messages_before(clinic: Clinic) -> None:
    chat = await clinic.chat()
    for text in ("i want", "to", "d i e"):
        await chat.say(text)
    assert clinic.detector.seen[-1] == ("d i e", ("i want", "to"))


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [("   ", 422, "empty"), ("", 422, "empty"), ("x" * (MAX_CHARACTERS + 1), 413, "too_long")],
)
async def test_door_bad_text_gets_a_clear_error(clinic: Clinic, text: str, status: int, code: str) -> None:
    chat = await clinic.chat()
    response = await chat.post(text)
    assert response.status_code == status and response.json()["error"]["code"] == code
    assert clinic.rasa.asked == []


async def test_door_too_long_but_risky_is_stored_told_and_answered(clinic: Clinic) -> None:
    chat = await clinic.chat()
    text = "x " * MAX_CHARACTERS + "i want to die"
    response = await chat.post(text, "long")
    assert response.status_code == 413 and kinds(response.json()["messages"]) == ["crisis"]
    assert clinic.stored(chat.id, "incoming")[0].text == text
    again = await chat.post(text, "long")
    assert kinds(again.json()["messages"]) == ["crisis"] and len(clinic.escalations(chat.id)) == 1


async def test_door_rate_limit_slows_but_never_drops_what_may_mean_danger(clinic: Clinic) -> None:
    clinic.services.rate_limit._is_on = True
    chat = await clinic.chat()
    statuses = [(await chat.post(f"message {n}")).status_code for n in range(40)]
    assert statuses[0] == 200 and statuses[-1] == 429
    assert kinds(await chat.say("i want to die")) == ["crisis"]
    assert len(clinic.escalations(chat.id)) == 1


@pytest.mark.parametrize("text", ["/restart", "  //risk{}", "/", "\u0000/back", "/restart i want to die"])
async def test_door_commands_of_rasa_never_reach_it(clinic: Clinic, text: str) -> None:
    chat = await clinic.chat()
    await chat.say(text)
    sent = clinic.rasa.asked[-1]["message"]
    assert sent and not sent.startswith("/")
    assert clinic.stored(chat.id, "incoming")[0].text == text


async def test_door_help_now_is_told_whatever_the_detector_says(clinic: Clinic) -> None:
    chat = await clinic.chat()
    assert kinds(await chat.say("I need help now")) == ["crisis"]
    (found,) = clinic.escalations(chat.id)
    assert found.respond == "now" and found.reasons == ["asked_for_help"]


@pytest.mark.parametrize(("typed", "told"), [("no", True), ("not really", True), ("idk", True), ("yes", False)])
async def test_door_typed_answer_to_the_safety_question(clinic: Clinic, typed: str, told: bool) -> None:
    chat = await clinic.chat()
    clinic.rasa.answer_with = unreachable
    asked = await chat.say("i want to die")
    assert asked[0]["quick_replies"]
    await chat.say(typed)
    reasons = [reason for found in clinic.escalations(chat.id) for reason in found.reasons]
    assert ("asked_for_help" in reasons) is told


def polite(body: dict[str, Any]) -> httpx.Response:
    flagged = body["metadata"]["verdict"]["flagged"]
    ack = {"text": "You are welcome.", "buttons": [], "metadata": {"kind": "ack"}}
    soften = {"text": CRISIS_TEXTS.soften().text, "buttons": [], "metadata": {"kind": "crisis"}}
    misread = body["message"] == "that is not what I meant"
    return httpx.Response(200, json={"messages": [CRISIS if flagged else soften if misread else ack]})


CRISIS_TEXTS = CrisisTexts.load(Contacts.load())


async def test_door_polite_words_right_after_a_crisis_text_come_with_the_numbers(clinic: Clinic) -> None:
    chat = await clinic.chat()
    clinic.rasa.answer_with = polite
    await chat.say("i want to die")
    (first,) = await chat.say("ok")
    assert first["kind"] == "ack" and first["text"].startswith("You are welcome.") and NUMBER in first["text"]
    (second,) = await chat.say("thank you")
    assert second["text"] == "You are welcome."


async def test_door_who_was_misread_is_not_given_the_numbers_again(clinic: Clinic) -> None:
    chat = await clinic.chat()
    clinic.rasa.answer_with = polite
    await chat.say("i want to die")
    await chat.say("that is not what I meant")
    assert [message["text"] for message in await chat.say("thanks")] == ["You are welcome."]


CLASSIFIER_ALONE = replace(RISKY, phrases=(), score=0.2)


@pytest.mark.parametrize(
    ("text", "verdict", "escalations"),
    [
        # Our own quick reply: what the person is in was told already.
        ("I am safe right now", CLASSIFIER_ALONE, 1),
        # A rule's match, a detector that failed, and any other words are a concern like any.
        ("I am safe right now", RISKY, 2),
        ("I am safe right now", Verdict.concern("timeout"), 2),
        ("I am safe right now because it will be over by tonight", CLASSIFIER_ALONE, 2),
    ],
)
async def test_door_safe_answer_is_no_new_concern(
    clinic: Clinic, text: str, verdict: Verdict, escalations: int
) -> None:
    chat = await clinic.chat()
    clinic.rasa.answer_with = unreachable
    await chat.say("i want to die")
    clinic.detector.screen_with = lambda said: verdict
    assert await chat.say(text)
    assert len(clinic.escalations(chat.id)) == escalations


async def test_door_safe_answer_that_nobody_asked_for_is_screened_like_any(clinic: Clinic) -> None:
    chat = await clinic.chat()
    clinic.detector.screen_with = lambda said: CLASSIFIER_ALONE
    assert kinds(await chat.say("I am safe right now")) == ["crisis"]
    assert len(clinic.escalations(chat.id)) == 1


async def test_door_no_to_the_safety_question_counts_after_somebody_has_looked(clinic: Clinic) -> None:
    """The text that says so stands between the question and its answer."""
    chat = await clinic.chat()
    clinic.rasa.answer_with = unreachable
    await chat.say("i want to die")
    (first,) = clinic.escalations(chat.id)
    await clinic.client.post(f"/api/staff/escalations/{first.id}/acknowledge", headers=clinic.staff)
    await clinic.client.post(
        f"/api/staff/conversations/{chat.id}/messages", json={"text": "Sam here"}, headers=clinic.staff
    )
    assert kinds(await chat.say("no")) == ["crisis"]
    assert clinic.escalations(chat.id)[-1].reasons == ["asked_for_help"]
    await chat.say("thanks")
    assert len(clinic.escalations(chat.id)) == 2


async def test_door_no_outside_the_safety_question_is_just_no(clinic: Clinic) -> None:
    chat = await clinic.chat()
    await chat.say("no")
    assert clinic.escalations(chat.id) == []


async def test_door_is_silent_while_staff_are_there_except_for_crisis_texts(clinic: Clinic) -> None:
    chat = await clinic.chat()
    await chat.say("hello")
    written = await clinic.client.post(
        f"/api/staff/conversations/{chat.id}/messages", json={"text": "Hello, I am Sam."}, headers=clinic.staff
    )
    assert [message["sender"] for message in written.json()["messages"]] == ["assistant", "staff"]
    asked = len(clinic.rasa.asked)
    assert await chat.say("are you there") == []
    assert kinds(await chat.say("i want to die")) == ["crisis"]
    assert len(clinic.rasa.asked) == asked and len(clinic.escalations(chat.id)) == 1
    await clinic.client.post(f"/api/staff/conversations/{chat.id}/hand_back", headers=clinic.staff)
    assert kinds(await chat.say("What is DIT?")) == ["leaflet"]


async def test_door_finishes_after_a_crash_between_store_and_reply(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*args: Any, **kwargs: Any) -> list[Reply]:
        raise OperationalError("INSERT", {}, Exception("killed"))

    chat = await clinic.chat()
    monkeypatch.setattr("clinic.conversations.door_rules.store_replies", crash)
    assert (await chat.post("i want to die", "once")).status_code == 503
    assert len(clinic.escalations(chat.id)) == 1
    monkeypatch.undo()
    assert kinds((await chat.post("i want to die", "once")).json()["messages"]) == ["crisis"]
    assert len(clinic.escalations(chat.id)) == 1
