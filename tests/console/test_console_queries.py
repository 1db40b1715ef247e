"""A page asks the database as often for many people as for few: time is measured elsewhere, this is why it holds."""

import pytest
from people import People, values_of
from sqlalchemy import event
from starlette.testclient import TestClient

from clinic.app import create_app
from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.questions.service import keep
from clinic.staff.access import COOKIE

# However much there is to show.
MOST = 40
LISTS = [
    "/console",
    "/console/closed",
    "/console/live/escalations",
    "/console/patients",
    "/console/waiting-list?shown=all",
    "/console/questions",
    "/console/content",
    "/console/service",
]
# Of one person: with more sessions, answers, messages and escalations behind them.
OF_ONE = [
    "/console/patients/{patient}",
    "/console/patients/{patient}/before-session",
    "/console/patients/{patient}/course",
    "/console/waiting-list/people/{patient}",
    "/console/conversations/{conversation}",
    "/console/live/conversations/{conversation}",
    "/console/escalations/{escalation}",
]


@pytest.fixture
def database_url(sqlite_url):
    """The same queries go to every kind of database."""
    return sqlite_url


@pytest.fixture
def reader(services, clinic):
    """Somebody on duty; nothing runs by the clock beside the pages, whose queries would be counted too."""
    client = TestClient(create_app(services), follow_redirects=False)
    client.cookies.set(COOKIE, clinic.session_token(clinic.account()))
    return client


def queries(clinic, client, address):
    said = []

    def note(connection, cursor, statement, *_):
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            said.append(statement)

    event.listen(clinic.database.engine, "before_cursor_execute", note)
    try:
        answer = client.get(address)
    finally:
        event.remove(clinic.database.engine, "before_cursor_execute", note)
    assert answer.status_code == 200, address
    return said


def add_people(clinic, people, count):
    for number in range(count):
        patient_id = people.patient(f"In{number}", status="in_therapy", joined_at=now())
        course_id = people.course(patient_id, past=2)
        people.fill_in(patient_id, "phq-9", values_of(9, 9), course_id=course_id, number=1)
        people.patient(f"Wait{number}")
        conversation_id = clinic.conversation()
        clinic.message(conversation_id, "is there parking")
        with clinic.database.write() as session:
            keep(session, session.query(Message).filter_by(conversation_id=conversation_id).one(), why="out_of_scope")
        clinic.escalation()
        clinic.escalation(status="acknowledged")
        clinic.escalation(status="closed")


def test_queries_of_a_list_do_not_grow_with_it(clinic, reader):
    people = People(clinic)
    add_people(clinic, people, 1)
    reader.get("/console")
    few = {address: queries(clinic, reader, address) for address in LISTS}
    add_people(clinic, people, 4)
    for address in LISTS:
        many = queries(clinic, reader, address)
        assert len(many) <= len(few[address]), (address, many)
        assert len(many) <= MOST, (address, len(many))


def test_queries_of_one_person_do_not_grow_with_their_story(clinic, reader):
    people = People(clinic)
    patient_id = people.patient(status="in_therapy", joined_at=now())
    course_id = people.course(patient_id, past=9)
    with clinic.database.read() as session:
        conversation_id = session.query(Conversation.id).filter_by(patient_id=patient_id).scalar()

    def goes_on(number):
        people.fill_in(patient_id, "phq-9", values_of(9 + number, 9), course_id=course_id, number=number)
        people.fill_in(patient_id, "gad-7", values_of(9 + number, 7), course_id=course_id, number=number)
        return clinic.escalation(conversation_id=conversation_id).id

    escalation_id = goes_on(1)
    goes_on(2)
    addresses = [
        address.format(patient=patient_id, conversation=conversation_id, escalation=escalation_id) for address in OF_ONE
    ]
    reader.get("/console")
    few = {address: queries(clinic, reader, address) for address in addresses}
    for number in range(3, 8):
        goes_on(number)
    for address in addresses:
        many = queries(clinic, reader, address)
        assert len(many) <= len(few[address]), (address, many)
        assert len(many) <= MOST, (address, len(many))
