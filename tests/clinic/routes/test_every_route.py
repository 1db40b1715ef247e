"""Every route in every state: a message that means danger is one escalation and one crisis reply, never silence.

What Rasa itself does with forms stands in tests/system/; that the widget keeps and sends what was written, in tests/web/.
"""

from __future__ import annotations

import itertools
import uuid
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.conversations.schemas import MAX_CHARACTERS
from clinic.conversations.service import store_incoming
from clinic.outbox.models import OutboxItem
from tests.clinic.conftest import ANSWER, Clinic
from tests.clinic.routes.people import AtTheChat, OnThePhone, Person
from tests.clinic.routes.states import DELIVERED_AGAIN, STATES, TOO_FAST, around
from tests.clinic.sms.conftest import SmsClinic

NUMBER = "116 123"
TEXT_MESSAGE, TOO_LONG = "a text message", "text that is too long"
FORM, ITEM_9 = "free text inside a questionnaire", "answer to PHQ-9 item 9"
ROUTES = {
    "the chat": "i want to die",
    "text that begins with a slash": "/restart i want to die",
    "text that is only a command": "/die",
    "the button for help now": "I need help now",
    "a quick reply": "I am not safe right now",
    TOO_LONG: "x " * MAX_CHARACTERS + "i want to die",
    FORM: "i want to die",
    ITEM_9: "2",
    TEXT_MESSAGE: "i want to die",
}
# Where Rasa is not asked, an answer to a questionnaire is none yet, and is asked for again: it is stored, not lost.
RASA_IS_OUT = {"while staff are there", TOO_FAST, *(name for name in STATES if name.startswith("Rasa "))}
CASES = [
    pytest.param(route, state, id=f"{route}, {state}")
    for route, state in itertools.product(ROUTES, STATES)
    if not (route == ITEM_9 and state in RASA_IS_OUT - {"Rasa talks of something else"})
]
_numbers = itertools.count(100)


@pytest.mark.parametrize(("route", "state"), CASES)
async def test_every_route_in_every_state_tells_one_human_and_answers(
    there: SmsClinic, monkeypatch: pytest.MonkeyPatch, route: str, state: str
) -> None:
    clinic = there.clinic
    person = await somebody(there, route)
    await STATES[state](clinic, person)
    if route == ITEM_9:
        clinic.rasa.answer_with = lambda body: reads_the_answer(clinic, person, body)
    before = {found.id for found in clinic.escalations(person.id)}
    delivery, times = uuid.uuid4().hex, 3 if state == DELIVERED_AGAIN else 1
    async with around(state, clinic, monkeypatch):
        read = [await person.write(ROUTES[route], delivery=delivery) for _ in range(times)]

    assert person.statuses[-times:] == [413 if route == TOO_LONG else 200] * times
    (message,) = [one for one in clinic.stored(person.id, "incoming") if one.client_message_id == delivery]
    (told,) = [found for found in clinic.escalations(person.id) if found.id not in before]
    assert told.message_id == message.id and told.reasons and told.status == "new"
    assert {"alert:log", "alert:1"} <= channels_told(clinic, told.id)
    said = [one for one in clinic.stored(person.id, "outgoing") if one.in_reply_to_id == message.id]
    assert [one.kind for one in said].count("crisis") == 1 and message.answered_at is not None
    # A chat gets the same answer to each delivery; a phone must not get it three times.
    for number, texts in enumerate(read):
        crisis = [one for one in texts if one.kind == "crisis"]
        assert len(crisis) == (0 if number and route == TEXT_MESSAGE else 1)
        assert all(NUMBER in one.text for one in crisis)


def channels_told(clinic: Clinic, escalation_id: int) -> set[str]:
    """Through which channels an alert of it goes or went."""
    with clinic.services.database.read() as session:
        items = session.scalars(select(OutboxItem)).all()
        return {item.channel for item in items if item.payload.get("escalation") == escalation_id}


async def somebody(there: SmsClinic, route: str) -> Person:
    """Who takes this route, where it begins."""
    if route == TEXT_MESSAGE:
        return OnThePhone(there, f"+447700900{next(_numbers)}")
    person = AtTheChat(await there.clinic.chat())
    if route in (FORM, ITEM_9):
        in_a_questionnaire(there.clinic, person.id, items=8 if route == ITEM_9 else 2)
    return person


def in_a_questionnaire(clinic: Clinic, conversation_id: str, *, items: int) -> None:
    """Opens the PHQ-9 and answers so many items, as Rasa's form does."""
    service = clinic.services.questionnaires
    with clinic.services.database.write() as session:
        conversation = session.get_one(Conversation, conversation_id)

        def said(words: str) -> Message:
            message = store_incoming(
                session, conversation=conversation, text=words, client_message_id=uuid.uuid4().hex, verdict={}
            )
            message.answered_at = now()
            return message

        position, _ = service.open(session, message=said("fill in my questionnaire"), request="fill in the PHQ-9")
        for _ in range(items):
            service.answer(session, position=position, value=1, message=said("1"))
            position = service.current(session, conversation_id)  # type: ignore[assignment]


def reads_the_answer(clinic: Clinic, person: Person, body: dict[str, Any]) -> httpx.Response:
    """What Rasa's form does with an answer to item 9; the door puts the crisis text before the next question."""
    service = clinic.services.questionnaires
    with clinic.services.database.write() as session:
        position = service.current(session, person.id)
        message = session.get_one(Message, body["metadata"]["message_id"])
        assert position is not None
        service.answer(session, position=position, value=2, message=message)
    return httpx.Response(200, json={"messages": [ANSWER]})
