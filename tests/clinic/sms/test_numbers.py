"""Whose number it is: unknown, shared, changed hands; and one conversation for web and SMS."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from sqlalchemy import select

from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.conversations.outgoing import send_to_patient
from clinic.conversations.replies import Reply
from clinic.conversations.service import open_conversation
from clinic.patients.models import ContactPoint, Patient
from tests.clinic.conftest import Chat
from tests.clinic.sms.conftest import ANN, BEN, SmsClinic

NOTE = Reply(kind="service", text="Hello, a reminder for Tuesday.")


def web_chat(sms: SmsClinic, patient_id: str) -> Chat:
    with sms.clinic.services.database.write() as session:
        conversation, token = open_conversation(session, channel="web")
        conversation.patient_id = patient_id
    return Chat(sms.clinic.client, conversation.id, token, [])


async def test_numbers_unknown_one_gets_the_assistant_and_crisis_help(sms: SmsClinic) -> None:
    answer, _ = await sms.write(ANN, "What is DIT?")
    assert answer == "An answer." and sms.conversation(ANN).patient_id is None
    (crisis,) = await sms.write(ANN, "I want to die")
    assert "116 123" in crisis and len(sms.clinic.escalations(sms.conversation(ANN).id)) == 1


async def test_numbers_unknown_in_danger_first_of_all_gets_the_crisis_text_alone(sms: SmsClinic) -> None:
    assert len(await sms.write(ANN, "I want to die")) == 1


async def test_numbers_of_two_patients_give_nothing_away(sms: SmsClinic) -> None:
    sms.patient(ANN, patient_id="p1")
    chat = web_chat(sms, "p1")
    sms.patient(ANN, patient_id="p2", verified=False)
    await sms.write(ANN, "What is DIT?")
    conversation = sms.conversation(ANN)
    assert conversation.patient_id is None and conversation.id != chat.id
    with sms.clinic.services.database.write() as session:
        send_to_patient(session, session.get_one(Patient, "p1"), NOTE)
    await sms.settle()
    assert NOTE.text not in [text.text for text in sms.received(ANN)]
    assert sms.deliveries()[-1].error_code == "no_number"


async def test_numbers_that_nobody_has_proved_give_nothing_away(sms: SmsClinic) -> None:
    sms.patient(ANN, verified=False)
    await sms.write(ANN, "What is DIT?")
    assert sms.conversation(ANN).patient_id is None


async def test_numbers_that_have_changed_hands_give_nothing_away(sms: SmsClinic) -> None:
    with time_machine.travel(now() - timedelta(days=9)):
        sms.patient(ANN)
        web_chat(sms, "p1")
        await sms.write(ANN, "What is DIT?")
        hers = sms.conversation(ANN)
        assert hers.patient_id == "p1"
    with sms.clinic.services.database.write() as session:
        for point in session.scalars(select(ContactPoint)):
            point.ended_at = now()
    await sms.write(ANN, "who is this?")
    other = sms.conversation(ANN)
    assert other.id != hers.id and other.patient_id is None
    # What staff write to the patient does not go to the stranger.
    await sms.clinic.client.post(
        f"/api/staff/conversations/{hers.id}/messages", json={"text": "Amira?"}, headers=sms.clinic.staff
    )
    await sms.settle()
    assert not any("Amira" in text.text for text in sms.received(ANN))


async def test_numbers_unknown_conversation_is_not_carried_over_to_the_next_owner(sms: SmsClinic) -> None:
    with time_machine.travel(now() - timedelta(days=9)):
        await sms.write(ANN, "my name is Amira and I am sad")
        first = sms.conversation(ANN)
    sms.patient(ANN, verified=False)
    with sms.clinic.services.database.write() as session:
        for point in session.scalars(select(ContactPoint)):
            point.ended_at = now()
    assert sms.conversation(ANN).id != first.id


async def test_numbers_known_person_has_one_conversation_on_web_and_sms(sms: SmsClinic) -> None:
    sms.patient(ANN)
    chat = web_chat(sms, "p1")
    assert [m["text"] for m in await chat.say("What is DIT?")] == ["An answer."]
    await sms.settle()
    assert sms.received(ANN) == [], "an answer goes where the question came from"

    assert await sms.write(ANN, "and why?") == ["An answer."]
    assert sms.conversation(ANN).id == chat.id
    said = await sms.clinic.client.get(
        f"/api/conversations/{chat.id}/messages", headers={"Authorization": f"Bearer {chat.token}"}
    )
    assert [m["text"] for m in said.json()["messages"]] == ["What is DIT?", "An answer.", "and why?", "An answer."]
    channels = [m.channel for m in sms.clinic.stored(chat.id, "incoming")]
    assert channels == ["web", "sms"]

    # Staff answer where the person wrote last.
    url = f"/api/staff/conversations/{chat.id}"
    await sms.clinic.client.post(f"{url}/messages", json={"text": "Sam here"}, headers=sms.clinic.staff)
    await sms.clinic.client.post(f"{url}/hand_back", headers=sms.clinic.staff)
    await sms.settle()
    assert any("Sam here" in text.text for text in sms.received(ANN))
    before = len(sms.received(ANN))
    await chat.say("thanks")
    await sms.settle()
    assert len(sms.received(ANN)) == before


async def test_numbers_joining_web_chat_after_sms_takes_the_person_along(sms: SmsClinic) -> None:
    await sms.write(ANN, "What is DIT?")
    unknown = sms.conversation(ANN)
    sms.patient(ANN)
    chat = web_chat(sms, "p1")
    await sms.write(ANN, "hello")
    assert sms.conversation(ANN).id == chat.id != unknown.id


async def test_numbers_reminder_opens_the_sms_conversation(sms: SmsClinic) -> None:
    sms.patient(ANN)
    with sms.clinic.services.database.write() as session:
        send_to_patient(session, session.get_one(Patient, "p1"), NOTE)
    await sms.settle()
    assert [text.text for text in sms.received(ANN)] == [NOTE.text]
    await sms.write(ANN, "thanks")
    with sms.clinic.services.database.read() as session:
        assert len(session.scalars(select(Conversation)).all()) == 1


async def test_numbers_seen_by_staff_is_told_by_sms(sms: SmsClinic) -> None:
    await sms.write(BEN, "I want to die")
    (escalation,) = sms.clinic.escalations(sms.conversation(BEN).id)
    url = f"/api/staff/escalations/{escalation.id}/acknowledge"
    assert (await sms.clinic.client.post(url, headers=sms.clinic.staff)).status_code == 200
    await sms.settle()
    assert sms.received(BEN)[-1].text == "Someone at the clinic has read your message."
