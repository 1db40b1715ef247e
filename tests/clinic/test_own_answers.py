"""A person reads and keeps their own answers: all of them, in the instrument's words, and never as a grade."""

from __future__ import annotations

import httpx
import pytest
import time_machine

from clinic.conversations.models import Conversation
from clinic.patients.models import Patient
from tests.clinic.conftest import Chat, Clinic
from tests.clinic.courses.conftest import london
from tests.clinic.export.conftest import Filler


@pytest.fixture
def filler(clinic: Clinic) -> Filler:
    return Filler(clinic.services.database)


async def get(chat: Chat, path: str, token: str | None = None) -> httpx.Response:
    bearer = {"Authorization": f"Bearer {token or chat.token}"}
    return await chat.client.get(f"/api/conversations/{chat.id}/{path}", headers=bearer)


async def test_own_answers_are_read_and_kept(clinic: Clinic, filler: Filler) -> None:
    with time_machine.travel(london(2026, 11, 24, 18, 5), tick=False):
        chat = await clinic.chat()
        filler.response((None, chat.id), values=[0, 1, 2, 3, 0, 1, 2, 3, 0])
        filler.response((None, chat.id), "gad-7", [1, 1])
    answers = (await get(chat, "answers")).json()
    newest, oldest = answers["responses"]
    assert (newest["questionnaire"], newest["is_finished"], newest["answers"][2]["answer"]) == ("gad-7", False, None)
    assert oldest["answers"][3] == {
        "item": 4, "question": "Feeling tired or having little energy", "answer": "3 - Nearly every day",
    }  # fmt: skip
    kept = await get(chat, "answers.txt")
    assert kept.text == answers["text"]
    assert "attachment" in kept.headers["content-disposition"] and kept.headers["cache-control"] == "no-store"
    assert "PHQ-9, 24 November 2026 at 18:05\n\n1. Little interest" in kept.text
    assert "(not finished)" in kept.text and "   not answered" in kept.text
    assert "Your therapist will talk about them with you." in kept.text


async def test_own_answers_hold_no_grade(clinic: Clinic, filler: Filler) -> None:
    with time_machine.travel(london(2031, 5, 5, 9), tick=False):
        chat = await clinic.chat()
        filler.response((None, chat.id), values=[3, 3, 3, 3, 3, 3, 3, 3, 2])
    # 26 in all: neither the sum nor the published name of its range nor a threshold may show.
    body = (await get(chat, "answers")).text
    assert [word for word in ("26", "severe", "total", "score", "caseness", "band") if word in body.lower()] == []


async def test_own_answers_of_every_channel_and_of_nobody_else(clinic: Clinic, filler: Filler) -> None:
    chat, stranger = await clinic.chat(), await clinic.chat()
    patient = filler.patient()
    other = filler.patient()
    with clinic.services.database.write() as session:
        session.get_one(Conversation, chat.id).patient_id = patient[0]
        assert session.get(Patient, patient[0]) is not None
    filler.response(patient)
    filler.response((None, chat.id), "gad-7")
    filler.response(other)
    found = (await get(chat, "answers")).json()["responses"]
    assert [one["questionnaire"] for one in found] == ["gad-7", "phq-9"]
    assert (await get(stranger, "answers")).json()["responses"] == []
    for path in ("answers", "answers.txt"):
        assert (await get(chat, path, token=stranger.token)).status_code == 404
        assert (await get(chat, path, token="wrong")).status_code == 401


async def test_own_answers_show_what_stands_now_after_a_correction(clinic: Clinic, filler: Filler) -> None:
    chat = await clinic.chat()
    filler.response((None, chat.id), corrected=True)
    (one,) = (await get(chat, "answers")).json()["responses"]
    assert one["answers"][0]["answer"] == "1 - Several days"


async def test_own_answers_before_there_are_any(clinic: Clinic) -> None:
    answers = (await get(await clinic.chat(), "answers")).json()
    assert answers["responses"] == [] and answers["about"].startswith("You have not answered")
