"""False alarms and missed messages leave only with consent, and without identity."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clinic.__main__ import cli
from clinic.conversations.models import Message
from clinic.improvement.missed import AlreadyTold, mark_missed
from clinic.patients.models import Patient
from clinic.patients.service import IMPROVE, NewPatient, add_patient, allows_improvement, has_consented, record_consent
from tests.clinic.conftest import Chat, Clinic


async def chat_of(clinic: Clinic, *, given_name: str = "Amira") -> tuple[Chat, str]:
    """A patient who uses the assistant, in the chat."""
    chat = await clinic.chat()
    with clinic.services.database.write() as session:
        patient = add_patient(session, NewPatient(given_name=given_name, family_name="Haddad", phone="+447700900123"))
        session.flush()
        record_consent(session, patient, decision="given", version="1", channel="web")
        from clinic.conversations.models import Conversation

        session.get_one(Conversation, chat.id).patient_id = patient.id
        return chat, patient.id


def lines(clinic: Clinic) -> list[dict[str, object]]:
    with clinic.services.database.read() as session:
        content, count = clinic.services.improvement.as_jsonl(session)
    found = [json.loads(line) for line in content.decode().splitlines()]
    assert len(found) == count
    return found


async def false_alarm(clinic: Clinic, chat: Chat, text: str) -> None:
    await chat.say(text)
    found = clinic.escalations(chat.id)[-1]
    body = {"outcome": "false_alarm", "why": "figure_of_speech", "note": "Rang Amira."}
    response = await clinic.client.post(f"/api/staff/escalations/{found.id}/close", json=body, headers=clinic.staff)
    assert response.status_code == 200, response.text


async def test_consent_is_asked_for_by_the_persons_own_words_and_can_be_taken_back(clinic: Clinic) -> None:
    chat, patient_id = await chat_of(clinic)
    (about,) = await chat.say("Help improve!")
    assert "You do not have to" in about["text"] and len(about["quick_replies"]) == 2
    states = []
    for words in (about["quick_replies"][0]["text"], about["quick_replies"][1]["text"]):
        await chat.say(words)
        with clinic.services.database.read() as session:
            states.append(allows_improvement(session, patient_id))
            # One kind of consent says nothing about the other.
            assert has_consented(session, patient_id)
    assert states == [True, False]


async def test_consent_of_somebody_unknown_is_no_consent(clinic: Clinic) -> None:
    chat = await clinic.chat()
    assert (await chat.say("You may use my messages"))[0]["kind"] == "leaflet"


async def test_examples_leave_only_with_consent_and_say_nothing_of_who_it_was(clinic: Clinic) -> None:
    chat, patient_id = await chat_of(clinic)
    await false_alarm(clinic, chat, "amira here, i could die of shame, call 07700 900123")
    assert lines(clinic) == []
    await chat.say("you may use my messages")
    (line,) = lines(clinic)
    assert line == {
        "is": "false_alarm",
        "why": "figure_of_speech",
        "respond": None,
        "text": "[name] here, i could die of shame, call [number]",
        "categories": ["suicidal_ideation_active"],
    }
    await chat.say("do not use my messages")
    assert lines(clinic) == []
    with clinic.services.database.write() as session:
        patient = session.get_one(Patient, patient_id)
        record_consent(session, patient, decision="given", version="1", channel="web", kind=IMPROVE)
        record_consent(session, patient, decision="withdrawn", version="1", channel="web")
    assert lines(clinic) == []


async def test_missed_message_becomes_an_escalation_that_its_finder_has(clinic: Clinic) -> None:
    chat, _ = await chat_of(clinic)
    await chat.say("you may use my messages")
    await chat.say("i have written the letters")
    message = clinic.stored(chat.id, "incoming")[-1]
    with clinic.services.database.write() as session:
        stored = session.get_one(Message, message.id)
        mark_missed(session, stored, respond="now", by="sam", escalations=clinic.services.escalations)
    (found,) = clinic.escalations(chat.id)
    assert (found.status, found.assignee, found.reasons) == ("acknowledged", "sam", ["missed"])
    assert found.next_look_at is not None
    assert [(line["is"], line["respond"]) for line in lines(clinic)] == [("missed", "now")]
    with pytest.raises(AlreadyTold), clinic.services.database.write() as session:
        mark_missed(session, message, respond="now", by="kim", escalations=clinic.services.escalations)


async def test_examples_by_command_are_a_file_for_one_reader(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat, _ = await chat_of(clinic)
    await chat.say("you may use my messages")
    await false_alarm(clinic, chat, "i could die of shame")
    settings = clinic.services.settings
    monkeypatch.setenv("DATABASE_URL", settings.resolved_database_url)
    monkeypatch.setenv("DATA_KEYS", ",".join(key.get_secret_value() for key in settings.data_keys))
    monkeypatch.setenv("VAR_FOLDER", str(settings.var_folder))
    path = tmp_path / "feedback.jsonl"
    done = CliRunner().invoke(cli, ["export-detector-feedback", str(path)])
    assert done.exit_code == 0, done.output
    assert json.loads(path.read_text())["text"] == "i could die of shame"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert CliRunner().invoke(cli, ["export-detector-feedback", str(path)]).exit_code == 1
