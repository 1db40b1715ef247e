"""A copy of what is kept, and erasure by two people, in the console."""

import json
import re

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from clinic.audit.models import AuditEvent
from clinic.conversations.models import Conversation, Message
from clinic.outbox.models import OutboxItem
from clinic.patients.models import Patient
from clinic.patients.service import NewPatient, add_patient
from clinic.rights.models import Erasure
from clinic.rights.rasa_memory import RASA_MEMORY

WORDS = "why does she never answer"


@pytest.fixture
def kim(clinic, new_client):
    return new_client(clinic.account("kim", "Kim Roe"))


@pytest.fixture
def ines(clinic):
    """A patient with a conversation."""
    conversation_id = clinic.conversation()
    clinic.message(conversation_id, WORDS)
    with clinic.database.write() as session:
        patient = add_patient(session, NewPatient("Ines", "Okafor", reference="RV77", phone="+447700900123"))
        session.flush()
        session.get_one(Conversation, conversation_id).patient_id = patient.id
        return patient.id


def events(clinic, action):
    with clinic.database.read() as session:
        found = session.scalars(select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id))
        return [(one.actor, one.entity, one.entity_id) for one in found]


def test_kept_copy_holds_everything_and_is_recorded(clinic, sam, ines):
    page = sam.get(f"/console/patients/{ines}/kept").text
    assert "1 messages" in page and "copy.pdf" in page
    answer = sam.get(f"/console/patients/{ines}/kept/copy.json")
    assert answer.headers["cache-control"] == "no-store" and "attachment" in answer.headers["content-disposition"]
    assert [one["text"] for one in json.loads(answer.text)["kept"]["message"]] == [WORDS]
    assert sam.get(f"/console/patients/{ines}/kept/copy.pdf").content.startswith(b"%PDF-")
    assert events(clinic, "export_copy") == [("sam", "patient", ines)] * 2


def test_kept_erasure_is_asked_for_by_one_and_confirmed_by_another(clinic, sam, kim, ines):
    base = f"/console/patients/{ines}"
    assert sam.post(f"{base}/erasure/request").status_code == 409, "without the tick"
    assert sam.post(f"{base}/erasure/request", sure="yes").status_code == 303
    mine = sam.get(f"{base}/kept").text
    assert "You asked for it" in mine and "Erase everything" not in mine
    refused = sam.post(f"{base}/erasure/confirm", sure="yes")
    assert refused.status_code == 409 and "Somebody else has to confirm it" in refused.text
    assert "Ines Okafor" in kim.get("/console/erasures").text
    assert kim.post(f"{base}/erasure/confirm").status_code == 409, "without the tick"
    done = kim.post(f"{base}/erasure/confirm", sure="yes")
    assert done.status_code == 303
    report = kim.get(done.headers["location"]).text
    assert "Message: 1" in report and "Ines" not in report and "Sam Lee" in report
    assert kim.get(f"{base}/kept").status_code == kim.get(base).status_code == 404
    with clinic.database.read() as session:
        assert session.scalar(select(Patient)) is None and session.scalar(select(Message)) is None
        assert [one.channel for one in session.scalars(select(OutboxItem).where(OutboxItem.channel == RASA_MEMORY))]
        erasure = session.scalars(select(Erasure)).one()
    assert (erasure.requested_by, erasure.confirmed_by) == ("sam", "kim")
    assert [actor for actor, *_ in events(clinic, "request_erasure")] == ["sam"]
    assert events(clinic, "erase") == [("kim", "erasure", erasure.id)]


def test_kept_erasure_can_be_taken_back(clinic, sam, kim, ines):
    base = f"/console/patients/{ines}"
    sam.post(f"{base}/erasure/request", sure="yes")
    assert kim.post(f"{base}/erasure/withdraw").status_code == 303
    assert "Ask for the erasure" in sam.get(f"{base}/kept").text
    assert kim.post(f"{base}/erasure/confirm", sure="yes").status_code == 409


def test_kept_erasure_waits_for_an_open_escalation(clinic, sam, ines):
    with clinic.database.read() as session:
        conversation_id = session.scalars(select(Conversation.id)).one()
    clinic.escalation("I have the tablets", conversation_id=conversation_id)
    refused = sam.post(f"/console/patients/{ines}/erasure/request", sure="yes")
    assert refused.status_code == 409 and "close the escalations" in refused.text


def test_kept_erasure_of_somebody_unknown(clinic, sam, kim):
    conversation_id = clinic.conversation()
    clinic.message(conversation_id, WORDS)
    base = f"/console/conversations/{conversation_id}"
    assert f"/console/conversations/{conversation_id}/kept" in sam.get(base).text
    sam.post(f"{base}/erasure/request", sure="yes")
    kim.post(f"{base}/erasure/confirm", sure="yes")
    with clinic.database.read() as session:
        assert session.scalar(select(Conversation)) is None


def test_kept_is_only_for_whoever_may(clinic, ines, new_client):
    reader = new_client(clinic.account("rea", "Rea", role="read_only"))
    assert reader.get(f"/console/patients/{ines}/kept").status_code == 403
    assert reader.get(f"/console/patients/{ines}/kept/copy.json").status_code == 403
    assert reader.post(f"/console/patients/{ines}/erasure/request", sure="yes").status_code == 403
    other = new_client(clinic.account("tom", "Tom", role="therapist"))
    assert other.get(f"/console/patients/{ines}/kept").status_code == 404
    assert other.post(f"/console/patients/{ines}/erasure/request", sure="yes").status_code == 403
    unknown = clinic.conversation()
    for address in (f"/console/conversations/{unknown}/kept", "/console/patients/x/kept"):
        assert other.get(address).status_code == 404
    assert other.get("/console/erasures").status_code == 403


def test_kept_needs_a_person_and_not_a_machine(clinic, stranger, ines):
    clinic.services.settings.staff_api_token = SecretStr("staff-token")
    machine = {"csrftoken": stranger.token(), "sure": "yes"}
    answer = stranger.http.post(
        f"/console/patients/{ines}/erasure/request", data=machine, headers={"Authorization": "Bearer staff-token"}
    )
    assert answer.status_code == 409 and "a person who is logged in" in answer.text
    with clinic.database.read() as session:
        assert session.scalar(select(Erasure)) is None


def test_kept_pages_name_nobody_in_their_addresses(clinic, sam, ines):
    assert not re.search(
        r"Ines|Okafor|7700900", "".join(re.findall(r'href="([^"]*)"', sam.get("/console/erasures").text))
    )
