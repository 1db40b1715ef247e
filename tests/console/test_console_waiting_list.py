"""The waiting list in the console: importing with a preview, where each person stands, inviting, letters."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from sqlalchemy import select

from clinic.clock import now
from clinic.console.waiting_list_pages import _A_PAGE
from clinic.invitations.letters import Letter
from clinic.invitations.models import Invitation
from clinic.patients.models import Patient
from clinic.patients.service import NewPatient, add_patient, record_consent
from clinic.waiting_list.job import import_once
from clinic.waiting_list.models import WaitingListImport

INES = NewPatient("Ines", "Okafor", date(1984, 3, 12), "RV77", "+447700900123")
JAN = NewPatient("Jan", "Novak", date(1990, 1, 1), "RV78", "+447700900124")
CSV = b"First name,Surname,DOB,Mobile,Ref\nInes,Okafor,12/03/1984,07700 900123,RV77\nJan,Novak,1/1/1990,07700 900124,RV78\n"
BAD = b"First name,Surname,DOB,Mobile,Ref\nInes,<script>alert(1)</script>,12/03/1984,07700 900123,RV77\nJan,,,07700 900124,\n"


def add(clinic, person=INES):
    with clinic.database.write() as session:
        return add_patient(session, person).id


def upload(staff, content=CSV, name="list.csv"):
    return staff.http.post(
        "/console/waiting-list/import", data={"csrftoken": staff.token()}, files={"file": (name, io.BytesIO(content))}
    )


def people(clinic):
    with clinic.database.read() as session:
        return {patient.given_name for patient in session.scalars(select(Patient))}


def finish_imports(clinic):
    while import_once(clinic.services):
        pass


def test_import_shows_what_would_be_done_before_anything_is(clinic, sam):
    answer = upload(sam)
    assert answer.status_code == 303
    page = sam.get(answer.headers["location"]).text
    assert "Nothing is imported yet" in page and "12 March 1984" in page and "07700 900123" in page
    assert "Import 2 people" in page and people(clinic) == set()


def test_import_is_carried_out_when_confirmed(clinic, sam):
    address = upload(sam).headers["location"]
    assert sam.post(f"{address}/confirm").status_code == 303
    finish_imports(clinic)
    assert people(clinic) == {"Ines", "Jan"}
    page = sam.get(address).text
    assert "2 people were added" in page and "The file is erased" in page
    assert ("sam", "import", "waiting_list_import", "1") in clinic.audit()


def test_import_lists_bad_rows_and_imports_the_others_only_on_request(clinic, sam):
    address = upload(sam, BAD).headers["location"]
    page = sam.get(address).text
    assert "last name: it holds signs that do not belong here" in page and "<script>alert" not in page
    assert sam.post(f"{address}/confirm").status_code == 422
    assert sam.post(f"{address}/confirm", good_rows="yes").status_code == 303
    finish_imports(clinic)
    assert people(clinic) == {"Jan"}


def test_import_columns_can_be_corrected(clinic, sam):
    address = upload(sam, CSV.replace(b"First name", b"A").replace(b"Mobile", b"B")).headers["location"]
    assert "Choose the column with the first name" in sam.get(address).text
    assert sam.post(f"{address}/columns", given_name="0", phone="0").status_code == 422
    assert sam.post(f"{address}/columns", given_name="0", phone="3").status_code == 303
    assert "Import 2 people" in sam.get(address).text


def test_import_can_be_given_up(clinic, sam):
    address = upload(sam).headers["location"]
    sam.post(f"{address}/cancel")
    assert "given up" in sam.get(address).text
    with clinic.database.read() as session:
        assert session.scalars(select(WaitingListImport)).one().content is None
    assert sam.post(f"{address}/confirm").status_code == 422


@pytest.mark.parametrize(("content", "says"), [(b"", "empty"), (b"\x89PNG\0\0", "not a CSV"), (b"a\n", "no rows")])
def test_import_of_what_is_no_list_says_why(sam, content, says):
    answer = upload(sam, content)
    assert answer.status_code == 422 and says in answer.text


def test_import_without_a_file_says_so(sam):
    answer = sam.http.post(
        "/console/waiting-list/import", data={"csrftoken": sam.token()}, files={"file": ("", io.BytesIO(b""))}
    )
    assert answer.status_code == 422 and "Choose a file first" in answer.text


def test_import_takes_a_list_larger_than_a_message(sam):
    rows = b"".join(b"Ines,Okafor,12/03/1984,07700 9%05d,RV%d%s\n" % (n, n, b"x" * 100) for n in range(10_000))
    content = CSV.splitlines(keepends=True)[0] + rows
    assert len(content) > 1_000_000 and upload(sam, content).status_code == 303


def test_import_needs_the_forms_token_and_a_log_in(clinic, sam, stranger):
    assert sam.http.post("/console/waiting-list/import", files={"file": ("a", io.BytesIO(CSV))}).status_code == 403
    assert stranger.get("/console/waiting-list").headers["location"].startswith("/console/log-in")


def test_waiting_list_may_only_be_looked_at_by_who_may_only_read(clinic, new_client):
    account = clinic.account("robin", "Robin Day")
    with clinic.database.write() as session:
        session.merge(account).role = "read_only"
    robin = new_client(account)
    patient_id = add(clinic)
    page = robin.get("/console/waiting-list").text
    assert "Ines Okafor" in page and "Make letters" not in page and "Import a list" not in page
    assert robin.get("/console/waiting-list/import").status_code == 403
    assert robin.post("/console/waiting-list/invite", chosen=patient_id).status_code == 403


def test_waiting_list_shows_where_people_stand(clinic, sam):
    ines, jan = add(clinic), add(clinic, JAN)
    sam.post("/console/waiting-list/invite", chosen=ines, way="letter")
    with clinic.database.write() as session:
        record_consent(session, session.get_one(Patient, jan), decision="given", version="1", channel="web")
    assert "Invited by letter" in sam.get("/console/waiting-list?shown=invited").text
    joined = sam.get("/console/waiting-list?shown=joined").text
    assert "Jan Novak" in joined and "Ines" not in joined and "Invited (1)" in joined and "Joined (1)" in joined


def test_waiting_list_finds_by_reference_and_by_phone(clinic, sam):
    add(clinic)
    add(clinic, JAN)
    for find in ("rv 77", "07700900123", "+44 7700 900123"):
        page = sam.get("/console/waiting-list", params={"find": find}).text
        assert "Ines Okafor" in page and "Jan Novak" not in page
    assert "Nobody has this reference" in sam.get("/console/waiting-list?find=xyz").text


def test_waiting_list_has_pages(clinic, sam):
    with clinic.database.write() as session:
        for number in range(_A_PAGE + 1):
            add_patient(session, NewPatient(f"Person{number}", reference=str(number)))
    assert "Page 2" in sam.get("/console/waiting-list").text
    assert sam.get("/console/waiting-list?page=2").text.count('class="people__one"') == 1


def test_invitations_come_as_one_pdf_with_a_page_each(clinic, sam):
    ids = [add(clinic), add(clinic, JAN)]
    answer = sam.http.post(
        "/console/waiting-list/invite", data={"csrftoken": sam.token(), "chosen": ids, "way": "letter"}
    )
    assert answer.headers["content-type"] == "application/pdf" and answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(b"%PDF") and len(re.findall(rb"/Type /Page\b", answer.content)) == 2
    with clinic.database.read() as session:
        assert {one.patient_id for one in session.scalars(select(Invitation))} == set(ids)


def test_invitations_for_everybody_who_has_none(clinic, sam):
    add(clinic)
    sam.post("/console/waiting-list/invite", everyone="yes", way="letter")
    add(clinic, JAN)
    sam.post("/console/waiting-list/invite", everyone="yes", way="letter")
    with clinic.database.read() as session:
        assert [one.end_reason for one in session.scalars(select(Invitation))] == [None, None]


def test_invitations_make_nothing_until_everybody_can_be_invited(clinic, sam):
    good, bad = add(clinic), add(clinic, NewPatient("Jan", phone="+447700900124"))
    answer = sam.http.post(
        "/console/waiting-list/invite", data={"csrftoken": sam.token(), "chosen": [good, bad], "way": "letter"}
    )
    assert answer.status_code == 409 and "has no date of birth" in answer.text and "for the other 1" in answer.text
    with clinic.database.read() as session:
        assert session.scalars(select(Invitation)).all() == []


def test_invitations_of_nobody_say_so(sam):
    assert "Nobody was chosen" in sam.post("/console/waiting-list/invite", way="letter").text


@pytest.mark.parametrize("name", ["Ines", "Zoë", "Nguyễn", "山田"])
def test_letters_hold_the_first_name_only_whatever_its_script(services, name):
    assert services.letters.pdf([Letter(name, "CDFG-HJKM", now())]).startswith(b"%PDF")


def test_person_page_tells_invitations_decisions_and_how_to_reach_them(clinic, sam):
    patient_id = add(clinic)
    sam.post("/console/waiting-list/invite", chosen=patient_id, way="letter")
    with clinic.database.write() as session:
        patient = session.get_one(Patient, patient_id)
        record_consent(session, patient, decision="given", version="1", channel="web")
        patient.joined_at, patient.safe_contact, patient.is_phone_shared = patient.added_at, "Auntie Jo", True
    page = sam.get(f"/console/waiting-list/people/{patient_id}").text
    for words in ("12 March 1984", "07700 900123", "Auntie Jo", "be careful with messages", "Agreed", "by sam"):
        assert words in page
    assert ("sam", "view", "patient", patient_id) in clinic.audit()
    assert sam.get("/console/waiting-list/people/nobody").status_code == 404


def test_person_page_shows_a_therapist_their_own_only(clinic, new_client):
    account = clinic.account("theo", "Theo Blake")
    with clinic.database.write() as session:
        session.merge(account).role = "therapist"
    patient_id = add(clinic)
    theo = new_client(account)
    assert theo.get(f"/console/waiting-list/people/{patient_id}").status_code == 404
    assert "Ines" not in theo.get("/console/waiting-list").text
