"""What each role may do: every route with every role, and a therapist with somebody else's patient."""

import re

import pytest
from people import People
from starlette.routing import Route

from clinic.audit.chain import verify_chain
from clinic.console.api import staff_api_router
from clinic.console.pages import console_router
from clinic.staff.roles import ROLES, RULES, may

# Logging in and out, and one's own account, are everybody's (test_console_log_in.py, test_console_account.py).
ACCOUNT = "/console/account"
NAMES = re.compile(r"{(\w+)(?::\w+)?}")
# Goes on until the session ends: tests/console/test_console_browser.py asks it.
STREAM = "/console/live/events"
# What leads elsewhere for whoever may not see it.
HOME = "/console"


def permission_of(route):
    waiting, found = [route.dependant], set()
    while waiting:
        dependant = waiting.pop()
        found |= {getattr(dependant.call, "permission", None)}
        waiting += dependant.dependencies
    (permission,) = found - {None} or {None}
    return permission


def routes(services):
    every = [*console_router(services).routes, *staff_api_router(services).routes]
    return [(method, route) for route in every if isinstance(route, Route) for method in sorted(route.methods)]


def address(path, values):
    return NAMES.sub(lambda found: str(values.get(found[1], "1")), path)


def ask(client, method, path, csrf):
    if method == "POST":
        # Nothing useful: whoever may do it is told what is missing, whoever may not is told only that.
        return client.http.post(path, data={"csrftoken": csrf})
    return client.http.get(path)


@pytest.mark.parametrize("role", ROLES)
def test_role_may_do_what_the_table_says_and_nothing_else(services, clinic, new_client, role):
    client = new_client(clinic.account(role, "Robin Day", role=role))
    csrf, allowed = client.token(), 0
    for method, route in routes(services):
        if route.path.startswith(("/console/log", ACCOUNT)):
            continue
        permission = permission_of(route)
        if route.path == STREAM and may(role, permission):
            continue
        answer = ask(client, method, address(route.path, {"what": "scores"}), csrf)
        where = (role, method, route.path, permission, answer.status_code)
        if may(role, permission):
            assert answer.status_code not in (401, 403, 500), where
            assert "/log-in" not in answer.headers.get("location", ""), where
            allowed += 1
        elif route.path == HOME:
            assert answer.status_code == 303 and answer.headers["location"].startswith("/console/"), where
        else:
            assert answer.status_code == 403, where
    assert allowed > 8


def test_role_refused_is_told_what_is_missing(clinic, new_client):
    client = new_client(clinic.account("ann", "Ann Roy", role="administrator"))
    page = client.get("/console/closed")
    assert page.status_code == 403
    assert RULES["see_escalations"].meaning in page.text and "Administrator" in page.text
    assert client.get("/api/staff/escalations").json()["error"]["code"] == "not_allowed"


def test_role_unknown_may_do_nothing(clinic, new_client):
    client = new_client(clinic.account("old", "Old Account", role="superuser"))
    assert client.get("/console").status_code in (303, 403)
    assert client.get("/console/patients").status_code == 403


def test_administrator_reads_no_words(clinic, new_client):
    people = People(clinic)
    patient_id = people.patient()
    with clinic.database.read() as session:
        from clinic.conversations.models import Conversation

        conversation_id = session.query(Conversation.id).filter_by(patient_id=patient_id).scalar()
    clinic.escalation("the tablets are here", conversation_id=conversation_id)
    client = new_client(clinic.account("ann", "Ann Roy", role="administrator"))
    page = client.get(f"/console/patients/{patient_id}")
    assert page.status_code == 200 and conversation_id not in page.text
    for path in (f"/console/conversations/{conversation_id}", "/console/escalations/1", "/console/live/escalations"):
        answer = client.get(path)
        assert answer.status_code == 403 and "tablets" not in answer.text, path


@pytest.fixture
def somebody_elses(clinic, new_client):
    """Theo is a therapist; Amira is his patient, Jan is Mira's."""
    theo, mira = (clinic.account(name, name.title(), role="therapist") for name in ("theo", "mira"))
    people = People(clinic)
    own = people.patient("Amira", "Haddad", therapist_id=theo.id, status="in_therapy")
    other, course_id = people.in_the_middle("Jan", "Novak", therapist_id=mira.id, status="in_therapy")
    from clinic.conversations.models import Conversation

    with clinic.database.write() as session:
        ids = {
            patient: session.query(Conversation.id).filter_by(patient_id=patient).scalar() for patient in (own, other)
        }
    mine = clinic.escalation("my own tablets", conversation_id=ids[own])
    theirs = clinic.escalation("somebody elses tablets", conversation_id=ids[other])
    closed = clinic.escalation("closed tablets elsewhere", conversation_id=ids[other], status="closed")
    return {
        "theo": theo, "own": own, "other": other, "mine": mine, "theirs": theirs, "closed": closed,
        "own_conversation": ids[own], "other_conversation": ids[other], "course": course_id,
    }  # fmt: skip


def test_therapist_sees_own_patients_words(new_client, somebody_elses):
    theo = new_client(somebody_elses["theo"])
    assert "my own tablets" in theo.get("/console").text
    assert theo.get(f"/console/conversations/{somebody_elses['own_conversation']}").status_code == 200
    assert [e["text"] for e in theo.get("/api/staff/escalations").json()] == ["my own tablets"]


def test_therapist_finds_nothing_of_somebody_elses_patient(services, clinic, new_client, somebody_elses):
    """Every route that names a record, with another's: not there, nothing changed, nothing said."""
    theo = new_client(somebody_elses["theo"])
    csrf = theo.token()
    values = {
        "patient_id": somebody_elses["other"],
        "conversation_id": somebody_elses["other_conversation"],
        "escalation_id": somebody_elses["theirs"].id,
        "what": "scores",
    }
    checked = 0
    for method, route in routes(services):
        if not set(NAMES.findall(route.path)) & {"patient_id", "conversation_id", "escalation_id"}:
            continue
        path = address(route.path, values)
        if path.startswith("/api") and method == "POST":
            answer = theo.http.post(path, json={"text": "hello", "outcome": "spoken_to"}, headers={"X-CSRFToken": csrf})
        elif method == "POST":
            answer = theo.http.post(path, data={"csrftoken": csrf, "text": "hello", "outcome": "spoken_to"})
        else:
            answer = theo.http.get(path)
        expected = {404} if may("therapist", permission_of(route)) else {403}
        assert answer.status_code in expected, (method, route.path, answer.status_code)
        assert "Novak" not in answer.text and "tablets" not in answer.text, route.path
        checked += 1
    assert checked >= 20
    for path in ("/console", "/console/closed", "/console/patients", "/console/live/escalations"):
        text = theo.get(path).text
        assert "elses tablets" not in text and "elsewhere" not in text and "Novak" not in text, path
    assert clinic.stored_escalation(somebody_elses["theirs"].id).status == "new"
    assert clinic.said(somebody_elses["other_conversation"])[-1][1] == "closed tablets elsewhere"


def test_every_page_about_a_person_leaves_an_event_in_the_trail(services, clinic, sam, somebody_elses):
    """Each route that shows or hands out somebody's record; parts that a page updates by itself are no new look."""
    values = {
        "patient_id": somebody_elses["other"],
        "conversation_id": somebody_elses["other_conversation"],
        "escalation_id": somebody_elses["theirs"].id,
        "what": "scores",
    }
    looked = 0
    for method, route in routes(services):
        about = set(NAMES.findall(route.path)) & {"patient_id", "conversation_id", "escalation_id"}
        if method != "GET" or not about or "/live/" in route.path:
            continue
        before = len(clinic.audit())
        if sam.get(address(route.path, values)).status_code != 200:
            continue
        new = clinic.audit()[before:]
        assert new and all(actor == "sam" for actor, *_ in new), route.path
        looked += 1
    assert looked >= 6
    with clinic.database.read() as session:
        assert verify_chain(session).is_whole
