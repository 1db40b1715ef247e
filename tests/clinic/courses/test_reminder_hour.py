"""A person chooses the hour of their reminder: among those at which they may be written to, and only their own."""

from __future__ import annotations

from datetime import date, timedelta

import httpx
import pytest
import time_machine

from clinic.audit.models import AuditEvent
from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.courses.reminding import remind
from clinic.courses.wall_clock import wall_day
from clinic.patients.models import Patient
from tests.clinic.conftest import Chat, Clinic
from tests.clinic.courses.conftest import LONDON, CourseMaker, london


@pytest.fixture
def maker(clinic: Clinic) -> CourseMaker:
    return CourseMaker(clinic.services.database)


async def ask(chat: Chat, **body: object) -> httpx.Response:
    path, headers = f"/api/conversations/{chat.id}/reminder-hour", {"Authorization": f"Bearer {chat.token}"}
    return await (
        chat.client.post(path, json=body, headers=headers) if body else chat.client.get(path, headers=headers)
    )


async def chat_of(clinic: Clinic, patient_id: str) -> Chat:
    chat = await clinic.chat()
    with clinic.services.database.write() as session:
        session.get_one(Conversation, chat.id).patient_id = patient_id
    return chat


async def test_reminder_hour_is_chosen_and_kept(clinic: Clinic, maker: CourseMaker) -> None:
    patient_id = maker.patient(chat=False, contact_from_hour=10, contact_until_hour=13)
    maker.course(patient_id, wall_day(now(), LONDON) + timedelta(days=20))
    chat = await chat_of(clinic, patient_id)
    assert (await ask(chat)).json() == {
        "hour": None,
        "usual_hour": 12,
        "hours": [10, 11, 12],
        "stopped": False,
    }
    assert (await ask(chat, hour=11)).json()["hour"] == 11
    for wrong in (9, 13, 24, -1, "11", True):
        assert (await ask(chat, hour=wrong)).status_code == 422
    with clinic.services.database.read() as session:
        assert session.get_one(Patient, patient_id).reminder_hour == 11
        assert session.query(AuditEvent).filter_by(actor="patient", action="change_reminder_hour").count() == 1
    assert (await ask(chat, hour=None)).json()["hour"] is None
    assert (await ask(chat, stop=True)).json()["stopped"] is True
    assert (await ask(chat, hour=11)).json()["stopped"] is False


async def test_reminder_hour_of_who_is_not_reminded_cannot_be_chosen(clinic: Clinic, maker: CourseMaker) -> None:
    without_course = await chat_of(clinic, maker.patient(chat=False))
    for chat in (await clinic.chat(), without_course):
        assert (await ask(chat)).json()["hours"] == []
        assert (await ask(chat, hour=11)).status_code == 422


async def test_reminder_appears_in_the_web_chat(clinic: Clinic, maker: CourseMaker) -> None:
    with time_machine.travel(london(2026, 11, 24, 9), tick=False):
        patient_id = maker.patient(chat=False, contact_from_hour=0, contact_until_hour=24, reminder_hour=8)
        maker.course(patient_id, date(2026, 11, 25))
        chat = await chat_of(clinic, patient_id)
        assert remind(clinic.services) == [chat.id]
        headers = {"Authorization": f"Bearer {chat.token}"}
        said = (await chat.client.get(f"/api/conversations/{chat.id}/messages", headers=headers)).json()["messages"]
    assert (said[-1]["kind"], said[-1]["questionnaire"]) == ("questionnaire", "phq-9")
    assert said[-1]["quick_replies"] == [{"label": "Fill it in now", "text": "fill in the PHQ-9"}]
