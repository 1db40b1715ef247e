"""Scripts in every text that a patient or a file can fill: no page of any role takes them for markup."""

import io
import re

import pytest
from people import People
from starlette.routing import Route

from clinic.console.pages import console_router
from clinic.conversations.models import Conversation, Message
from clinic.notes.models import Note
from clinic.notes.service import add_note
from clinic.patients.models import Patient
from clinic.questions.models import OpenQuestion
from clinic.questions.service import keep
from clinic.waiting_list.models import WaitingListImport

MARKUP = re.compile(r"<script>|<script [^s]|<img|<svg/|</textarea></title|javascript:alert\(1\)\"|49770")
WORDS = "</textarea></title><script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>\"'{{ 7 * 7110 }}"
NAMES = re.compile(r"{(\w+)(?::\w+)?}")
CSV = (
    f'First name,Last name,Date of birth,Mobile,Reference\n"{WORDS.replace(chr(34), chr(34) * 2)}",B,1,2,{WORDS[:40]}\n'
)


@pytest.fixture
def filled(clinic, sam):
    """One patient whose every text is the words, with all that belongs to them. Returns the ids for addresses."""
    people = People(clinic)
    patient_id, course_id = people.in_the_middle(WORDS, WORDS, status="in_therapy", safe_contact=WORDS, reference=WORDS)
    waiting = people.patient(WORDS, WORDS, reference=WORDS + "2", safe_contact=WORDS)
    with clinic.database.write() as session:
        conversation = session.query(Conversation).filter_by(patient_id=patient_id).one()
        conversation_id = conversation.id
    message_id = clinic.message(conversation_id, WORDS)
    with clinic.database.write() as session:
        message = session.get_one(Message, message_id)
        add_note(session, message=message, text=WORDS)
        for note in session.query(Note):
            for name in ("shared_at", "released_at"):
                if hasattr(note, name):
                    setattr(note, name, message.at)
        keep(session, message, why="unsure")
        session.query(OpenQuestion).one()
        session_id = session.get_one(Patient, patient_id) and _first_session(session, course_id)
    escalation = clinic.escalation(WORDS, conversation_id=conversation_id, phrases=(WORDS[:20],))
    clinic.escalation(WORDS, conversation_id=conversation_id, status="closed", note=WORDS)
    sam.http.post(
        "/console/waiting-list/import",
        data={"csrftoken": sam.token()},
        files={"file": (f"{WORDS[:60]}.csv", io.BytesIO(CSV.encode()))},
    )
    with clinic.database.read() as session:
        assert session.query(WaitingListImport).count() == 1
    return {
        "patient_id": [patient_id, waiting],
        "conversation_id": [conversation_id],
        "escalation_id": [escalation.id],
        "import_id": [1],
        "session_id": [session_id],
    }


def _first_session(session, course_id):
    from clinic.courses.models import TherapySession

    return session.query(TherapySession.id).filter_by(course_id=course_id).limit(1).scalar()


def pages(services, ids):
    """Every address of the console that shows something, with every id there is."""
    for route in console_router(services).routes:
        if (
            not isinstance(route, Route)
            or "GET" not in route.methods
            or "rest" in route.path
            or route.path.endswith("/events")
        ):
            continue
        names = NAMES.findall(route.path)
        for place in range(max([1, *(len(ids.get(name, ["1"])) for name in names)])):
            values = {name: ids.get(name, ["1"])[min(place, len(ids.get(name, ["1"])) - 1)] for name in names}
            yield NAMES.sub(lambda found, values=values: str(values[found[1]]), route.path)


def test_stored_words_are_never_markup_on_any_page_of_any_role(services, clinic, new_client, sam, filled):
    shown = 0
    ann = new_client(clinic.account("ann", WORDS[:100], role="administrator"))
    for path in pages(services, filled):
        for client in (sam, ann):
            answer = client.get(path)
            assert answer.status_code < 500, path
            if "html" in answer.headers.get("content-type", ""):
                assert not MARKUP.search(answer.text), path
                shown += "&lt;script&gt;" in answer.text
    # It is shown all the same, on many pages: a test that sees nothing proves nothing.
    assert shown >= 12
