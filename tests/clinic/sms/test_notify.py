"""GOV.UK Notify behind the same small interface: its callbacks in, its API out."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from sqlalchemy import select

from clinic.channels.sms.models import SmsDelivery
from clinic.channels.sms.notify_adapter import Notify
from clinic.channels.sms.providers import NotAccepted
from tests.clinic.sms.conftest import ANN, SmsClinic

TOKEN = {"Authorization": "Bearer a-callback-token"}
KEY = "test-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0"
RECEIVED = {
    "id": "n1",
    "source_number": "447700900123",
    "destination_number": "07700900000",
    "message": "What is DIT?",
    "date_received": "2026-11-22T12:00:00.000000Z",
}


class Answers:
    """Notify's API as far as the client sees it."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.status: int | Exception = 201

    def request(self, session: requests.Session, method: str, url: str, **more: Any) -> requests.Response:
        self.asked.append(json.loads(more["data"]))
        if isinstance(self.status, Exception):
            raise self.status
        response = requests.Response()
        response.status_code = self.status
        response._content = json.dumps({"id": f"out-{len(self.asked)}", "errors": []}).encode()
        return response


@pytest.fixture
def notify(monkeypatch: pytest.MonkeyPatch) -> Answers:
    answers = Answers()
    monkeypatch.setattr(requests.Session, "request", lambda session, *a, **k: answers.request(session, *a, **k))
    return answers


def provider() -> Notify:
    return Notify(api_key=KEY, template_id="t1", callback_token="a-callback-token")


async def test_notify_message_is_answered_and_its_receipt_stored(sms: SmsClinic, notify: Answers) -> None:
    sms.clinic.services.sms.provider = sms.clinic.services.sms.sender.provider = provider()
    for _ in range(2):
        assert (await sms.clinic.client.post("/sms/notify", json=RECEIVED, headers=TOKEN)).status_code == 204
    await sms.settle()
    sent = notify.asked[0]
    assert (sent["phone_number"], sent["template_id"]) == (ANN, "t1")
    assert sent["personalisation"] == {"text": "An answer."}
    assert len(sms.clinic.rasa.asked) == 1, "the same message twice is answered once"
    for status in ("sending", "delivered", "technical-failure"):
        receipt = {"id": "out-1", "reference": sent["reference"], "to": "447700900123", "status": status}
        assert (await sms.clinic.client.post("/sms/notify/status", json=receipt, headers=TOKEN)).status_code == 204
    with sms.clinic.services.database.read() as session:
        assert session.scalars(select(SmsDelivery.status).order_by(SmsDelivery.id)).first() == "delivered"


async def test_notify_calls_without_the_token_or_of_a_wrong_shape_are_refused(sms: SmsClinic) -> None:
    sms.clinic.services.sms.provider = provider()
    client = sms.clinic.client
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer another"}):
        assert (await client.post("/sms/notify", json=RECEIVED, headers=headers)).status_code == 403
    for broken in ({"id": ""}, {"id": 7}, {"source_number": "bank"}, {"message": None}):
        answer = await client.post("/sms/notify", json={**RECEIVED, **broken}, headers=TOKEN)
        assert answer.status_code == 422 and next(iter(broken)) in answer.text
    assert (await client.post("/sms/notify", content=b"{", headers=TOKEN)).status_code == 422
    assert (await client.post("/sms/notify/status", json=[], headers=TOKEN)).status_code == 422
    assert (await client.post("/sms/twilio", data={"Body": "x"})).status_code == 403


@pytest.mark.parametrize(
    ("status", "is_final"),
    [(400, True), (403, False), (429, False), (500, False), (requests.ConnectTimeout(), False)],
)
def test_notify_refusals_are_tried_again_unless_final(notify: Answers, status: Any, is_final: bool) -> None:
    notify.status = status
    with pytest.raises(NotAccepted) as refused:
        provider().send(number=ANN, text="An answer.", delivery_id=1)
    assert refused.value.is_final is is_final and "7700" not in refused.value.code
