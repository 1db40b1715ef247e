"""Seeing and changing a course in the console: what is done is stored and recorded, what cannot be is said."""

from datetime import timedelta

import pytest
from people import People
from sqlalchemy import update

from clinic.clock import now
from clinic.courses.models import Course
from clinic.courses.service import current_course
from clinic.courses.wall_clock import wall_day
from clinic.patients.models import Patient
from clinic.staff.models import StaffAccount


@pytest.fixture
def people(clinic):
    return People(clinic)


def course_of(clinic, patient_id):
    with clinic.database.read() as session:
        course = current_course(session, patient_id)
        if course is not None:
            assert course.sessions is not None and course.breaks is not None
        return course


def in_days(clinic, days):
    return (wall_day(now(), clinic.services.courses.zone) + timedelta(days=days)).isoformat()


def test_course_is_begun_seen_and_ended(clinic, people, sam):
    patient_id = people.patient()
    base = f"/console/patients/{patient_id}/course"
    assert "Begin a course" in sam.get(base).text
    answer = sam.post(f"{base}/begin", day=in_days(clinic, 3), clock="14:30", sessions="16")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{base}?said=begun")
    page = sam.get(answer.headers["location"]).text
    assert "The course is planned." in page and page.count(", 14:30") == 16
    assert len(course_of(clinic, patient_id).sessions) == 16
    sam.post(f"{base}/end")
    assert course_of(clinic, patient_id) is None
    assert "This course has ended." in sam.get(base).text
    assert [action for actor, action, entity, _ in clinic.audit() if entity == "course"] == ["begin", "end"]


def test_course_sessions_are_marked_moved_and_added(clinic, people, sam):
    patient_id = people.patient()
    course_id = people.course(patient_id, past=2, status="planned", sessions=4)
    with clinic.database.read() as session:
        first, second, third, _ = [one.id for one in session.get_one(Course, course_id).sessions]
    base = f"/console/patients/{patient_id}/course"
    sam.post(f"{base}/sessions/{first}", status="attended")
    sam.post(f"{base}/sessions/{second}", status="missed")
    sam.post(f"{base}/sessions/{third}", day=in_days(clinic, 5), clock="16:00")
    sam.post(f"{base}/sessions", day=in_days(clinic, 40), clock="10:00")
    sessions = course_of(clinic, patient_id).sessions
    assert [one.status for one in sessions] == ["attended", "missed", "planned", "planned", "planned"]
    assert wall_day(sessions[2].starts_at, clinic.services.courses.zone).isoformat() == in_days(clinic, 5)
    assert "Cancelled" in sam.get(f"{base}/sessions/{third}").text
    assert "Attended" not in sam.get(f"{base}/sessions/{sessions[3].id}").text


def test_course_breaks_are_planned_and_taken_back(clinic, people, sam):
    patient_id = people.patient()
    people.course(patient_id, sessions=3)
    base = f"/console/patients/{patient_id}/course"
    sam.post(f"{base}/breaks", from_on=in_days(clinic, 7), until_on=in_days(clinic, 12))
    course = course_of(clinic, patient_id)
    days = [wall_day(one.starts_at, clinic.services.courses.zone).isoformat() for one in course.sessions]
    assert days == [in_days(clinic, 1), in_days(clinic, 15), in_days(clinic, 22)]
    sam.post(f"{base}/breaks/{course.breaks[0].id}/remove")
    assert course_of(clinic, patient_id).breaks == []
    again = sam.post(f"{base}/breaks/{course.breaks[0].id}/remove")
    assert again.status_code == 422 and "taken back in the meantime" in again.text


def test_course_reminder_hour_is_one_that_the_person_may_be_written_at(clinic, people, sam):
    patient_id = people.patient(contact_from_hour=10, contact_until_hour=16)
    people.course(patient_id)
    base = f"/console/patients/{patient_id}/course"
    for hour, status, stored in (("12", 303, 12), ("22", 422, 12), ("x", 422, 12), ("", 303, None)):
        assert sam.post(f"{base}/reminder", hour=hour).status_code == status
        with clinic.database.read() as session:
            assert session.get_one(Patient, patient_id).reminder_hour == stored
    with clinic.database.write() as session:
        session.get_one(Patient, patient_id).preferred_channel = "none"
    assert "No reminders are sent" in sam.get(base).text


@pytest.mark.parametrize(
    ("path", "fields", "said"),
    [
        ("begin", {"day": "", "clock": "10:00", "sessions": "16"}, "Give the day and the time"),
        ("begin", {"day": "2026-13-01", "clock": "10:00", "sessions": "16"}, "Give the day and the time"),
        ("begin", {"day": "3026-12-01", "clock": "10:00", "sessions": "16"}, "years away"),
        ("begin", {"day": "TODAY", "clock": "late", "sessions": "16"}, "Give the day and the time"),
        ("begin", {"day": "TODAY", "clock": "10:00", "sessions": "many"}, "1 to 60 sessions"),
        ("sessions", {"day": "TODAY", "clock": "10:00"}, "no course that goes on"),
        ("breaks", {"from_on": "TODAY", "until_on": ""}, "first and the last day"),
        ("end", {}, "no course that goes on"),
    ],
)
def test_course_says_what_is_wrong_and_keeps_what_was_typed(clinic, people, sam, path, fields, said):
    patient_id = people.patient()
    fields = {name: in_days(clinic, 0) if value == "TODAY" else value for name, value in fields.items()}
    answer = sam.post(f"/console/patients/{patient_id}/course/{path}", **fields)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text and said in answer.text
    if path == "begin" and fields["sessions"] == "many":
        assert 'value="many"' in answer.text
    assert course_of(clinic, patient_id) is None


def test_course_of_somebody_else_s_patient_cannot_be_changed(clinic, people, new_client):
    therapist = clinic.account("theo", "Theo Marsh")
    with clinic.database.write() as session:
        session.execute(update(StaffAccount).where(StaffAccount.id == therapist.id).values(role="therapist"))
    patient_id = people.patient()
    course_id = people.course(patient_id)
    with clinic.database.read() as session:
        first = session.get_one(Course, course_id).sessions[0].id
    client = new_client(therapist)
    base = f"/console/patients/{patient_id}/course"
    for path in ("end", "breaks", "sessions", f"sessions/{first}", "reminder"):
        assert client.post(f"{base}/{path}", status="cancelled", day="2026-12-01").status_code == 404
    assert course_of(clinic, patient_id).sessions[0].status == "planned"


def test_course_session_of_another_patient_is_not_found(clinic, people, sam):
    one, other = people.patient(), people.patient("Tom", "Whitfield")
    course_id = people.course(other)
    people.course(one)
    with clinic.database.read() as session:
        first = session.get_one(Course, course_id).sessions[0].id
    assert sam.get(f"/console/patients/{one}/course/sessions/{first}").status_code == 404
    assert sam.post(f"/console/patients/{one}/course/sessions/{first}", status="cancelled").status_code == 404


def test_course_is_only_read_by_a_role_that_may_only_read(clinic, people, new_client):
    reader = clinic.account("rae", "Rae Moss")
    with clinic.database.write() as session:
        session.execute(update(StaffAccount).where(StaffAccount.id == reader.id).values(role="read_only"))
    patient_id = people.patient()
    people.course(patient_id)
    client = new_client(reader)
    base = f"/console/patients/{patient_id}/course"
    page = client.get(base).text
    assert "Plan a break" not in page and "Change the hour" not in page
    assert client.post(f"{base}/end").status_code == 403
    assert course_of(clinic, patient_id) is not None


def test_course_therapist_is_said_by_who_may_and_sees_the_patient_then(clinic, people, sam, new_client):
    therapist = clinic.account("theo", "Theo Marsh")
    with clinic.database.write() as session:
        session.execute(update(StaffAccount).where(StaffAccount.id == therapist.id).values(role="therapist"))
    patient_id = people.patient()
    people.course(patient_id)
    client = new_client(therapist)
    assert client.get(f"/console/patients/{patient_id}").status_code == 404
    assert "Theo Marsh" in sam.get(f"/console/patients/{patient_id}/course").text
    assert sam.post(f"/console/patients/{patient_id}/therapist", therapist=str(therapist.id)).status_code == 303
    assert client.get(f"/console/patients/{patient_id}").status_code == 200
    assert course_of(clinic, patient_id).therapist_id == therapist.id
    assert ("sam", "assign_therapist", "patient", patient_id) in clinic.audit()
    assert sam.post(f"/console/patients/{patient_id}/therapist", therapist="999").status_code == 422
    assert client.post(f"/console/patients/{patient_id}/therapist", therapist="").status_code == 403
    assert "Whose patient this is" not in client.get(f"/console/patients/{patient_id}/course").text
    sam.post(f"/console/patients/{patient_id}/therapist", therapist="")
    assert client.get(f"/console/patients/{patient_id}").status_code == 404
