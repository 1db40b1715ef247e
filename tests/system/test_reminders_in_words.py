"""What people say about their reminders, with the running system: tests/conversations/reminders/, on web and by text."""

from __future__ import annotations

import uuid
from datetime import time, timedelta
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ConfigDict
from smsutil import is_valid_gsm  # type: ignore[import-untyped]

from clinic.channels.sms.composing import compose
from clinic.channels.sms.texts import SmsTexts
from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.courses.service import Courses
from clinic.courses.wall_clock import wall_day
from clinic.database import Database
from clinic.encryption import configure_encryption
from clinic.patients.models import Consent, Patient
from clinic.settings import ROOT, Settings
from tests.system.stack import Stack

pytestmark = pytest.mark.system
FILES = sorted((ROOT / "tests" / "conversations" / "reminders").glob("*.yml"))
SMS_TEXTS = SmsTexts.load()


class Step(BaseModel):
    """One message, and what must come of it. What is not named is not looked at."""

    model_config = ConfigDict(extra="forbid")

    says: str
    kinds: list[str] = ["service"]
    text: str | None = None
    hour: int | None = None
    stopped: bool | None = None


@pytest.fixture(scope="module")
def database(stack: Stack) -> Database:
    """The running system's own database."""
    configure_encryption(Settings(var_folder=stack.folder))
    return Database(f"sqlite:///{stack.folder / 'interlude.db'}")


def joined(database: Database, conversation_id: str) -> str:
    """Makes the conversation that of somebody who has joined and has a course."""
    courses = Courses(zone=Settings().zone)
    with database.write() as session:
        patient = Patient(id=uuid.uuid4().hex, given_name="Amira", preferred_channel="web", added_at=now())
        session.add(patient)
        session.flush()
        session.add(Consent(patient_id=patient.id, version="1", decision="given", channel="web", at=now()))
        session.get_one(Conversation, conversation_id).patient_id = patient.id
        day = wall_day(now(), courses.zone) + timedelta(days=5)
        courses.begin(session, patient=patient, first_on=day, clock=time(10), by="sam")
        return patient.id


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_reminders_in_words(stack: Stack, database: Database, path: Path) -> None:
    chat = stack.chat()
    patient_id = joined(database, chat.id)
    for number, raw in enumerate(yaml.safe_load(path.read_text()), 1):
        step, where = Step.model_validate(raw), f"{path.stem}, {number}"
        said = chat.say(step.says)
        if "kinds" in step.model_fields_set or step.text is not None:
            assert [message["kind"] for message in said] == step.kinds, (where, said)
        if step.text is not None:
            assert step.text in said[0]["text"], (where, said)
        for message in said:
            parts, _ = compose(
                kind=message["kind"], text=message["text"], details=message, is_unasked=False, texts=SMS_TEXTS
            )
            assert all(is_valid_gsm(part.text) for part in parts), where
        with database.read() as session:
            patient = session.get_one(Patient, patient_id)
            if "hour" in step.model_fields_set:
                assert patient.reminder_hour == step.hour, (where, said)
            if step.stopped is not None:
                assert (patient.reminders_stopped_at is not None) is step.stopped, (where, said)
