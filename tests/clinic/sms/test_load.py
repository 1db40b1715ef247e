"""A thousand text messages at once with Rasa away in the middle: each is answered once, in order for each person."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from clinic.channels.sms.models import SmsDelivery, SmsInbound
from clinic.conversations.models import Conversation, Message
from tests.clinic.sms.conftest import SmsClinic

PEOPLE, EACH = 100, 10
# Requests to Rasa that meet nobody, as while it is started anew.
AWAY = range(PEOPLE * EACH // 3, PEOPLE * EACH // 2)


@pytest.mark.timeout(900)
async def test_load_every_message_is_answered_once_and_in_order_while_rasa_is_restarted(sms: SmsClinic) -> None:
    def answer(body: dict[str, Any]) -> httpx.Response:
        if len(sms.clinic.rasa.asked) in AWAY:
            raise httpx.ConnectError("Rasa is being started anew")
        metadata = {"kind": "leaflet", "topic": "what_is_dit"}
        return httpx.Response(200, json={"messages": [{"text": f"Re: {body['message']}", "metadata": metadata}]})

    sms.clinic.rasa.answer_with = answer
    # On a busy machine a detector of the tests' 0.2 s would be late, and late is a concern.
    sms.clinic.services.screening._timeout_s = 60
    relays = [sms.clinic.services.relay, sms.clinic.services.sms.relay]
    carrying = [asyncio.create_task(relay.run_forever()) for relay in relays]
    started = time.monotonic()
    await asyncio.gather(*(person(sms, number) for number in range(PEOPLE)))
    accepted = time.monotonic() - started
    await sms.inbox.idle()
    answered = time.monotonic() - started
    for task in carrying:
        task.cancel()
    await asyncio.gather(*carrying, return_exceptions=True)
    await asyncio.to_thread(drain, sms)
    sent = time.monotonic() - started
    print(  # noqa: T201  (shown with -s: the measurement)
        f"{PEOPLE * EACH} accepted in {accepted:.1f} s, answered in {answered:.1f} s, sent in {sent:.1f} s"
    )

    with sms.clinic.services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(SmsInbound)) == PEOPLE * EACH
        assert set(session.scalars(select(SmsDelivery.status))) <= {"sent", "delivered"}
        assert session.scalar(select(func.count()).select_from(Conversation)) == PEOPLE
    safe = sms.clinic.services.texts.safe_reply.text
    unanswered = 0
    for number in range(PEOPLE):
        conversation = sms.conversation(phone(number))
        asked = sms.clinic.stored(conversation.id, "incoming")
        assert [message.text for message in asked] == [f"q {number} {turn}" for turn in range(EACH)]
        said = [message for message in sms.clinic.stored(conversation.id, "outgoing") if message.kind != "onboarding"]
        assert [message.in_reply_to_id for message in said] == [message.id for message in asked], "one answer each"
        assert [is_answer(a, q, safe) for q, a in zip(asked, said, strict=True)] == [True] * EACH
        unanswered += sum(message.text == safe for message in said)
        received = [text.text for text in sms.received(phone(number)) if "STOP" not in text.text]
        assert received == [message.text for message in said], "once each, in order, on the phone"
    assert unanswered == len(AWAY), "and only while Rasa was away"


def phone(number: int) -> str:
    return f"+447700900{number:03}"


async def person(sms: SmsClinic, number: int) -> None:
    for turn in range(EACH):
        for _ in range(2 if turn % 5 == 0 else 1):  # some deliveries come twice
            status, _ = await sms.network.deliver(phone(number), f"q {number} {turn}", sid=f"SM{number}x{turn}")
            assert status == 200


def is_answer(answer: Message, question: Message, safe: str) -> bool:
    return answer.text in (f"Re: {question.text}", safe)


def drain(sms: SmsClinic) -> None:
    # By its name: whatever the cancelled worker still has in hand is waited for.
    while sms.clinic.services.sms.relay.run_once("sms"):
        pass
