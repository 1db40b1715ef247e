"""Erasing everything about a person, in every store; two people of the clinic agree to it first."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from clinic.audit.models import AuditEvent
from clinic.audit.service import record
from clinic.clock import now
from clinic.database import Base, Database
from clinic.outbox.models import OutboxItem
from clinic.outbox.service import enqueue
from clinic.rights.holdings import Holdings, Subject, holdings_of
from clinic.rights.models import Erasure
from clinic.rights.rasa_memory import RASA_MEMORY
from clinic.waiting_list.models import WaitingListImport

Keeps = Literal["escalation_facts", "nothing"]
# What is left of an escalation: that it was, when, and what was done; no words, no name.
_FACTS = ("respond", "status", "created_at", "acknowledged_at", "acknowledged_by", "closed_at", "closed_by", "outcome")
_PART = 500


class ErasureRefused(ValueError):
    """It cannot be done now; the message says why and what to do first."""


def request_erasure(session: Session, subject: Subject, *, by: str) -> Erasure:
    """Asks for an erasure; nothing is erased before somebody else confirms it.

    Raises:
        NobodyFound: there is nobody to erase.
        ErasureRefused: an erasure of this person is waiting already, or something must be dealt with first.
    """
    _refuse_if_unfinished(session, holdings_of(session, subject))
    if waiting_erasure(session, subject) is not None:
        raise ErasureRefused("An erasure of this person is waiting for a second member of staff already.")
    erasure = Erasure(
        id=f"E-{secrets.token_hex(5)}",
        patient_id=subject.patient_id,
        conversation_id=subject.conversation_id,
        requested_by=by,
        requested_at=now(),
    )
    session.add(erasure)
    record(session, actor=by, action="request_erasure", entity="erasure", entity_id=erasure.id)
    session.flush()
    return erasure


def waiting_erasure(session: Session, subject: Subject) -> Erasure | None:
    """The erasure of this person that waits to be confirmed."""
    return session.scalar(
        select(Erasure).where(
            Erasure.patient_id == subject.patient_id
            if subject.patient_id is not None
            else Erasure.conversation_id == subject.conversation_id,
            Erasure.done_at.is_(None),
            Erasure.withdrawn_at.is_(None),
        )
    )


def withdraw_erasure(session: Session, erasure: Erasure, *, by: str) -> None:
    """Takes a request back."""
    erasure.withdrawn_at = now()
    erasure.patient_id = erasure.conversation_id = None
    record(session, actor=by, action="withdraw_erasure", entity="erasure", entity_id=erasure.id)


def confirm_erasure(session: Session, erasure: Erasure, *, by: str, keeps: Keeps) -> None:
    """Erases, in the caller's transaction. Call `sweep` when it has committed.

    Raises:
        ErasureRefused: the same person asked for it, it is done, or something must be dealt with first.
        NobodyFound: the person is gone already.
    """
    if erasure.done_at is not None or erasure.withdrawn_at is not None:
        raise ErasureRefused("This erasure is done, or was taken back.")
    if erasure.requested_by == by:
        raise ErasureRefused("Somebody else has to confirm it: two people of the clinic agree to an erasure.")
    subject = Subject(patient_id=erasure.patient_id, conversation_id=erasure.conversation_id)
    found = holdings_of(session, subject)
    _refuse_if_unfinished(session, found)
    erasure.kept = [_fact(row) for row in found.rows.get("escalation", ())] if keeps == "escalation_facts" else []
    erasure.erased = erase(session, found, reference=erasure.id)
    erasure.confirmed_by = by
    erasure.done_at = now()
    erasure.patient_id = erasure.conversation_id = None
    record(session, actor=by, action="erase", entity="erasure", entity_id=erasure.id)


def erase(session: Session, found: Holdings, *, reference: str) -> dict[str, int]:
    """Deletes every row, and tells Rasa to forget. Returns how many of which table; `reference` stands in the audit."""
    session.flush()
    # Events stay, because the clinic must know who did what; whom it was about does not.
    for start in range(0, len(found.audit), _PART):
        ids = [event["id"] for event in found.audit[start : start + _PART]]
        session.execute(update(AuditEvent).where(AuditEvent.id.in_(ids)).values(entity_id=reference))
    for item in found.outbox:
        session.execute(OutboxItem.__table__.delete().where(OutboxItem.id == item["id"]))  # type: ignore[attr-defined]
    for table in Base.metadata.tables.values():
        _cut_loops(session, table, found)
    for name in reversed(list(found.rows)):
        _delete(session, name, found.rows[name])
    for conversation_id in sorted(found.ids("conversation")):
        enqueue(session, channel=RASA_MEMORY, payload={"conversation_id": conversation_id})
    session.expire_all()
    return {name: len(rows) for name, rows in found.rows.items()}


def sweep(database: Database) -> None:
    """Makes sure that what was deleted is not left in free pages or in the write-ahead log.

    SQLite overwrites deleted content (`secure_delete`, clinic.database); the log is emptied here. PostgreSQL keeps dead
    rows until VACUUM.

    Raises:
        OperationalError: somebody is reading just now, or this role may not.
    """
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "sqlite":
            raw = connection.connection.cursor()
            busy, *_ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            raw.close()
            if busy:
                # SQLite says so in a row and not by an error.
                raise OperationalError("PRAGMA wal_checkpoint(TRUNCATE)", {}, Exception("somebody is reading"))
        else:
            names = ", ".join(f'"{name}"' for name in Base.metadata.tables)
            connection.execute(text(f"VACUUM {names}"))


def sweep_if_possible(database: Database) -> bool:
    """The same; False where somebody is reading just now, or this role may not."""
    try:
        sweep(database)
    except OperationalError:
        return False
    return True


def _refuse_if_unfinished(session: Session, found: Holdings) -> None:
    if any(row["status"] != "closed" for row in found.rows.get("escalation", ())):
        raise ErasureRefused("Somebody may need help: close the escalations of this person first.")
    if session.scalar(select(WaitingListImport.id).where(WaitingListImport.content.is_not(None)).limit(1)) is not None:
        raise ErasureRefused("An uploaded waiting list may hold this person too: import or cancel it first.")


def _fact(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value := row[name], "isoformat") else value for name in _FACTS}


def _cut_loops(session: Session, table: Any, found: Holdings) -> None:
    """Rows of a table that point at each other cannot be deleted one by one: the pointers go first."""
    rows = found.rows.get(table.name)
    own = [column for column in table.columns for key in column.foreign_keys if key.column.table is table]
    if rows and own:
        (key,) = table.primary_key.columns
        ids = [row[key.name] for row in rows]
        for start in range(0, len(ids), _PART):
            session.execute(
                update(table).where(key.in_(ids[start : start + _PART])).values({column.name: None for column in own})
            )


def _delete(session: Session, name: str, rows: list[Mapping[str, Any]]) -> None:
    table = Base.metadata.tables[name]
    keys = list(table.primary_key.columns)
    for row in rows:
        session.execute(table.delete().where(*(key == row[key.name] for key in keys)))
