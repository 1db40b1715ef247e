"""The patient API from outside: who may read, what comes back, what bad input gets."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.clinic.conftest import Clinic


async def test_api_opening_says_what_this_is(clinic: Clinic) -> None:
    chat = await clinic.chat()
    text = " ".join(message["text"] for message in chat.welcome)
    assert [message["kind"] for message in chat.welcome] == ["onboarding", "menu"]
    assert "computer program" in text and "not an emergency service" in text and "116 123" in text
    assert chat.welcome[-1]["quick_replies"]


@pytest.mark.parametrize("header", ["", "Bearer ", "Basic abc", "Bearer not-a-token"])
async def test_api_without_a_valid_token_is_401(clinic: Clinic, header: str) -> None:
    chat = await clinic.chat()
    for method, path, body in (
        ("POST", "/messages", {"text": "hi", "client_message_id": "1"}),
        ("GET", "/messages", None),
        ("GET", "/events", None),
    ):
        response = await clinic.client.request(
            method, f"/api/conversations/{chat.id}{path}", json=body, headers={"Authorization": header}
        )
        assert response.status_code == 401 and response.json()["error"]["code"] == "not_authorised"


async def test_api_somebody_elses_conversation_is_404(clinic: Clinic) -> None:
    mine, theirs = await clinic.chat(), await clinic.chat()
    headers = {"Authorization": f"Bearer {mine.token}"}
    for identity in (theirs.id, "0" * 32):
        response = await clinic.client.get(f"/api/conversations/{identity}/messages", headers=headers)
        assert response.status_code == 404 and "message" in response.json()["error"]


async def test_api_reads_what_was_said_since(clinic: Clinic) -> None:
    chat = await clinic.chat()
    first = await chat.say("hello")
    await chat.say("again")
    headers = {"Authorization": f"Bearer {chat.token}"}
    said = (await clinic.client.get(f"/api/conversations/{chat.id}/messages", headers=headers)).json()["messages"]
    assert [message["sender"] for message in said] == ["assistant"] * 2 + ["patient", "assistant"] * 2
    since = await clinic.client.get(
        f"/api/conversations/{chat.id}/messages", headers=headers, params={"after": first[-1]["id"]}
    )
    assert since.json()["messages"] == said[4:]


@pytest.mark.parametrize(
    "body",
    [
        b"{not json",
        b"",
        b"[]",
        b'{"text": 5, "client_message_id": "1"}',
        b'{"text": "hi"}',
        b'{"text": "hi", "client_message_id": ""}',
        b'{"text": null, "client_message_id": "1"}',
        json.dumps({"text": "hi", "client_message_id": "x" * 65}).encode(),
        b'{"text": "hi", "client_message_id": "a\\u0000b"}',
    ],
)
async def test_api_malformed_is_422_and_repeats_nothing(clinic: Clinic, body: bytes) -> None:
    chat = await clinic.chat()
    response = await clinic.client.post(
        f"/api/conversations/{chat.id}/messages",
        content=body,
        headers={"Authorization": f"Bearer {chat.token}", "Content-Type": "application/json"},
    )
    assert response.status_code == 422 and response.json()["error"]["code"] == "malformed"
    assert clinic.stored(chat.id, "incoming") == []


async def test_api_half_an_emoji_does_not_cost_the_words_around_it(clinic: Clinic) -> None:
    chat = await clinic.chat()
    response = await clinic.client.post(
        f"/api/conversations/{chat.id}/messages",
        content=b'{"text": "i want to die \\ud83d", "client_message_id": "1"}',
        headers={"Authorization": f"Bearer {chat.token}", "Content-Type": "application/json"},
    )
    assert response.status_code == 200 and len(clinic.escalations(chat.id)) == 1


async def test_api_a_body_over_the_limit_is_413(clinic: Clinic) -> None:
    chat = await clinic.chat()
    response = await chat.post("x" * 1_100_000)
    assert response.status_code == 413 and response.json()["error"]["code"] == "too_large"


@pytest.mark.parametrize("text", ["<script>x</script>", "zażółć\u200b\u0007", "\U0001f622" * 40, "?", "a" * 4000])
async def test_api_odd_text_is_kept_as_it_was_written(clinic: Clinic, text: str) -> None:
    chat = await clinic.chat()
    response = await chat.post(text)
    assert response.status_code == 200 and response.json()["messages"]
    assert clinic.stored(chat.id, "incoming")[0].text == text


async def test_api_events_bring_what_staff_write(clinic: Clinic) -> None:
    """ASGITransport buffers a whole response, so the stream itself is read here."""
    from clinic.channels.api import _event_stream

    chat = await clinic.chat()

    class Connected:
        async def is_disconnected(self) -> bool:
            return False

    stream = _event_stream(clinic.services, chat.id, None, Connected())  # type: ignore[arg-type]
    assert await anext(stream) == ": listening\n\n"
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.05)
    await clinic.client.post(
        f"/api/staff/conversations/{chat.id}/messages", json={"text": "Hello from Sam"}, headers=clinic.staff
    )
    events = [await asyncio.wait_for(waiting, 2), await asyncio.wait_for(anext(stream), 2)]
    assert "joined this chat" in events[0] and "Hello from Sam" in events[1]
    assert all(event.startswith("id: ") and "\nevent: message\ndata: {" in event for event in events)
    await stream.aclose()


async def test_api_texts_are_encrypted_at_rest(clinic: Clinic) -> None:
    chat = await clinic.chat()
    await chat.say("my secret sentence, and I want to die")
    with clinic.services.database.engine.connect() as connection:
        raw = connection.exec_driver_sql("SELECT text, verdict FROM message WHERE direction = 'incoming'").one()
        reasons = connection.exec_driver_sql("SELECT reasons FROM escalation").one()
    for value in (*raw, *reasons):
        assert bytes(value).startswith(b"gAAAA"), "not a Fernet token"


async def test_api_logs_hold_no_text(clinic: Clinic, capsys: pytest.CaptureFixture[str]) -> None:
    chat = await clinic.chat()
    clinic.rasa.answer_with = lambda body: (_ for _ in ()).throw(ValueError(body["message"]))  # type: ignore[misc]
    await chat.post("a sentence nobody may log, I want to die")
    clinic.services.relay.run_once()
    output = "".join(capsys.readouterr())
    assert "ALERT" in output and "nobody may log" not in output
