"""What a therapist sees of a patient: charts with their table, change as facts define it, gaps shown as gaps."""

import re
from datetime import timedelta

import pytest
from people import FALLING, People, values_of
from playwright.sync_api import expect
from sqlalchemy import update

from clinic.clock import now
from clinic.console.charts import chart_of
from clinic.courses.models import Course
from clinic.courses.progress import progress_of
from clinic.patients.models import Patient
from clinic.questionnaires.change import Scores
from clinic.staff.models import StaffAccount


@pytest.fixture
def people(clinic):
    return People(clinic)


def progress(clinic, patient_id, **more):
    with clinic.database.read() as session:
        return progress_of(session, patient_id, clinic.services.questionnaires.questionnaires, **more)


def test_progress_has_every_session_and_its_gaps(clinic, people):
    patient_id, _ = people.in_the_middle()
    found = progress(clinic, patient_id)
    assert [one.number for one in found.occasions] == list(range(1, 17))
    assert [one.total("phq-9") for one in found.occasions] == [*FALLING, None]
    missing = [one.number for one in found.occasions if one.is_missing("phq-9", now())]
    # The sixteenth is still to come: nothing is missing there yet.
    assert missing == [3, 8]
    assert found.scores() == {"phq-9": Scores(24, 6), "gad-7": Scores(21, 6)}
    assert found.change().is_reliable_recovery


def test_progress_unfinished_has_no_total_and_the_last_complete_one_counts(clinic, people):
    patient_id = people.patient()
    course_id = people.course(patient_id, past=2)
    people.fill_in(patient_id, "phq-9", [1] * 9, course_id=course_id, number=1)
    people.fill_in(patient_id, "phq-9", [2] * 9, course_id=course_id, number=1)
    people.fill_in(patient_id, "phq-9", [3] * 4, course_id=course_id, number=1)
    people.fill_in(patient_id, "phq-9", [3] * 4, course_id=course_id, number=2)
    first, second = progress(clinic, patient_id).occasions[:2]
    assert (first.total("phq-9"), second.total("phq-9")) == (18, None)
    assert second.is_missing("phq-9", now()) and len(second.filled["phq-9"].answers) == 4


def test_progress_shows_what_was_filled_in_between_sessions_in_its_place(clinic, people):
    patient_id = people.patient()
    people.course(patient_id, past=2)
    people.fill_in(patient_id, "phq-9", [1] * 9)
    people.fill_in(patient_id, "gad-7", [1] * 7)
    occasions = progress(clinic, patient_id).occasions
    assert [one.number for one in occasions][:4] == [1, 2, None, 3]
    assert (occasions[2].total("phq-9"), occasions[2].total("gad-7")) == (9, 7)


def test_progress_of_another_version_is_counted_apart(clinic, people):
    patient_id = people.patient()
    people.fill_in(patient_id, "phq-9", [1] * 9, version="0")
    found = progress(clinic, patient_id)
    assert (found.occasions, found.not_comparable) == ([], 1)


def test_progress_without_a_course_is_by_day(clinic, people):
    patient_id = people.patient()
    people.fill_in(patient_id, "phq-9", [1] * 9)
    assert [one.total("phq-9") for one in progress(clinic, patient_id).occasions] == [9]


def test_progress_of_an_earlier_course_is_its_own(clinic, people):
    patient_id = people.patient()
    earlier = people.course(patient_id, past=2, sessions=2)
    people.fill_in(patient_id, "phq-9", [3] * 9, course_id=earlier, number=1)
    with clinic.database.write() as session:
        course = session.get_one(Course, earlier)
        clinic.services.courses.end(session, course, by="sam")
        course.ended_at = now() - timedelta(minutes=1)
    people.course(patient_id, sessions=4)
    people.fill_in(patient_id, "phq-9", [1] * 9)
    with clinic.database.read() as session:
        course = session.get_one(Course, earlier)
        found = progress_of(session, patient_id, clinic.services.questionnaires.questionnaires, course=course)
    assert [one.total("phq-9") for one in found.occasions] == [27, None]
    assert [one.total("phq-9") for one in progress(clinic, patient_id).with_total("phq-9")] == [9]


def test_chart_breaks_its_line_where_a_score_is_missing(clinic, people):
    patient_id, _ = people.in_the_middle()
    found = progress(clinic, patient_id)
    chart = chart_of(found, found.questionnaires[0], now())
    assert [len(points.split()) for points in chart.lines] == [2, 4, 7]
    assert [mark.total for mark in chart.marks] == [*FALLING, None]
    assert all(0 < mark.x < chart.width and (mark.y is None or 0 < mark.y < chart.baseline) for mark in chart.marks)
    # Higher totals stand higher.
    heights = [mark.y for mark in chart.marks if mark.y is not None]
    assert heights == sorted(heights)
    assert chart.caseness.value == 10
    assert chart.description.startswith("Session 1: 24; session 2: 22; session 3: no score; session 4: 21")


def test_patient_page_says_change_and_shows_the_same_numbers_twice(clinic, people, sam):
    patient_id, _ = people.in_the_middle()
    page = sam.get(f"/console/patients/{patient_id}").text
    assert "Fell by 18: a reliable change" in " ".join(page.split())
    assert "Reliable improvement." in page and "Recovery, and a reliable one." in page
    drawn = re.findall(r'class="chart__value"[^>]*>(\d+)<', page)
    in_table = re.findall(r"<td><strong>(\d+)</strong>", page)
    assert drawn == [str(t) for t in FALLING if t is not None] + [str(min(t, 21)) for t in FALLING if t is not None]
    assert sorted(drawn) == sorted(in_table)
    assert page.count('class="chart__missing"') == 4 and page.count("No score") == 4
    assert page.count("caseness 10") == 1 and page.count("caseness 8") == 1


@pytest.mark.parametrize(
    ("phq", "gad", "said"),
    [
        ((20, 8), (15, 5), ["Reliable improvement.", "Recovery, and a reliable one."]),
        ((12, 9), (7, 6), ["Neither reliable improvement", "Recovery, but not a reliable one."]),
        ((20, 14), (15, 19), ["Neither reliable improvement", "No recovery: still at caseness."]),
        ((5, 11), (3, 3), ["Reliable deterioration.", "Below caseness at the start", "at caseness now"]),
        ((5, 4), (3, 3), ["Neither reliable improvement", "Below caseness at the start"]),
    ],
)
def test_patient_page_words_of_change(clinic, people, sam, phq, gad, said):
    patient_id = people.patient()
    course_id = people.course(patient_id, past=2)
    for number in (1, 2):
        people.fill_in(patient_id, "phq-9", values_of(phq[number - 1], 9), course_id=course_id, number=number)
        people.fill_in(patient_id, "gad-7", values_of(gad[number - 1], 7), course_id=course_id, number=number)
    page = " ".join(sam.get(f"/console/patients/{patient_id}").text.split())
    assert [words for words in said if words not in page] == []


def test_patient_page_keeps_the_history_of_item_9(clinic, people, sam):
    patient_id = people.patient()
    course_id = people.course(patient_id, past=3)
    for number, value in ((1, 2), (2, 0)):
        values = [1] * 8 + [value]
        response = people.fill_in(patient_id, "phq-9", values, course_id=course_id, number=number)
    clinic.replace_answer(response, 9, 1)
    people.fill_in(patient_id, "phq-9", [1] * 5, course_id=course_id, number=3)
    page = " ".join(sam.get(f"/console/patients/{patient_id}").text.split())
    told = page[page.index("Answers that were told") : page.index("Answers to each question")]
    told = re.sub(r"<[^>]+>", "", told)
    assert "2 - More than half the days" in told
    assert "1 - Several days (before: 0 - Not at all)" in told
    assert "Session 3" in told and "not answered" in told


@pytest.mark.parametrize("address", ["", "/before-session", "/course"])
def test_patient_pages_are_recorded_and_a_therapist_sees_only_their_own(clinic, people, new_client, address):
    therapist = clinic.account("theo", "Theo Marsh")
    with clinic.database.write() as session:
        session.execute(update(StaffAccount).where(StaffAccount.id == therapist.id).values(role="therapist"))
    theirs, other = people.patient(therapist_id=therapist.id), people.patient("Tom", "Whitfield")
    client = new_client(therapist)
    assert client.get(f"/console/patients/{theirs}{address}").status_code == 200
    assert client.get(f"/console/patients/{other}{address}").status_code == 404
    assert ("theo", "view", "patient", theirs) in clinic.audit()
    assert ("theo", "view", "patient", other) not in clinic.audit()
    with clinic.database.write() as session:
        session.execute(update(Patient).values(status="in_therapy"))
    page = client.get("/console/patients").text
    assert "Amira Haddad" in page and "Tom Whitfield" not in page


def test_patients_list_shows_whose_session_comes_first(clinic, people, sam):
    later, sooner = people.patient("Tom", "Whitfield"), people.patient("Grace", "Okafor")
    course_id = people.course(later)
    people.course(sooner)
    with clinic.database.write() as session:
        first = session.get_one(Course, course_id).sessions[0]
        first.starts_at += timedelta(hours=3)
    page = sam.get("/console/patients").text
    assert page.index("Grace Okafor") < page.index("Tom Whitfield")
    assert "Still to fill in before it: PHQ-9, GAD-7" in page
    waiting = people.patient("Joe", "Bright")
    assert "Joe Bright" in sam.get("/console/patients?status=waiting").text
    assert waiting not in page


def test_patient_pages_of_nobody(sam):
    assert sam.get("/console/patients/nobody").status_code == 404
    assert sam.get("/console/patients/" + "x" * 80).status_code == 404


@pytest.mark.browser
def test_before_session_fits_one_sheet_of_paper(clinic, people, new_page, sqlite_url):
    patient_id, course_id = people.in_the_middle()
    people.fill_in(patient_id, "phq-9", [3] * 9, course_id=course_id, number=16)
    people.fill_in(patient_id, "gad-7", [3] * 7, course_id=course_id, number=16)
    page = new_page(clinic.account())
    page.goto(f"/console/patients/{patient_id}/before-session")
    expect(page.get_by_role("img", name="PHQ-9: total at each session")).to_be_visible()
    pdf = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1
