"""Twilio's webhooks: forged, replayed, out of order, malformed; and what is accepted is stored."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from clinic.channels.sms.models import SmsInbound
from clinic.channels.sms.providers import STATUS_ORDER
from tests.clinic.sms.conftest import ANN, BEN, SmsClinic

FORM = {"MessageSid": "SM1", "From": ANN, "To": "+447700900000", "Body": "What is DIT?", "NumMedia": "0"}


def stored(sms: SmsClinic) -> int:
    with sms.clinic.services.database.read() as session:
        return session.scalar(select(func.count()).select_from(SmsInbound)) or 0


async def test_twilio_message_is_answered_at_once_with_empty_twiml_and_then_by_sms(sms: SmsClinic) -> None:
    status, body = await sms.network.write(ANN, "What is DIT?")
    assert status == 200 and "<Response" in body and "<Message>" not in body
    await sms.settle()
    answer, welcome = [text.text for text in sms.received(ANN)]
    assert answer == "An answer."
    assert "computer program" in welcome and "999" in welcome and "STOP" in welcome
    assert await sms.write(ANN, "Why?") == ["An answer."], "the welcome comes once"


@pytest.mark.parametrize("signature", ["", "forged", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
async def test_twilio_forged_call_is_refused_and_not_stored(sms: SmsClinic, signature: str) -> None:
    status, _ = await sms.network.call("/sms/twilio", FORM, signature=signature)
    assert (status, stored(sms)) == (403, 0)


async def test_twilio_signature_covers_words_address_and_every_field(sms: SmsClinic) -> None:
    right = sms.network._validator.compute_signature("http://127.0.0.1:8000/sms/twilio", FORM)
    for changed in ({**FORM, "Body": "another"}, {**FORM, "From": BEN}, {**FORM, "Extra": "1"}):
        assert (await sms.network.call("/sms/twilio", changed, signature=right))[0] == 403
    assert (await sms.network.call("/sms/twilio/status", FORM, signature=right))[0] == 403
    assert (await sms.network.call("/sms/twilio?x=1", FORM, signature=right))[0] == 403
    assert stored(sms) == 0
    assert (await sms.network.call("/sms/twilio", FORM, signature=right))[0] == 200


async def test_twilio_other_providers_webhooks_are_closed(sms: SmsClinic) -> None:
    answer = await sms.clinic.client.post("/sms/notify", json={}, headers={"Authorization": "Bearer "})
    assert answer.status_code == 403


async def test_twilio_replayed_message_is_answered_once(sms: SmsClinic) -> None:
    await asyncio.gather(*(sms.network.deliver(ANN, "What is DIT?", sid="SM1") for _ in range(5)))
    await sms.settle()
    assert (await sms.network.deliver(ANN, "What is DIT?", sid="SM1"))[0] == 200
    await sms.settle()
    assert stored(sms) == 1 and len(sms.clinic.rasa.asked) == 1
    assert [text.text for text in sms.received(ANN)].count("An answer.") == 1


@pytest.mark.parametrize(
    "broken",
    [
        {"MessageSid": ""},
        {"MessageSid": "x" * 65},
        {"MessageSid": "../../etc"},
        {"From": ""},
        {"From": "85258"},
        {"From": "Your bank"},
        {"From": "+44" + "7" * 40},
    ],
)
async def test_twilio_malformed_message_is_refused_with_the_field(sms: SmsClinic, broken: dict[str, str]) -> None:
    status, body = await sms.network.call("/sms/twilio", {**FORM, **broken})
    assert status == 422 and next(iter(broken)) in body and stored(sms) == 0


async def test_twilio_odd_characters_and_empty_bodies_are_taken(sms: SmsClinic) -> None:
    for number, body in enumerate(["", "   ", "\x00", "a" * 1600, "\U0001f600" * 50, "%00%", "=&=;\n"]):
        assert (await sms.network.call("/sms/twilio", {**FORM, "MessageSid": f"SM{number}", "Body": body}))[0] == 200
    await sms.settle()
    assert stored(sms) == 7 and len(sms.received(ANN)) >= 7


async def test_twilio_messages_are_answered_in_the_order_in_which_they_came(sms: SmsClinic) -> None:
    for number in range(6):
        await sms.network.deliver(ANN, f"question {number}", sid=f"SMa{number}")
        await sms.network.deliver(BEN, f"question {number}", sid=f"SMb{number}")
    await sms.settle()
    for number in (ANN, BEN):
        said = sms.clinic.stored(sms.conversation(number).id, "incoming")
        assert [message.text for message in said] == [f"question {n}" for n in range(6)]
        assert all(message.answered_at is not None and message.channel == "sms" for message in said)


async def test_twilio_status_reports_late_twice_and_out_of_order_change_nothing(sms: SmsClinic) -> None:
    await sms.write(ANN, "What is DIT?")
    (delivery, *_) = sms.deliveries()
    assert (delivery.status, delivery.segments) == ("delivered", 1)
    for status in ("sent", "queued", "failed", "delivered", "nonsense"):
        form = {"MessageSid": delivery.provider_message_id or "", "MessageStatus": status, "ErrorCode": "30003"}
        assert (await sms.network.call(f"/sms/twilio/status?delivery={delivery.id}", form))[0] == 200
        assert sms.deliveries()[0].status == "delivered"
    assert STATUS_ORDER[-1] == "delivered"


async def test_twilio_status_of_an_unknown_message_is_taken_and_changes_nothing(sms: SmsClinic) -> None:
    await sms.write(ANN, "What is DIT?")
    for query in ("", "?delivery=1", "?delivery=999", "?delivery=x", "?delivery=" + "9" * 40):
        form = {"MessageSid": "SMother", "MessageStatus": "failed", "ErrorCode": "30003"}
        assert (await sms.network.call(f"/sms/twilio/status{query}", form))[0] == 200
    assert {delivery.status for delivery in sms.deliveries()} == {"delivered"}


async def test_twilio_report_that_overtakes_our_own_call_is_kept(sms: SmsClinic) -> None:
    original = sms.network.accept
    overtaken: list[int] = []

    def accept(**call):  # type: ignore[no-untyped-def]
        status, body = original(**call)
        reports, sms.network._reports = sms.network._reports, []
        with sms.clinic.services.database.write() as session:
            from clinic.channels.sms.reports import note_report
            from clinic.channels.sms.twilio_adapter import status_report

            for path, form in reports:
                report = status_report(list(form.items()), delivery=path.rpartition("=")[2])
                assert report is not None and note_report(session, report, escalations=sms.clinic.services.escalations)
                overtaken.append(1)
        return status, body

    sms.network.accept = accept  # type: ignore[method-assign]
    await sms.write(ANN, "What is DIT?")
    assert overtaken and {delivery.status for delivery in sms.deliveries()} == {"delivered"}


async def test_twilio_database_away_is_said_at_once_and_told_past_the_outbox(
    sms: SmsClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(sms.clinic.services.emergency, "database_unavailable", lambda: told.append(1))

    def away(*args: object) -> None:
        raise OperationalError("SELECT", {}, Exception("away"))

    monkeypatch.setattr(sms.inbox, "_store", away)
    status, body = await sms.network.write(ANN, "I want to die")
    assert status == 200 and "could not be stored" in body and "116 123" in body and told


async def test_twilio_numbers_and_words_stay_out_of_logs(sms: SmsClinic, capsys: pytest.CaptureFixture[str]) -> None:
    await sms.network.call("/sms/twilio", FORM, signature="forged")
    await sms.network.call("/sms/twilio", {**FORM, "MessageSid": ""})
    await sms.write(ANN, "a secret of mine, I want to die")
    sms.network.phone(ANN).next_error = 30007
    await sms.write(ANN, "another secret")
    out, err = capsys.readouterr()
    assert "900123" not in out + err and "secret" not in out + err and "sms_webhook_not_genuine" in out
