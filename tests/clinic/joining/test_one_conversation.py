"""One person on the web and by text message: one conversation, whichever came first."""

from __future__ import annotations

import httpx
from sqlalchemy import select

from clinic.conversations.models import Conversation, Message
from clinic.escalations.models import Escalation
from clinic.outbox.models import OutboxItem
from clinic.rights.holdings import Subject, holdings_of
from clinic.rights.rasa_memory import RASA_MEMORY
from tests.clinic.joining.conftest import BORN_ON, add, invite, open_with
from tests.clinic.sms.conftest import ANN, SmsClinic, sms  # noqa: F401 (a fixture)

JOIN = ("I agree", "no messages at all", "only me", "skip")


def conversations(sms: SmsClinic, patient_id: str) -> list[Conversation]:  # noqa: F811
    with sms.clinic.services.database.read() as session:
        found = select(Conversation).where(Conversation.patient_id == patient_id)
        return list(session.scalars(found.where(Conversation.merged_into_id.is_(None))))


async def join_on_web(sms: SmsClinic, patient_id: str):  # type: ignore[no-untyped-def]  # noqa: F811
    chat, _ = await open_with(sms.clinic, invite(sms.clinic, patient_id))
    for text in (BORN_ON, *JOIN):
        await chat.say(text)
    return chat


async def test_web_chat_then_joining_by_text_is_one_conversation(sms: SmsClinic) -> None:  # noqa: F811
    patient_id = add(sms.clinic)
    chat = await join_on_web(sms, patient_id)
    await chat.say("a question on the web")
    code = invite(sms.clinic, patient_id)
    await sms.write(ANN, code)
    assert "Hello Ines" in " ".join(await sms.write(ANN, BORN_ON))
    (one,) = conversations(sms, patient_id)
    assert one.id == sms.conversation(ANN).id != chat.id
    await sms.write(ANN, "a question by text")
    # The web device goes on with its own id and token, and sees what was said by text.
    said = [message["text"] for message in (await chat.say("again on the web"))]
    assert said == ["An answer."]
    answer = await sms.clinic.client.get(
        f"/api/conversations/{chat.id}/messages", headers={"Authorization": f"Bearer {chat.token}"}
    )
    texts = [message["text"] for message in answer.json()["messages"] if message["sender"] == "patient"]
    assert texts[-3:] == [BORN_ON, "a question by text", "again on the web"] and "a question on the web" in texts
    assert [message.text for message in sms.clinic.stored(one.id, "incoming")] == texts


async def test_text_messages_then_joining_on_the_web_is_one_conversation(sms: SmsClinic) -> None:  # noqa: F811
    patient_id = add(sms.clinic)
    await sms.write(ANN, invite(sms.clinic, patient_id))
    for text in (BORN_ON, *JOIN):
        await sms.write(ANN, text)
    before = sms.conversation(ANN).id
    chat, _ = await open_with(sms.clinic, invite(sms.clinic, patient_id))
    assert "Your settings are as they were" in str(await chat.say(BORN_ON))
    (one,) = conversations(sms, patient_id)
    assert one.id == chat.id != before and sms.conversation(ANN).id == chat.id
    assert await sms.write(ANN, "and now by text") == ["An answer."]
    assert sms.clinic.stored(chat.id, "incoming")[-1].text == "and now by text"


async def test_what_waits_for_staff_moves_too(sms: SmsClinic) -> None:  # noqa: F811
    patient_id = add(sms.clinic)
    chat = await join_on_web(sms, patient_id)
    await chat.say("I want to die")
    (open_one,) = sms.clinic.escalations(chat.id)
    taken = await sms.clinic.client.post(
        f"/api/staff/conversations/{chat.id}/messages", json={"text": "Hello, this is Sam."}, headers=sms.clinic.staff
    )
    assert taken.status_code == 200
    await sms.write(ANN, invite(sms.clinic, patient_id))
    await sms.write(ANN, BORN_ON)
    (one,) = conversations(sms, patient_id)
    with sms.clinic.services.database.read() as session:
        assert session.get_one(Escalation, open_one.id).conversation_id == one.id
        assert one.assignee_name is not None
        forgotten = session.scalars(select(OutboxItem).where(OutboxItem.channel == RASA_MEMORY)).all()
        assert [item.payload["conversation_id"] for item in forgotten] == [chat.id]
        assert {
            row["conversation_id"] for row in holdings_of(session, Subject(patient_id=patient_id)).rows["message"]
        } == {one.id}
        assert session.scalar(select(Message.id).where(Message.conversation_id == chat.id)) is None
    # Staff who still have the old address open write in the one conversation.
    answer: httpx.Response = await sms.clinic.client.post(
        f"/api/staff/conversations/{chat.id}/messages", json={"text": "Are you there?"}, headers=sms.clinic.staff
    )
    assert answer.status_code == 200 and sms.clinic.stored(one.id, "outgoing")[-1].text == "Are you there?"
