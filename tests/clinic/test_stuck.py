"""A message that was stored and never answered: the process died, or the device went away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
import time_machine

from clinic.clock import now
from clinic.conversations.door_rules import DoorRules
from clinic.conversations.models import Conversation
from clinic.conversations.service import store_incoming
from clinic.conversations.stuck import answer_stuck
from risk import Verdict
from tests.clinic.conftest import ANSWER, HARMLESS, RISKY, Clinic


@pytest.mark.parametrize(
    ("verdict", "kind", "reason"),
    [(HARMLESS, "service", "message_unanswered"), (RISKY, "crisis", "suicidal_ideation_active")],
)
async def test_stuck_message_is_answered_and_told(clinic: Clinic, verdict: Verdict, kind: str, reason: str) -> None:
    services = clinic.services
    rules = DoorRules(escalations=services.escalations, crisis=services.crisis, texts=services.texts)
    chat = await clinic.chat()
    with services.database.write() as session:
        message = store_incoming(
            session,
            conversation=session.get_one(Conversation, chat.id),
            text="words",
            client_message_id="once",
            verdict=verdict.to_dict(),
        )
        rules.escalate(session, message, verdict)
    assert answer_stuck(services, rules) == [], "a turn may take a while"
    with time_machine.travel(now() + timedelta(seconds=services.settings.unanswered_after_s + 1)):
        assert answer_stuck(services, rules) == [chat.id]
        assert answer_stuck(services, rules) == []
    (found,) = clinic.escalations(chat.id)
    assert reason in found.reasons
    assert clinic.stored(chat.id, "outgoing")[-1].kind == kind
    # The device that tries again gets that answer, and Rasa is not asked a second time.
    again = await chat.post("words", "once")
    assert [m["kind"] for m in again.json()["messages"]] == [kind] and clinic.rasa.asked == []


@pytest.mark.parametrize(("ahead_s", "is_stuck"), [(0.5, False), (59, False), (61, True)])
async def test_stuck_message_from_the_future_is_one_only_where_the_clock_was_set_back(
    clinic: Clinic, ahead_s: float, is_stuck: bool
) -> None:
    """A message may come while the job waits for its turn to write: that one is not from the future."""
    services = clinic.services
    rules = DoorRules(escalations=services.escalations, crisis=services.crisis, texts=services.texts)
    chat = await clinic.chat()
    with time_machine.travel(now(), tick=False) as clock:
        with services.database.write() as session:
            conversation = session.get_one(Conversation, chat.id)
            store_incoming(
                session, conversation=conversation, text="words", client_message_id="a", verdict=HARMLESS.to_dict()
            )
        clock.shift(-ahead_s)
        assert answer_stuck(services, rules) == ([chat.id] if is_stuck else [])


async def test_stuck_turn_concluded_by_the_job_still_answers_the_device_that_waits(clinic: Clinic) -> None:
    services = clinic.services
    rules = DoorRules(escalations=services.escalations, crisis=services.crisis, texts=services.texts)

    def answered_meanwhile(body: dict[str, Any]) -> httpx.Response:
        with time_machine.travel(now() + timedelta(seconds=services.settings.unanswered_after_s + 1)):
            assert answer_stuck(services, rules)
        return httpx.Response(200, json={"messages": [ANSWER]})

    chat = await clinic.chat()
    clinic.rasa.answer_with = answered_meanwhile
    assert [message["kind"] for message in await chat.say("words")] == ["service"]
    assert [m.kind for m in clinic.stored(chat.id, "outgoing") if m.in_reply_to_id] == ["service"]
