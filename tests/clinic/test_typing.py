"""Typing and delivery: what whoever answers sees of the person's device."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from clinic.conversations.typing import SHOWN_FOR_S, Typing
from tests.clinic.conftest import ANSWER, CRISIS, Clinic


def test_typing_is_forgotten_after_a_few_seconds() -> None:
    moment = 100.0
    typing = Typing(clock=lambda: moment)
    assert typing.note("c") is True
    assert typing.note("c") is False
    assert typing.is_typing("c") and not typing.is_typing("other")
    moment += SHOWN_FOR_S
    assert not typing.is_typing("c")
    assert typing.note("c") is True


@pytest.mark.parametrize("is_with_staff", [True, False])
async def test_typing_is_told_to_a_person_and_never_to_the_program(clinic: Clinic, is_with_staff: bool) -> None:
    chat = await clinic.chat()
    if is_with_staff:
        await clinic.client.post(
            f"/api/staff/conversations/{chat.id}/messages", json={"text": "Sam here"}, headers=clinic.staff
        )
    path, headers = f"/api/conversations/{chat.id}/typing", {"Authorization": f"Bearer {chat.token}"}
    assert (await clinic.client.post(path, headers=headers)).status_code == 204
    assert clinic.services.typing.is_typing(chat.id) is is_with_staff
    await chat.say("sent")
    assert not clinic.services.typing.is_typing(chat.id)
    assert (await clinic.client.post(path)).status_code == 401


async def test_delivery_is_noted_when_the_device_takes_it(clinic: Clinic) -> None:
    chat = await clinic.chat()
    await clinic.client.post(
        f"/api/staff/conversations/{chat.id}/messages", json={"text": "Sam here"}, headers=clinic.staff
    )
    assert clinic.stored(chat.id, "outgoing")[-1].delivered_at is None
    for _ in range(2):
        answer = await clinic.client.get(
            f"/api/conversations/{chat.id}/messages", headers={"Authorization": f"Bearer {chat.token}"}
        )
    joined, said = answer.json()["messages"][-2:]
    assert (joined["staff"], said["sender"]) == ("joined", "staff")
    stored = clinic.stored(chat.id, "outgoing")
    assert stored[-1].delivered_at is not None and stored[-2].delivered_at is None


@pytest.mark.parametrize(("text", "kinds"), [("hello", []), ("i want to die", ["crisis"])])
async def test_taken_over_while_rasa_thinks_the_assistant_is_silent_but_for_crisis_texts(
    clinic: Clinic, text: str, kinds: list[str]
) -> None:
    chat = await clinic.chat()
    flagged = text != "hello"

    async def taken_over_meanwhile(body: dict[str, Any]) -> httpx.Response:
        path = f"/api/staff/conversations/{chat.id}/messages"
        await clinic.client.post(path, json={"text": "Sam here"}, headers=clinic.staff)
        return httpx.Response(200, json={"messages": [CRISIS if flagged else ANSWER]})

    clinic.rasa.answer_with = taken_over_meanwhile
    assert [reply["kind"] for reply in await chat.say(text)] == kinds
