"""Saying something once: its row, the message and the place in the outbox commit together, or none of them does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.conversations.outgoing import send_to_patient
from clinic.conversations.replies import Reply
from clinic.database import Database
from clinic.patients.models import Patient


class Said(Protocol):
    """A row, unique for what is said to whom, that says it was said."""

    message_id: int | None


@dataclass(frozen=True)
class ToSay:
    """One message: the row that will note it, not yet in the session, and the words."""

    patient: Patient
    row: Said
    reply: Reply


def say_once(database: Database, what_is_due: Callable[[Session], ToSay | None]) -> str | None:
    """Says what is due, decided anew in the transaction that says it.

    Returns the conversation in which it was said; None where nothing is due any more, where there is no way to the
    person, or where another process says it at this very moment.
    """
    try:
        with database.write() as session:
            due = what_is_due(session)
            if due is None:
                return None
            session.add(due.row)
            # Another process that is at this very message fails here, or makes us fail.
            session.flush()
            message = send_to_patient(session, due.patient, due.reply)
            if message is None:
                session.rollback()
                return None
            due.row.message_id = message.id
            return message.conversation_id
    except IntegrityError:
        return None
