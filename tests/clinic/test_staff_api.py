"""The staff API: escalations are listed, acknowledged and closed, and the person hears the truth."""

from __future__ import annotations

import pytest

from tests.clinic.conftest import Clinic


async def listed(clinic: Clinic, status: str) -> list[dict[str, object]]:
    response = await clinic.client.get(f"/api/staff/escalations?status={status}", headers=clinic.staff)
    assert response.status_code == 200
    return response.json()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/staff/escalations?status=new"),
        ("POST", "/api/staff/escalations/1/acknowledge"),
        ("POST", "/api/staff/escalations/1/close"),
        ("POST", "/api/staff/conversations/x/messages"),
        ("POST", "/api/staff/conversations/x/hand_back"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Cookie": "staff_session=wrong"}])
async def test_staff_api_refuses_strangers(clinic: Clinic, method: str, path: str, headers: dict[str, str]) -> None:
    response = await clinic.client.request(method, path, headers=headers)
    assert response.status_code in (401, 403)


async def test_staff_api_a_machine_token_is_off_unless_given(clinic: Clinic) -> None:
    clinic.services.settings.staff_api_token = None
    assert (await clinic.client.get("/api/staff/escalations", headers=clinic.staff)).status_code == 401


async def test_staff_api_way_of_an_escalation(clinic: Clinic) -> None:
    chat = await clinic.chat()
    await chat.say("i want to die")
    (new,) = await listed(clinic, "new")
    assert new["text"] == "i want to die" and new["respond"] == "today" and new["acknowledged_at"] is None
    base = f"/api/staff/escalations/{new['id']}"
    for _ in range(2):  # seen twice is no error
        seen = await clinic.client.post(f"{base}/acknowledge", headers=clinic.staff)
        assert seen.status_code == 200 and seen.json()["status"] == "acknowledged"
    told = [m for m in clinic.stored(chat.id, "outgoing") if "has read your message" in m.text]
    assert len(told) == 1
    wrong = await clinic.client.post(f"{base}/close", json={"outcome": "whatever"}, headers=clinic.staff)
    assert wrong.status_code == 409 and "spoken_to" in wrong.text
    closed = await clinic.client.post(f"{base}/close", json={"outcome": "spoken_to"}, headers=clinic.staff)
    assert closed.json()["status"] == "closed"
    assert (await clinic.client.post(f"{base}/acknowledge", headers=clinic.staff)).status_code == 409
    assert await listed(clinic, "new") == [] and len(await listed(clinic, "closed")) == 1


async def test_staff_api_unknown_ids_are_404(clinic: Clinic) -> None:
    assert (await clinic.client.post("/api/staff/escalations/99/acknowledge", headers=clinic.staff)).status_code == 404
    assert (
        await clinic.client.post("/api/staff/conversations/x/messages", json={"text": "hi"}, headers=clinic.staff)
    ).status_code == 404


async def test_staff_api_soonest_first_then_longest_waiting(clinic: Clinic) -> None:
    for text in ("i want to die", "i need help now", "i want to die too"):
        await (await clinic.chat()).say(text)
    assert [found["respond"] for found in await listed(clinic, "new")] == ["now", "today", "today"]
    assert [found["text"] for found in await listed(clinic, "new")][1:] == ["i want to die", "i want to die too"]


async def test_staff_api_asking_for_a_person_is_not_a_crisis(clinic: Clinic) -> None:
    """Acknowledging a service matter must not tell the person about a risk that nobody saw."""
    chat = await clinic.chat()
    clinic.rasa.answer_with = lambda body: (_ for _ in ()).throw(ValueError())  # type: ignore[misc]
    await chat.say("hello")
    (new,) = await listed(clinic, "new")
    await clinic.client.post(f"/api/staff/escalations/{new['id']}/acknowledge", headers=clinic.staff)
    assert all(message.kind != "crisis" for message in clinic.stored(chat.id, "outgoing"))


async def test_staff_api_a_read_only_account_changes_nothing(clinic: Clinic) -> None:
    from clinic.staff.service import create_account
    from clinic.staff.sessions import open_session

    with clinic.services.database.write() as session:
        account = create_account(
            session, username="reader", name="Reader", password="a long enough one", role="read_only"
        )
        cookie = {"Cookie": f"staff_session={open_session(session, account)}"}
    chat = await clinic.chat()
    await chat.say("i want to die")
    assert len((await clinic.client.get("/api/staff/escalations", headers=cookie)).json()) == 1
    refused = await clinic.client.post("/api/staff/escalations/1/acknowledge", headers=cookie)
    assert refused.status_code == 403 and clinic.escalations(chat.id)[0].status == "new"
