"""The file for improving the detector: false alarms and missed messages, with consent and without identity."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from clinic.content.paths import IMPROVEMENT_NAMES
from clinic.content.yaml_files import read_model
from clinic.conversations.models import Conversation, Message
from clinic.escalations.models import Escalation
from clinic.escalations.outcomes import Outcomes
from clinic.escalations.service import MISSED
from clinic.improvement.scrubbing import Scrubber
from clinic.patients.models import Patient
from clinic.patients.service import allows_improvement
from clinic.staff.models import StaffAccount


class CommonNames(BaseModel):
    """Everything in data/improvement/names.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    given_names: frozenset[str]
    places: frozenset[str]

    @classmethod
    def load(cls, path: Path = IMPROVEMENT_NAMES) -> CommonNames:
        """Reads and checks the file.

        Raises:
            DataFileError: naming the line that is wrong.
        """
        return read_model(path, cls)


class Improvement:
    """Writes the file, from what is in the database now: who takes consent back is in none that is written later."""

    def __init__(self, *, names: CommonNames, outcomes: Outcomes, clinic_name: str) -> None:
        self._common = names.given_names | names.places
        self._outcomes = outcomes
        self._clinic_name = clinic_name

    def as_jsonl(self, session: Session) -> tuple[bytes, int]:
        """One JSON object a line, and how many. Nothing says whose a line is or when it was, the order neither."""
        lines = {json.dumps(example, ensure_ascii=False) for example in self._examples(session)}
        ordered = sorted(lines, key=lambda line: hashlib.sha256(line.encode()).digest())
        return "".join(f"{line}\n" for line in ordered).encode(), len(ordered)

    def _examples(self, session: Session) -> Iterator[dict[str, object]]:
        staff = list(session.scalars(select(StaffAccount.name)))
        patients = session.scalars(select(Patient).options(selectinload(Patient.contact_points)))
        for patient in patients:
            if not allows_improvement(session, patient.id):
                continue
            scrubber = self._scrubber(patient, staff)
            for escalation in session.scalars(
                select(Escalation)
                .join(Conversation, Conversation.id == Escalation.conversation_id)
                .where(Conversation.patient_id == patient.id)
                .options(joinedload(Escalation.message))
            ):
                what = self._what(escalation)
                if what is not None:
                    yield {**what, **_said(escalation.message, scrubber)}

    def _what(self, escalation: Escalation) -> dict[str, object] | None:
        """What staff saw in it; None where it is no example."""
        if MISSED in escalation.reasons:
            return {"is": "missed", "why": None, "respond": escalation.respond}
        false_alarm = self._outcomes.false_alarm
        flagged = (escalation.message.verdict or {}).get("flagged")
        if false_alarm is None or escalation.status != "closed" or escalation.outcome != false_alarm.id or not flagged:
            return None
        return {"is": "false_alarm", "why": escalation.outcome_why, "respond": None}

    def _scrubber(self, patient: Patient, staff: list[str]) -> Scrubber:
        names = [patient.given_name, patient.family_name or "", *staff]
        points = [point.value for point in patient.contact_points]
        phrases = [
            self._clinic_name,
            patient.reference or "",
            patient.safe_contact or "",
            patient.born_on or "",
            *points,
        ]
        return Scrubber(names=names, phrases=phrases, common=self._common)


def _said(message: Message, scrubber: Scrubber) -> dict[str, object]:
    """The words, and what the detector made of them."""
    verdict = message.verdict or {}
    return {"text": scrubber.scrub(message.text), "categories": verdict.get("categories", [])}
