"""Correcting a person's details: what changes, what is kept of it, and whom a changed number cuts off."""

from datetime import date

import pytest
from sqlalchemy import select

from clinic.channels.sms.contacts import number_index, proven_patient_id
from clinic.clock import now
from clinic.corrections.models import PatientChange
from clinic.invitations.models import Invitation
from clinic.patients.models import ContactPoint, Patient
from clinic.patients.service import NewPatient, add_patient

FORM = {
    "given_name": "Ines",
    "family_name": "Okafor",
    "born_on": "12/03/1984",
    "phone": "07700 900123",
    "preferred_channel": "sms",
    "contact_from_hour": "9",
    "contact_until_hour": "20",
    "is_phone_shared": "unknown",
    "safe_contact": "",
}


@pytest.fixture
def ines(clinic):
    with clinic.database.write() as session:
        person = NewPatient("Ines", "Okafor", date(1984, 3, 12), "RV77", "+447700900123")
        patient = add_patient(session, person)
        patient.contact_points[0].verified_at = now()
        return patient.id


def save(staff, patient_id, **more):
    return staff.post(f"/console/patients/{patient_id}/details", **{**FORM, **more})


def stored(clinic, patient_id):
    with clinic.database.read() as session:
        patient = session.get_one(Patient, patient_id)
        assert patient.contact_points is not None
        return patient


def test_details_are_corrected_with_history_and_audit(clinic, sam, ines):
    answer = save(
        sam, ines, given_name="Inés", born_on="13 March 1984", is_phone_shared="yes", safe_contact="ask for Ina"
    )
    assert answer.status_code == 303
    patient = stored(clinic, ines)
    assert (patient.given_name, patient.born_on, patient.is_phone_shared) == ("Inés", "1984-03-13", True)
    page = sam.get(answer.headers["location"]).text
    assert "The details are changed" in page and "12/03/1984" in page and "13/03/1984" in page and "by you" in page
    assert ("sam", "correct:given_name,born_on,is_phone_shared,safe_contact", "patient", ines) in clinic.audit()


def test_details_that_do_not_differ_change_nothing(clinic, sam, ines):
    assert save(sam, ines).headers["location"].endswith("said=same")
    with clinic.database.read() as session:
        assert session.scalar(select(PatientChange)) is None


def test_details_new_number_ends_the_old_one_and_proves_nothing_yet(clinic, sam, ines):
    with clinic.database.write() as session:
        code = clinic.services.invitations.invite(session, session.get_one(Patient, ines), way="sms", by="sam")[0].id
    save(sam, ines, phone="07700 900999")
    with clinic.database.read() as session:
        points = session.scalars(select(ContactPoint).order_by(ContactPoint.id)).all()
        assert [(one.value[-3:], one.ended_at is None, one.verified_at is None) for one in points] == [
            ("123", False, False),
            ("999", True, True),
        ]
        for number in ("+447700900123", "+447700900999"):
            assert proven_patient_id(session, number_index(number)) is None
        assert session.get_one(Invitation, code).ended_at is not None, "whoever has the old number has the code"
    assert "has not shown yet that this number is theirs" in sam.get(f"/console/patients/{ines}/details").text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"given_name": " "}, "Enter a first name"),
        ({"given_name": "x" * 81}, "80 characters or fewer"),
        ({"born_on": "31/02/1980"}, "Enter a date in the past"),
        ({"born_on": "1/1/2999"}, "Enter a date in the past"),
        ({"phone": "12"}, "too few digits"),
        ({"phone": "", "preferred_channel": "sms"}, "Text messages need a number"),
        ({"contact_from_hour": "20", "contact_until_hour": "9"}, "later than the first"),
        ({"contact_from_hour": "3"}, "later than the first"),
        ({"preferred_channel": "pigeon"}, "Choose how messages may come"),
    ],
)
def test_details_that_are_wrong_change_nothing(clinic, sam, ines, wrong, said):
    answer = save(sam, ines, safe_contact="ask for Ina", **wrong)
    assert answer.status_code == 422 and said in answer.text and "ask for Ina" in answer.text
    assert stored(clinic, ines).safe_contact is None


def test_details_are_only_for_whoever_may(clinic, ines, new_client):
    reader = new_client(clinic.account("rea", "Rea", role="read_only"))
    assert save(reader, ines).status_code == 403
    other = new_client(clinic.account("tom", "Tom", role="therapist"))
    assert save(other, ines).status_code == other.get(f"/console/patients/{ines}/details").status_code == 404
