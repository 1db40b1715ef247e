"""What state a conversation, the service and the world around it can be in when somebody writes."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest
import time_machine
from sqlalchemy import text

from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.conversations.service import store_replies
from risk import Verdict
from tests.clinic.conftest import ANSWER, Clinic
from tests.clinic.routes.people import Person
from tests.clinic.test_door import RASA_FAILURES

State = Callable[[Clinic, Person], Awaitable[None]]
A_DAY_LATER = "after every session has expired"
DELIVERED_AGAIN = "delivered three times"
TOO_FAST = "written faster than the limit allows"
BUSY = "database busy"


async def _nothing(clinic: Clinic, person: Person) -> None:
    """A conversation that has just begun; or what the state is lies in how the message is sent."""


async def _with_staff(clinic: Clinic, person: Person) -> None:
    await staff(clinic, f"conversations/{person.id}/messages", {"text": "Sam here"})


async def _handed_back(clinic: Clinic, person: Person) -> None:
    await _with_staff(clinic, person)
    await staff(clinic, f"conversations/{person.id}/hand_back")


async def _after_goodbye(clinic: Clinic, person: Person) -> None:
    await person.write("goodbye")


async def _joining(clinic: Clinic, person: Person) -> None:
    """A question of joining stands; a wrong code is asked on like a right one."""
    conversation_id = person.id
    with clinic.services.database.write() as session:
        conversation = session.get_one(Conversation, conversation_id)
        asked = clinic.services.joining.begin(session, conversation, code="AAAA-BBBB", sender="somewhere")
        store_replies(session, conversation_id=conversation_id, replies=asked)


async def _after_another_alarm(clinic: Clinic, person: Person) -> None:
    await person.write("i want to die, i said")


async def _after_somebody_has_looked(clinic: Clinic, person: Person) -> None:
    await _after_another_alarm(clinic, person)
    (found,) = clinic.escalations(person.id)
    await staff(clinic, f"escalations/{found.id}/acknowledge")


async def _after_it_was_closed(clinic: Clinic, person: Person) -> None:
    await _after_another_alarm(clinic, person)
    (found,) = clinic.escalations(person.id)
    await staff(clinic, f"escalations/{found.id}/close", {"outcome": "false_alarm"})


def _rasa(failure: str) -> State:
    async def fails(clinic: Clinic, person: Person) -> None:
        clinic.rasa.answer_with = RASA_FAILURES[failure]

    return fails


async def _rasa_talks_of_something_else(clinic: Clinic, person: Person) -> None:
    clinic.rasa.answer_with = lambda body: httpx.Response(200, json={"messages": [ANSWER]})


async def _detector_raises(clinic: Clinic, person: Person) -> None:
    def broken(said: str) -> Verdict:
        raise RuntimeError

    clinic.detector.screen_with = broken


async def _detector_hangs(clinic: Clinic, person: Person) -> None:
    clinic.detector.screen_with = lambda said: (threading.Event().wait(0.4), Verdict(flagged=False))[1]


async def _path_silent(clinic: Clinic, person: Person) -> None:
    with clinic.services.database.write() as session:
        session.execute(text("DELETE FROM heartbeat"))


STATES: dict[str, State] = {
    "at the beginning": _nothing,
    "while staff are there": _with_staff,
    "after the conversation was handed back": _handed_back,
    "after goodbye": _after_goodbye,
    "while joining": _joining,
    "after another alarm": _after_another_alarm,
    "after somebody has looked": _after_somebody_has_looked,
    "after it was closed": _after_it_was_closed,
    **{f"Rasa {failure}": _rasa(failure) for failure in RASA_FAILURES},
    "Rasa talks of something else": _rasa_talks_of_something_else,
    "detector raises": _detector_raises,
    "detector hangs": _detector_hangs,
    "nobody can be told": _path_silent,
    A_DAY_LATER: _nothing,
    DELIVERED_AGAIN: _nothing,
    TOO_FAST: _nothing,
    BUSY: _nothing,
}


async def staff(clinic: Clinic, path: str, body: dict[str, str] | None = None) -> None:
    """A member of staff does something, and it works."""
    response = await clinic.client.post(f"/api/staff/{path}", json=body, headers=clinic.staff)
    assert response.status_code == 200, response.text


@asynccontextmanager
async def around(state: str, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """What is so only while the message is sent."""
    if state == TOO_FAST:
        monkeypatch.setattr(clinic.services.rate_limit, "allows_message", lambda conversation_id: False)
    if state == BUSY:
        async with _busy(clinic):
            yield
    elif state == A_DAY_LATER:
        with time_machine.travel(now() + timedelta(hours=25), tick=True):
            clinic.services.relay.run_once("alert:log")
            yield
    else:
        yield


@asynccontextmanager
async def _busy(clinic: Clinic) -> AsyncIterator[None]:
    """Somebody else holds the database for a while; a message waits for it."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with clinic.services.database.write() as session:
            lock = "SELECT 1" if session.get_bind().dialect.name == "sqlite" else "LOCK TABLE message IN EXCLUSIVE MODE"
            session.execute(text(lock))
            held.set()
            done.wait(0.4)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(5)
    yield
    done.set()
    thread.join()
