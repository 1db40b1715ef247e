"""A message that was stored and never answered: the process died, or the device went away."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from clinic.clock import now
from clinic.conversations.door_rules import DoorRules
from clinic.conversations.models import Conversation
from clinic.conversations.service import store_incoming
from clinic.conversations.stuck import answer_stuck
from risk import Verdict
from tests.clinic.conftest import HARMLESS, RISKY, Clinic


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
