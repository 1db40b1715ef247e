"""Somebody from the waiting list, with a code, at a chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from clinic.invitations.service import Way
from clinic.joining.models import Joining
from clinic.patients.models import Patient
from clinic.patients.service import NewPatient, add_patient
from tests.clinic.conftest import Chat, Clinic

PERSON = NewPatient("Ines", "Okafor", date(1984, 3, 12), "RV77", "+447700900123")
BORN_ON = "12 March 1984"


@dataclass
class Joiner:
    """One person who joins."""

    clinic: Clinic
    chat: Chat
    patient_id: str
    code: str

    async def say(self, text: str) -> list[str]:
        return [message["text"] for message in await self.chat.say(text)]

    async def says(self, *texts: str) -> str:
        """Says one thing after the other; returns what is said to the last."""
        last = [""]
        for text in texts:
            last = await self.say(text)
        return "\n".join(last)

    @property
    def patient(self) -> Patient:
        with self.clinic.services.database.read() as session:
            patient = session.get_one(Patient, self.patient_id)
            assert patient.contact_points is not None and patient.consents is not None
            return patient

    @property
    def step(self) -> str | None:
        with self.clinic.services.database.read() as session:
            joining = session.get(Joining, self.chat.id)
            return joining.step if joining is not None else None


def invite(clinic: Clinic, patient_id: str, *, way: Way = "letter") -> str:
    with clinic.services.database.write() as session:
        patient = session.get_one(Patient, patient_id)
        return clinic.services.invitations.invite(session, patient, way=way, by="sam")[1]


def add(clinic: Clinic, person: NewPatient = PERSON) -> str:
    with clinic.services.database.write() as session:
        return add_patient(session, person).id


async def open_with(clinic: Clinic, code: str) -> tuple[Chat, list[dict[str, Any]]]:
    response = await clinic.client.post("/api/conversations", json={"channel": "web", "invite": code})
    assert response.status_code == 201, response.text
    opened = response.json()
    return Chat(clinic.client, opened["id"], opened["token"], opened["messages"]), opened["messages"]


@pytest.fixture
def join(clinic: Clinic) -> Callable[..., Awaitable[Joiner]]:
    """Opens the chat with a code of a patient's own."""

    async def begin(person: NewPatient = PERSON, *, way: Way = "letter") -> Joiner:
        patient_id = add(clinic, person)
        code = invite(clinic, patient_id, way=way)
        chat, _ = await open_with(clinic, code)
        return Joiner(clinic, chat, patient_id, code)

    return begin
