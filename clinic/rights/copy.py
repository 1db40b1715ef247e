"""A copy of everything that is kept about a person: JSON for machines, PDF for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from fpdf import FPDF

from clinic.clock import now
from clinic.rights.holdings import Holdings

_FONT = Path(__file__).parent / "fonts" / "DejaVuSans.ttf"
# Of an audit event; the rest is its seal.
_EVENT = ("at", "actor", "action", "entity", "entity_id")
# What only serves to find rows, or to prove who somebody is, says nothing about the person.
_LEFT_OUT = ("token_hash", "value_index", "reference_index", "number_index", "code_index", "sender_index")
_HEADINGS: Mapping[str, str] = {
    "patient": "Who you are",
    "contact_point": "How to reach you",
    "consent": "What you agreed to",
    "conversation": "Your conversations",
    "message": "Messages",
    "note": "Things that you wanted to raise",
    "questionnaire_response": "Questionnaires",
    "questionnaire_answer": "Answers to questionnaires",
    "escalation": "Messages that a person at the clinic was told about",
    "escalation_note": "What staff noted about them",
    "course": "Courses of therapy",
    "therapy_session": "Sessions",
    "course_break": "Breaks",
    "session_reminder": "Reminders that were sent",
}


def copy_as_json(found: Holdings) -> bytes:
    """Every row of every table, decrypted."""
    content = {
        "made_at": now(),
        "kept": {name: [_shown(row) for row in rows] for name, rows in found.rows.items()},
        "waiting_to_be_sent_or_sent": found.outbox,
        "who_looked_at_it_or_changed_it": [{name: event[name] for name in _EVENT} for event in found.audit],
    }
    return json.dumps(content, indent=2, ensure_ascii=False, default=_plain).encode()


def copy_as_pdf(found: Holdings, *, clinic_name: str) -> bytes:
    """The same to read. A character that the font lacks appears as its number, never as nothing."""
    pdf = _Page()
    pdf.heading(f"{clinic_name}: everything that is kept about you in Interlude", size=16)
    pdf.paragraph(f"Made on {now():%d/%m/%Y at %H:%M} UTC.")
    for name, rows in found.rows.items():
        pdf.heading(_HEADINGS.get(name, name.replace("_", " ").capitalize()), size=13)
        for row in rows:
            if name == "message":
                pdf.paragraph(f"{row['at']:%d/%m/%Y %H:%M}, {row['sender_name'] or row['sender']}: {row['text']}")
                continue
            pdf.paragraph(
                "; ".join(
                    f"{key.replace('_', ' ')}: {_in_words(value)}"
                    for key, value in _shown(row).items()
                    if value not in (None, "", [], {})
                )
            )
    pdf.heading("Who looked at it or changed it", size=13)
    for event in found.audit:
        pdf.paragraph(f"{event['at']:%d/%m/%Y %H:%M}: {event['actor']}, {event['action']}, {event['entity']}")
    return bytes(pdf.output())


class _Page(FPDF):
    def __init__(self) -> None:
        super().__init__(format="A4")
        self.add_font("DejaVu", "", _FONT)
        self._known = set(self.fonts["dejavu"].cmap)  # type: ignore[union-attr]
        self.set_auto_page_break(auto=True, margin=18)
        self.add_page()

    def heading(self, text: str, *, size: int) -> None:
        self.ln(4)
        self.set_font("DejaVu", size=size)
        self.multi_cell(0, size * 0.5, self._writable(text), new_x="LMARGIN", new_y="NEXT", align="L")
        self.set_font("DejaVu", size=10)

    def paragraph(self, text: str) -> None:
        self.multi_cell(0, 5.2, self._writable(text), new_x="LMARGIN", new_y="NEXT", align="L")
        self.ln(1)

    def _writable(self, text: str) -> str:
        return "".join(
            character if character == "\n" or ord(character) in self._known else f"[U+{ord(character):04X}]"
            for character in text.replace("\r", "").replace("\t", " ")
        )


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _LEFT_OUT}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _in_words(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    return json.dumps(value, ensure_ascii=False, default=_plain) if isinstance(value, dict | list) else str(value)
