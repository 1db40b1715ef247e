"""STOP, START, HELP and their kin: state kept, reminders ended, crisis lines in the answers, a human told in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from clinic.channels.sms.keywords import read_keyword
from clinic.clock import now
from clinic.conversations.outgoing import send_to_patient
from clinic.conversations.replies import Reply
from clinic.conversations.service import store_replies
from clinic.patients.models import Patient
from tests.clinic.sms.conftest import ANN, SmsClinic

LINES = ("999 or A&E", "NHS 111, option 2", "116 123", "85258")
NOTE = Reply(kind="service", text="Hello, a reminder for Tuesday.")


@pytest.mark.parametrize(
    ("text", "is_stopped", "keyword"),
    [
        *((word, False, "stop") for word in ("STOP", "stopall", " Unsubscribe ", "cancel", "End", "QUIT", "revoke")),
        *((word, False, "stop") for word in ("optout", "Stop.", "stop!")),
        *((word, False, "start") for word in ("START", "unstop")),
        ("yes", True, "start"),
        ("yes", False, None),
        *((word, False, "help") for word in ("HELP", "info", "Help!")),
        *(
            (text, False, None)
            for text in ("please stop", "stop it", "the end", "help me", "", "stopped", "START over")
        ),
    ],
)
def test_keywords_are_read_alone_in_a_message(text: str, is_stopped: bool, keyword: str | None) -> None:
    assert read_keyword(text, is_stopped=is_stopped) == keyword


async def test_keywords_stop_is_kept_and_ends_what_comes_unasked(sms: SmsClinic) -> None:
    sms.patient(ANN)
    await sms.write(ANN, "What is DIT?")
    assert await sms.write(ANN, "STOP") == [], "Twilio delivers nothing after STOP"
    contact = sms.contact(ANN)
    assert contact.stopped_at is not None and contact.stopped_by == "person"
    # The answer is stored, and that the network refused it is understood: no retry, nothing given up.
    assert (sms.deliveries()[-1].status, sms.deliveries()[-1].error_code) == ("failed", "21610")
    with sms.clinic.services.database.write() as session:
        patient = session.get_one(Patient, "p1")
        assert patient.preferred_channel == "none"
        store_replies(session, conversation_id=contact.conversation_id or "", replies=[NOTE])
    calls = len(sms.http.calls)
    await sms.settle()
    assert len(sms.http.calls) == calls
    assert (sms.deliveries()[-1].status, sms.deliveries()[-1].error_code) == ("not_sent", "stopped")


async def test_keywords_stop_and_help_answers_carry_the_crisis_lines(sms: SmsClinic) -> None:
    (helped,) = await sms.write(ANN, "HELP")
    await sms.write(ANN, "stop")
    stopped = sms.clinic.stored(sms.conversation(ANN).id, "outgoing")[-1].text
    for line in LINES:
        assert line in helped and line in stopped
    assert sms.clinic.rasa.asked == [] and sms.clinic.escalations(sms.conversation(ANN).id) == []


async def test_keywords_help_offers_a_person_now(sms: SmsClinic) -> None:
    assert "1 I need help now" in (await sms.write(ANN, "HELP"))[0]
    await sms.write(ANN, "1")
    (escalation,) = sms.clinic.escalations(sms.conversation(ANN).id)
    assert escalation.respond == "now" and "asked_for_help" in escalation.reasons


@pytest.mark.parametrize("word", ["START", "unstop", "Yes"])
async def test_keywords_start_takes_stop_back(sms: SmsClinic, word: str) -> None:
    sms.patient(ANN)
    await sms.write(ANN, "STOP")
    (said,) = await sms.write(ANN, word)
    assert "again" in said and sms.contact(ANN).stopped_at is None
    with sms.clinic.services.database.write() as session:
        patient = session.get_one(Patient, "p1")
        assert patient.preferred_channel == "sms"
        send_to_patient(session, patient, NOTE)
    await sms.settle()
    assert sms.received(ANN)[-1].text == NOTE.text


async def test_keywords_stop_after_a_risky_message_is_itself_told_to_a_human(sms: SmsClinic) -> None:
    await sms.write(ANN, "I want to die")
    await sms.write(ANN, "thanks")
    await sms.write(ANN, "STOP")
    conversation = sms.conversation(ANN)
    risky, stopped = sms.clinic.escalations(conversation.id)
    assert risky.reasons == ["suicidal_ideation_active"]
    # The answer to STOP, with the numbers, did not get through either: somebody must know at once.
    assert stopped.reasons == ["stopped_after_risk", "crisis_text_not_delivered"] and stopped.respond == "now"
    assert stopped.message_id == sms.clinic.stored(conversation.id, "incoming")[-1].id


async def test_keywords_stop_long_after_a_closed_matter_is_only_stop(sms: SmsClinic) -> None:
    with time_machine.travel(now() - timedelta(days=3)):
        await sms.write(ANN, "I want to die")
        conversation = sms.conversation(ANN)
        with sms.clinic.services.database.write() as session:
            (escalation,) = sms.clinic.escalations(conversation.id)
            escalation = session.merge(escalation)
            sms.clinic.services.escalations.close(session, escalation, by="sam", outcome="spoken_to", note=None)
    await sms.write(ANN, "STOP")
    assert len(sms.clinic.escalations(conversation.id)) == 1


async def test_keywords_risky_message_from_a_blocked_phone_is_told_as_unreached(sms: SmsClinic) -> None:
    await sms.write(ANN, "STOP")
    assert await sms.write(ANN, "I want to die") == []
    (escalation,) = sms.clinic.escalations(sms.conversation(ANN).id)
    assert escalation.respond == "now"
    assert escalation.reasons == ["suicidal_ideation_active", "crisis_text_not_delivered"]


async def test_keywords_help_in_answer_to_the_safety_question_is_no_keyword(sms: SmsClinic) -> None:
    conversation = sms.conversation(ANN)
    with sms.clinic.services.database.write() as session:
        crisis = sms.clinic.services.crisis.texts.first(respond="now", categories=(), told="sent")
        store_replies(session, conversation_id=conversation.id, replies=[crisis])
    await sms.write(ANN, "help")
    (escalation,) = sms.clinic.escalations(conversation.id)
    assert escalation.respond == "now" and len(sms.clinic.rasa.asked) == 1


async def test_keywords_network_refusal_alone_is_understood(sms: SmsClinic) -> None:
    sms.network.phone(ANN).next_error = 21610
    await sms.write(ANN, "What is DIT?")
    assert sms.contact(ANN).stopped_by == "network" and sms.deliveries()[0].error_code == "21610"
    assert [call["Body"] for call in sms.http.calls].count("An answer.") == 1, "not tried again"
