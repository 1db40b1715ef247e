"""Exports from the console: a therapist exports their own patients only, and each export is on record."""

import json

import pytest
from people import People
from sqlalchemy import update

from clinic.staff.models import StaffAccount


@pytest.fixture
def people(clinic):
    return People(clinic)


@pytest.fixture
def theo(clinic, new_client):
    therapist = clinic.account("theo", "Theo Marsh")
    with clinic.database.write() as session:
        session.execute(update(StaffAccount).where(StaffAccount.id == therapist.id).values(role="therapist"))
    return therapist, new_client(therapist)


def test_export_of_everybody(clinic, people, sam, theo):
    people.fill_in(people.patient(), "phq-9", [1] * 9)
    for what, name in (("scores", "scores.csv"), ("observations", "Observation.ndjson"), ("courses", "courses.csv")):
        assert f'href="/console/export/{what}"' in sam.get("/console/export").text
        answer = sam.get(f"/console/export/{what}")
        assert (answer.status_code, name in answer.headers["content-disposition"]) == (200, True)
        assert answer.headers["cache-control"] == "no-store" and answer.text
        assert ("sam", f"export_{what}", "all_patients", what) in clinic.audit()
        assert theo[1].get(f"/console/export/{what}").status_code == 403
    assert "/console/export/" not in theo[1].get("/console/export").text
    assert sam.get("/console/export/everything").status_code == 422


def test_export_of_one_patient(clinic, people, theo):
    therapist, client = theo
    own, other = people.patient(therapist_id=therapist.id), people.patient("Tom", "Whitfield")
    response = people.fill_in(own, "phq-9", [1] * 9)
    others = people.fill_in(other, "phq-9", [2] * 9)
    lines = client.get(f"/console/patients/{own}/export/questionnaire_responses").text.splitlines()
    assert [json.loads(line)["subject"]["reference"] for line in lines] == [f"Patient/{own}"]
    assert ("theo", "export_questionnaire_responses", "patient", own) in clinic.audit()
    bundle = client.get(f"/console/patients/{own}/responses/{response}")
    assert bundle.headers["content-type"].startswith("application/fhir+json")
    assert [one["resource"]["resourceType"] for one in bundle.json()["entry"]] == [
        "QuestionnaireResponse",
        "Observation",
    ]
    before = clinic.audit()
    for path in (
        f"{other}/export/scores", f"{own}/export/courses", f"{own}/responses/{others}", f"{other}/responses/{others}",
        f"{own}/responses/99999999999",
    ):  # fmt: skip
        assert client.get(f"/console/patients/{path}").status_code == 404
    assert clinic.audit() == before
