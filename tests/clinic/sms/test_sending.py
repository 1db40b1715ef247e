"""Sending: retried, in order, given up loudly; and a crash at any point loses nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
import time_machine
from sqlalchemy import select

from clinic.channels.sms.models import SmsInbound
from clinic.clock import now
from clinic.outbox.models import OutboxItem
from clinic.outbox.service import MAX_ATTEMPTS
from tests.clinic.sms.conftest import ANN, SmsClinic


def sent(sms: SmsClinic) -> list[str]:
    return [text.text for text in sms.received(ANN)]


@pytest.mark.parametrize("error", [requests.ConnectTimeout(), requests.ConnectionError()])
async def test_sending_is_tried_again_when_twilio_does_not_answer(sms: SmsClinic, error: Exception) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        sms.http.fails_with = error
        assert await sms.write(ANN, "What is DIT?") == []
        assert sms.deliveries()[0].status == "queued"
        sms.http.fails_with = None
        clock.shift(timedelta(seconds=10))
        await sms.settle()
    assert sent(sms)[0] == "An answer." and {delivery.status for delivery in sms.deliveries()} == {"delivered"}


async def test_sending_keeps_the_order_and_a_crisis_text_waits_for_nothing(sms: SmsClinic) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        sms.network.phone(ANN).next_error = 503
        await sms.write(ANN, "What is DIT?")
        # The welcome came after the answer that failed, and takes it along.
        clock.shift(timedelta(seconds=10))
        await sms.settle()
        assert [text[:10] for text in sent(sms)] == ["An answer.", "This is In"]
        accept = sms.network.accept

        def refuse_all_but_crisis(**call: Any) -> tuple[int, dict[str, Any]]:
            is_crisis = "116 123" in call["form"]["Body"]
            return accept(**call) if is_crisis else (503, {"code": 20503, "message": "Try again", "status": 503})

        sms.network.accept = refuse_all_but_crisis  # type: ignore[method-assign]
        assert await sms.write(ANN, "and why?") == []
        (crisis,) = await sms.write(ANN, "I want to die")
        assert "116 123" in crisis


async def test_sending_a_number_that_is_none_is_not_tried_again(sms: SmsClinic) -> None:
    sms.network.phone(ANN).next_error = 21211
    await sms.write(ANN, "What is DIT?")
    assert (sms.deliveries()[0].status, sms.deliveries()[0].error_code) == ("failed", "21211")
    assert sms.clinic.escalations(sms.conversation(ANN).id) == []


async def test_sending_a_crisis_text_that_never_gets_through_is_told_to_a_person(sms: SmsClinic) -> None:
    sms.http.fails_with = requests.ConnectionError()
    with time_machine.travel(now(), tick=False) as clock:
        await sms.write(ANN, "I want to die")
        for _ in range(MAX_ATTEMPTS):
            clock.shift(timedelta(minutes=6))
            await sms.settle()
    (escalation,) = sms.clinic.escalations(sms.conversation(ANN).id)
    assert "crisis_text_not_delivered" in escalation.reasons and escalation.respond == "now"
    with sms.clinic.services.database.read() as session:
        (item,) = session.scalars(select(OutboxItem).where(OutboxItem.channel == "sms"))
    assert item.dead_at is not None and "7700" not in str(item.payload) + str(item.last_error)


async def test_sending_report_that_a_crisis_text_did_not_arrive_is_told_to_a_person(sms: SmsClinic) -> None:
    sms.network.send_reports = _none  # type: ignore[method-assign]
    await sms.write(ANN, "I want to die")
    (delivery,) = sms.deliveries()
    form = {"MessageSid": delivery.provider_message_id or "", "MessageStatus": "undelivered", "ErrorCode": "30003"}
    await sms.network.call(f"/sms/twilio/status?delivery={delivery.id}", form)
    (escalation,) = sms.clinic.escalations(sms.conversation(ANN).id)
    assert escalation.reasons == ["suicidal_ideation_active", "crisis_text_not_delivered"]


async def _none() -> int:
    return 0


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("at", ["before the door", "after the door"])
async def test_receiving_goes_on_after_a_crash_and_answers_once(
    sms: SmsClinic, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    receiving = sms.inbox._receiving
    name = "_read" if at == "before the door" else "_finish"

    def crash(*args: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(receiving, name, crash)
        status, _ = await sms.network.write(ANN, "What is DIT?")
        assert status == 200
        await sms.inbox.idle()
    for index in sms.inbox._numbers_waiting():
        sms.inbox._start(index)
    await sms.settle()
    assert sent(sms).count("An answer.") == 1 and len(sms.clinic.rasa.asked) == 1
    with sms.clinic.services.database.read() as session:
        assert session.scalars(select(SmsInbound)).one().processed_at is not None


async def test_receiving_what_keeps_failing_is_answered_and_told_all_the_same(
    sms: SmsClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> None:
        raise ValueError("nobody foresaw this")

    monkeypatch.setattr(sms.inbox._receiving, "_read", broken)
    await sms.network.write(ANN, "What is DIT?")
    for _ in range(3):
        await sms.inbox.idle()
        for index in sms.inbox._numbers_waiting():
            sms.inbox._start(index)
    await sms.settle()
    assert "116 123" in sent(sms)[0]
    (escalation,) = sms.clinic.escalations(sms.conversation(ANN).id)
    assert "detector_failed" in escalation.reasons
