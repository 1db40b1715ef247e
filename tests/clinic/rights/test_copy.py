"""A copy of everything: nothing is missing, nothing of anybody else is in it, and no character breaks it."""

from __future__ import annotations

import json

import pytest

from clinic.rights.copy import copy_as_json, copy_as_pdf
from clinic.rights.holdings import NobodyFound, Subject, holdings_of
from tests.clinic.rights.conftest import FAMILY, NAME, WORDS, Kept


async def test_copy_as_json_holds_everything_of_this_person_only(kept: Kept) -> None:
    kept.person("Ottoline", "Marchbanks", "07700 900111", "the sea was warm")
    patient_id = kept.person()
    with kept.services.database.read() as session:
        content = copy_as_json(holdings_of(session, Subject(patient_id=patient_id))).decode()
    found = json.loads(content)["kept"]
    assert found["patient"][0]["family_name"] == FAMILY
    assert found["note"][0]["text"] == WORDS and "spoke about" in found["escalation"][0]["note"]
    expected = {"contact_point", "consent", "course", "therapy_session", "session_reminder", "joining", "sms_contact"}
    assert expected <= set(found)
    assert "sea was warm" not in content and "Ottoline" not in content and "token_hash" not in content
    assert json.loads(content)["who_looked_at_it_or_changed_it"][0]["actor"] == "sam"


@pytest.mark.parametrize(
    "words",
    [
        "plain",
        "za\u017c\u00f3\u0142\u0107 \u0416\u0438\u0437\u043d\u044c",
        "\U0001f62d \u4f60\u597d\ttab\r\nline",
        "x" * 4000,
    ],
)
async def test_copy_as_pdf_takes_every_character(kept: Kept, words: str) -> None:
    patient_id = kept.person(words=words)
    with kept.services.database.read() as session:
        content = copy_as_pdf(holdings_of(session, Subject(patient_id=patient_id)), clinic_name="The clinic")
    assert content.startswith(b"%PDF") and NAME.encode() not in content[:20]


async def test_copy_of_nobody(kept: Kept) -> None:
    with pytest.raises(NobodyFound), kept.services.database.read() as session:
        holdings_of(session, Subject(patient_id="0" * 32))
