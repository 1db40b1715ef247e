"""WCAG 2.2 AA: what axe can see on every page and state, light and dark, and that nothing needs sideways scrolling."""

import re
from datetime import timedelta

import pytest
from people import People
from playwright.sync_api import expect
from sqlalchemy import update

from clinic.clock import now
from clinic.conversations.models import Message
from clinic.courses.models import Course
from clinic.questions.service import keep
from clinic.rights.models import Erasure
from clinic.staff.access import COOKIE

pytestmark = pytest.mark.browser
LIVE = re.compile(r"/console/live/")
PARTS = re.compile(r"of \d+ parts")
LONG = "aaaaaaaaaa" * 30 + " https://example.org/" + "b" * 200


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url


def log_in_failed(page, clinic):
    page.goto("/console/log-in")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_text("You are not logged in.")).to_be_visible()


def nobody(page, clinic):
    page.goto("/console")


def just_closed(page, clinic):
    page.goto("/console?closed=7")


def full_list(page, clinic):
    for respond in ("now", "today", "next_working_day"):
        clinic.escalation("I have the tablets. " + LONG, respond=respond, phrases=("tablets",))
        clinic.escalation("I have the tablets.", respond=respond, phrases=("tablets",), status="acknowledged")
    page.goto("/console")


def connection_lost(page, clinic):
    full_list(page, clinic)
    page.route(LIVE, lambda route: route.abort())
    expect(page.get_by_text("Connection lost.")).to_be_visible()


def new_one(page, clinic):
    conversation_id = clinic.conversation()
    clinic.message(conversation_id, "Are you safe right now?", sender="assistant", kind="crisis")
    clinic.escalation("the tablets " + LONG, conversation_id=conversation_id, phrases=("tablets", "earlier words"))
    clinic.escalation("no", conversation_id=conversation_id)
    page.goto("/console/escalations/1")
    page.get_by_text("The message just before it").click()


def seen_one(page, clinic):
    clinic.escalation(status="acknowledged")
    page.goto("/console/escalations/1")


def close_refused(page, clinic):
    seen_one(page, clinic)
    page.get_by_role("button", name="Close the escalation").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def given_and_noted(page, clinic):
    clinic.escalation(status="acknowledged", assignee="sam", assigned_by="priya", assigned_at=now())
    page.goto("/console/escalations/1")
    page.get_by_text("Add a note").click()
    page.get_by_label("Note for your colleagues").fill("Rang twice. " + LONG)
    page.get_by_role("button", name="Store the note").click()
    expect(page.get_by_text("Rang twice.")).to_be_visible()
    page.get_by_text("Give it to a colleague, or take it").click()
    page.get_by_role("button", name="Give it", exact=True).click()
    expect(page.get_by_role("link", name="Choose a colleague")).to_be_visible()


def false_alarm_asked_why(page, clinic):
    seen_one(page, clinic)
    page.get_by_label("False alarm").check()
    page.get_by_role("button", name="Close the escalation").click()
    expect(page.get_by_role("link", name="Choose why")).to_be_visible()
    expect(page.get_by_label("Why?")).to_be_visible()


def list_of_several_pages(page, clinic):
    for number in range(52):
        clinic.escalation(f"number {number}", assignee="sam", assigned_by="priya")
    page.goto("/console?page=2")
    page.get_by_role("button", name="Turn the sound on").click()
    expect(page.get_by_text("Sound is on. You hear it")).to_be_visible()


def detector_feedback(page, clinic):
    account = clinic.account("ann", "Ann Roy", role="administrator")
    page.context.clear_cookies()
    page.goto("/console/log-in")
    page.context.add_cookies([{"name": COOKIE, "value": clinic.session_token(account), "url": page.url}])
    page.goto("/console/improvement")
    expect(page.get_by_text("No messages yet")).to_be_visible()


def something_failed(page, clinic):
    clinic.services.escalations.outcomes = None  # what an escalation's page cannot do without
    clinic.escalation()
    page.goto("/console/escalations/1")
    expect(page.get_by_role("heading", name="This did not work just now")).to_be_visible()


def closed_one(page, clinic):
    clinic.escalation(status="closed", note="Spoke for long. " + LONG)
    page.goto("/console/escalations/1")


def closed_list(page, clinic):
    for _ in range(51):
        clinic.escalation("the tablets " + LONG, status="closed", phrases=("tablets",))
    page.goto("/console/closed")


def no_closed(page, clinic):
    page.goto("/console/closed")


def conversation(page, clinic):
    one = clinic.escalation("the tablets " + LONG, phrases=("tablets",))
    clinic.message(one.conversation_id, "Please call 999.", sender="assistant", kind="crisis")
    clinic.message(one.conversation_id, "I am Priya.", sender="staff", name="Priya Nair", kind="staff")
    clinic.answers(one.conversation_id, "phq-9", [1] * 9, total=9)
    clinic.answers(one.conversation_id, "gad-7", [1], total=None)
    page.goto(f"/console/conversations/{one.conversation_id}")
    for sheet in page.locator("summary").all():
        sheet.click()
    expect(page.get_by_text("Total 9 of 27")).to_be_visible()


def conversation_taken_over(page, clinic):
    conversation(page, clinic)
    page.get_by_label("Write to the person").fill("Hello")
    page.get_by_role("button", name="Take over and send").click()
    expect(page.get_by_text("You are writing with this person.")).to_be_visible()


def conversation_of_a_colleague(page, clinic):
    one = clinic.escalation()
    with clinic.database.write() as session:
        session.merge(clinic.stored_conversation(one.conversation_id)).assignee_name = "Priya Nair"
    page.goto(f"/console/conversations/{one.conversation_id}")


def message_refused(page, clinic):
    conversation(page, clinic)
    page.get_by_role("button", name="Take over and send").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def logged_out_while_writing(page, clinic):
    conversation(page, clinic)
    page.get_by_label("Write to the person").fill("half a sentence")
    clinic.end_all_sessions()
    expect(page.get_by_text("You are logged out.")).to_be_visible()


def open_questions(page, clinic):
    conversation_id = clinic.conversation()
    clinic.message(conversation_id, "Can I bring my dog? " + LONG)
    with clinic.database.write() as session:
        keep(session, session.get_one(Message, 1), why="out_of_scope")
    page.goto("/console/questions")


def patients(page, clinic):
    People(clinic).in_the_middle("Amira" * 12, "Haddad")
    page.goto("/console/patients")


def no_patients(page, clinic):
    page.goto("/console/patients?status=finished")


def patient(page, clinic):
    patient_id, course_id = People(clinic).in_the_middle()
    with clinic.database.write() as session:
        clinic.services.courses.mark(session, session.get_one(Course, course_id).sessions[7], "cancelled", by="sam")
    People(clinic).fill_in(patient_id, "phq-9", [1] * 4)
    People(clinic).fill_in(patient_id, "gad-7", [1] * 7, version="0")
    page.goto(f"/console/patients/{patient_id}")


def patient_without_anything(page, clinic):
    page.goto(f"/console/patients/{People(clinic).patient()}")


def before_session(page, clinic):
    patient(page, clinic)
    page.get_by_role("link", name="One page to print").click()


def course(page, clinic):
    patient(page, clinic)
    page.get_by_role("link", name="Sessions and breaks").click()
    page.get_by_text("Plan a break").click()
    page.get_by_label("First day of the break").fill((now() + timedelta(days=70)).date().isoformat())
    page.get_by_label("Last day of the break").fill((now() + timedelta(days=71)).date().isoformat())
    page.get_by_role("button", name="Plan the break").click()
    expect(page.get_by_text("The break is planned.")).to_be_visible()
    for summary in page.locator("summary").all():
        summary.click()


def no_course(page, clinic):
    page.goto(f"/console/patients/{People(clinic).patient()}/course")


def course_refused(page, clinic):
    no_course(page, clinic)
    page.get_by_role("button", name="Begin the course").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def therapy_session(page, clinic):
    patient(page, clinic)
    page.get_by_role("link", name="Sessions and breaks").click()
    page.get_by_role("link", name="Change session 16").click()


def therapy_session_refused(page, clinic):
    therapy_session(page, clinic)
    page.get_by_label("Day").fill("")
    page.get_by_role("button", name="Move the session").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def service(page, clinic):
    People(clinic).in_the_middle(joined_at=now() - timedelta(days=200))
    for minutes in (3, 40, 4000):
        clinic.escalation("tablets " + LONG, status="closed", minutes_ago=minutes)
    clinic.escalation(minutes_ago=70)
    page.goto("/console/service?days=90")
    expect(page.get_by_text(PARTS)).to_be_visible()


def service_of_an_empty_clinic(page, clinic):
    page.goto("/console/service")
    expect(page.get_by_text(PARTS)).to_be_visible()


def service_while_it_asks(page, clinic):
    # Never answered.
    page.route(LIVE, lambda route: None)
    page.goto("/console/service")
    expect(page.get_by_text("Asking every part")).to_be_visible()


def service_that_cannot_be_asked(page, clinic):
    page.route(LIVE, lambda route: route.abort())
    page.goto("/console/service")
    expect(page.get_by_text("This could not be asked just now")).to_be_visible()


def service_parts(page, clinic):
    page.goto("/console/service/parts")


def content(page, clinic):
    page.goto("/console/content")


def content_of_a_topic(page, clinic):
    page.goto("/console/content/therapist_silence")
    page.get_by_text("How a review is noted").click()


def kept(page, clinic):
    patient_id, _ = People(clinic).in_the_middle()
    page.goto(f"/console/patients/{patient_id}/kept")


def kept_refused(page, clinic):
    kept(page, clinic)
    page.get_by_role("button", name="Ask for the erasure").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def erasure_waiting(page, clinic):
    kept(page, clinic)
    page.get_by_label("I have made sure").check()
    page.get_by_role("button", name="Ask for the erasure").click()
    expect(page.get_by_text("You asked for it")).to_be_visible()


def erasure_to_confirm(page, clinic):
    erasure_waiting(page, clinic)
    with clinic.database.write() as session:
        session.execute(update(Erasure).values(requested_by="kim"))
    page.reload()


def erasure_done(page, clinic):
    erasure_to_confirm(page, clinic)
    page.get_by_label("I have looked at whom").check()
    page.get_by_role("button", name="Erase everything").click()
    expect(page.get_by_role("heading", name="What is gone")).to_be_visible()


def erasures(page, clinic):
    erasure_waiting(page, clinic)
    page.goto("/console/erasures")


def details(page, clinic):
    page.goto(f"/console/patients/{People(clinic).patient()}/details")


def details_refused(page, clinic):
    details(page, clinic)
    page.get_by_label("First name").fill("")
    page.get_by_label("Phone number").fill("12")
    page.get_by_role("button", name="Save what is different").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def details_changed(page, clinic):
    details(page, clinic)
    page.get_by_label("First name").fill("Aa" + "a" * 70)
    page.get_by_label("Yes: be careful").check()
    page.get_by_role("button", name="Save what is different").click()
    expect(page.get_by_text("The details are changed")).to_be_visible()


def not_found(page, clinic):
    page.goto("/console/nowhere")


STATES = [
    log_in_failed,
    nobody,
    just_closed,
    full_list,
    connection_lost,
    new_one,
    seen_one,
    given_and_noted,
    false_alarm_asked_why,
    list_of_several_pages,
    detector_feedback,
    something_failed,
    close_refused,
    closed_one,
    closed_list,
    no_closed,
    open_questions,
    conversation,
    conversation_taken_over,
    conversation_of_a_colleague,
    message_refused,
    logged_out_while_writing,
    patients,
    no_patients,
    patient,
    patient_without_anything,
    before_session,
    course,
    no_course,
    course_refused,
    therapy_session,
    therapy_session_refused,
    service,
    service_of_an_empty_clinic,
    service_while_it_asks,
    service_that_cannot_be_asked,
    service_parts,
    content,
    content_of_a_topic,
    kept,
    kept_refused,
    erasure_waiting,
    erasure_to_confirm,
    erasure_done,
    erasures,
    details,
    details_refused,
    details_changed,
    not_found,
]


@pytest.mark.parametrize("state", STATES, ids=[state.__name__ for state in STATES])
def test_accessibility_of_every_page_and_state(clinic, new_page, axe_violations, state):
    page = new_page(clinic.account())
    state(page, clinic)
    found = {}
    for scheme, width, height in (("light", 1280, 800), ("dark", 360, 640), ("light", 320, 256)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})
        found[scheme, width] = axe_violations(page)
        # 320 pixels are what is left of 1280 at a zoom of 400 %.
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert found == {key: [] for key in found}


@pytest.mark.parametrize("state", [full_list, new_one, conversation])
def test_accessibility_with_forced_colours_and_on_paper(clinic, new_page, state):
    page = new_page(clinic.account())
    state(page, clinic)
    page.emulate_media(forced_colors="active")
    # A marked phrase is told by its line as well, because its ground is gone.
    assert page.evaluate("getComputedStyle(document.querySelector('mark')).textDecorationLine") == "underline"
    page.emulate_media(forced_colors="none", media="print")
    expect(page.get_by_role("button", name="Log out")).to_be_hidden()
    expect(page.locator("mark").first).to_be_visible()
