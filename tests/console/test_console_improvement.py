"""Marking what the detector missed, and the file for administrators."""

import re

import pytest

from clinic.conversations.models import Conversation
from clinic.patients.service import IMPROVE, NewPatient, add_patient, record_consent


@pytest.fixture
def agreed(clinic):
    """The conversation of somebody who has agreed."""
    conversation_id = clinic.conversation()
    with clinic.database.write() as session:
        patient = add_patient(session, NewPatient(given_name="Amira", family_name="Haddad"))
        session.flush()
        for kind in ("use", IMPROVE):
            record_consent(session, patient, decision="given", version="1", channel="web", kind=kind)
        session.get_one(Conversation, conversation_id).patient_id = patient.id
    return conversation_id


def test_missed_is_offered_beside_what_nobody_was_told_of(clinic, sam, new_client):
    one = clinic.escalation("I have the tablets here.")
    message_id = clinic.message(one.conversation_id, "I have written the letters")
    clinic.message(one.conversation_id, "Hello", sender="assistant", kind="menu")
    page = sam.get(f"/console/conversations/{one.conversation_id}").text
    assert re.findall(r'id="missed-(\d+)"', page) == [str(message_id)]
    reader = new_client(clinic.account("reader", "Reads Only", role="read_only"))
    assert 'id="missed-' not in reader.get(f"/console/conversations/{one.conversation_id}").text


def test_missed_becomes_an_escalation_and_goes_into_the_file(clinic, agreed, sam, new_client):
    message_id = clinic.message(agreed, "amira has written the letters")
    path = f"/console/conversations/{agreed}/missed"
    for _ in range(2):
        response = sam.post(path, message=str(message_id), respond="today")
        assert response.status_code == 303
    assert clinic.stored_escalation(1).assignee == "sam"
    admin = new_client(clinic.account("ann", "Ann Roy", role="administrator"))
    page = admin.get("/console/improvement").text
    assert "1 message</strong>" in page and "written the letters" not in page
    file = admin.get("/console/improvement/messages.jsonl")
    assert file.headers["content-disposition"].startswith("attachment")
    assert file.json()["text"] == "[name] has written the letters"
    assert ("ann", "export", "detector_feedback", "1") in clinic.audit()
    assert sam.get("/console/improvement").status_code == 403


@pytest.mark.parametrize(
    ("message", "respond"),
    [("99", "now"), ("", "now"), ("1", "whenever"), ("2", "now"), ("9" * 30, "now"), ("3", "now")],
)
def test_missed_of_nothing_is_not_there(clinic, sam, message, respond):
    one, other = clinic.conversation(), clinic.conversation()
    clinic.message(one, "hello")
    clinic.message(one, "Hello", sender="assistant", kind="menu")
    clinic.message(other, "another conversation's")
    assert sam.post(f"/console/conversations/{one}/missed", message=message, respond=respond).status_code == 404
