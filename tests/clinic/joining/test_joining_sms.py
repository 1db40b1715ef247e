"""Invited by text message, joined by text message: through the emulated network, with Twilio's own client."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import time_machine
from sqlalchemy import select

from clinic.channels.sms.models import SmsContact
from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.invitations.inviting import Invited
from clinic.journey.job import say_what_is_due
from clinic.patients.models import Patient
from clinic.rights.erasure import confirm_erasure, request_erasure
from clinic.rights.holdings import Subject
from tests.clinic.joining.conftest import BORN_ON, PERSON, add, invite
from tests.clinic.sms.conftest import ANN, BEN, SmsClinic, sms  # noqa: F401 (a fixture)


def text_invitation(sms: SmsClinic, patient_id: str) -> Invited:  # noqa: F811
    services = sms.clinic.services
    with services.database.write() as session:
        return services.inviting.invite(session, [patient_id], way="sms", by="sam")


def patient(sms: SmsClinic, patient_id: str) -> Patient:  # noqa: F811
    with sms.clinic.services.database.read() as session:
        found = session.get_one(Patient, patient_id)
        assert found.contact_points is not None
        return found


async def test_sms_invitation_and_joining_by_text(sms: SmsClinic) -> None:  # noqa: F811
    patient_id = add(sms.clinic)
    assert text_invitation(sms, patient_id).texted == 1
    await sms.settle()
    (invitation,) = [text.text for text in sms.received(ANN)]
    assert "Ines" in invitation and "Okafor" not in invitation and "therapy" not in invitation.lower()
    code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", invitation)
    assert code is not None
    asked = " ".join(await sms.write(ANN, code[0].lower()))
    assert "date of birth" in asked and "Ines" not in asked
    about = " ".join(await sms.write(ANN, "12.3.84"))
    assert "Hello Ines" in about and "116 123" in about and "1 Yes, I agree" in about
    channel = " ".join(await sms.write(ANN, "1"))
    assert "1 By text message" in channel and "Only in this chat" not in channel
    assert "time of day" in " ".join(await sms.write(ANN, "1"))
    await sms.write(ANN, "in the morning")
    await sms.write(ANN, "no")
    await sms.write(ANN, "skip")
    done = " ".join(await sms.write(ANN, "no"))
    assert "you have joined" in done
    found = patient(sms, patient_id)
    assert (found.preferred_channel, found.contact_from_hour, found.contact_until_hour) == ("sms", 9, 12)
    assert found.contact_points[0].verified_at is not None and found.joined_at is not None
    with sms.clinic.services.database.read() as session:
        assert session.get_one(Conversation, sms.contact(ANN).conversation_id).patient_id == patient_id


async def test_sms_joining_with_the_code_of_a_letter(sms: SmsClinic) -> None:  # noqa: F811
    patient_id = add(sms.clinic, replace(PERSON, phone=None))
    code = invite(sms.clinic, patient_id)
    assert "date of birth" in " ".join(await sms.write(BEN, code))
    assert "Hello Ines" in " ".join(await sms.write(BEN, BORN_ON))
    await sms.write(BEN, "I agree")
    assert [point.value for point in patient(sms, patient_id).contact_points] == [BEN]


async def test_sms_wrong_code_and_wrong_date_get_the_same_answer(sms: SmsClinic) -> None:  # noqa: F811
    code = invite(sms.clinic, add(sms.clinic))
    right = [await sms.write(ANN, code), await sms.write(ANN, "13 March 1984")]
    wrong = [await sms.write(BEN, "CDFG-HJKM"), await sms.write(BEN, BORN_ON)]
    assert right == wrong


async def test_sms_number_of_two_people_gives_nothing_away(sms: SmsClinic) -> None:  # noqa: F811
    ines, jan = add(sms.clinic), add(sms.clinic, replace(PERSON, given_name="Jan", reference="RV78"))
    refused = text_invitation(sms, ines).not_invited
    assert "shares the phone number" in refused[0][1] and sms.received(ANN) == []
    said = " ".join(await sms.write(ANN, invite(sms.clinic, jan)))
    assert "/join" in said and "Jan" not in said and "Ines" not in said


async def test_sms_nothing_is_sent_after_stop(sms: SmsClinic) -> None:  # noqa: F811
    patient_id = add(sms.clinic)
    await sms.write(ANN, "STOP")
    assert "STOP" in text_invitation(sms, patient_id).not_invited[0][1]
    await sms.write(ANN, "START")
    await sms.write(ANN, invite(sms.clinic, patient_id))
    for text in (BORN_ON, "I agree", "by text message", "any time of day", "only me", "skip", "yes"):
        await sms.write(ANN, text)
    tomorrow = (now() + timedelta(days=1)).replace(hour=12)
    with time_machine.travel(tomorrow, tick=False):
        await sms.write(ANN, "STOP")
        before = len(sms.received(ANN))
        assert say_what_is_due(sms.clinic.services) == []
        await sms.write(ANN, "START")
        assert len(say_what_is_due(sms.clinic.services)) == 1
        await sms.settle()
        assert len(sms.received(ANN)) > before + 1


async def test_sms_invitation_that_nobody_answered_goes_with_the_person(sms: SmsClinic) -> None:  # noqa: F811
    patient_id, other = add(sms.clinic), add(sms.clinic, replace(PERSON, reference="RV79", phone=BEN))
    for one in (patient_id, other):
        text_invitation(sms, one)
    await sms.settle()
    with sms.clinic.services.database.write() as session:
        erasure = request_erasure(session, Subject(patient_id=patient_id), by="sam")
        confirm_erasure(session, erasure, by="kim", keeps="nothing")
    with sms.clinic.services.database.read() as session:
        (left,) = session.scalars(select(Message))
        (contact,) = session.scalars(select(SmsContact))
        assert contact.number == BEN and left.conversation_id == contact.conversation_id
