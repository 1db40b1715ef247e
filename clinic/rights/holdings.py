"""Everything that is kept about one person, found by following the foreign keys: a new table is found by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Table, select
from sqlalchemy.orm import Session

from clinic.audit.models import AuditEvent
from clinic.channels.sms.models import SmsContact
from clinic.conversations.models import Conversation
from clinic.database import Base
from clinic.outbox.models import OutboxItem
from clinic.patients.models import ContactPoint, Patient

# Whose a row is: one that points at somebody else's of these is somebody else's.
_IDENTITIES = ("patient", "conversation", "message")
# Members of staff are pointed at, and do not belong to a person.
_NOT_FOLLOWED = ("staff_account",)
_PART = 500


class NobodyFound(LookupError):
    """There is no such patient or conversation."""


@dataclass(frozen=True)
class Subject:
    """Whom it is about: a patient, or the conversation of somebody whom the clinic does not know."""

    patient_id: str | None = None
    conversation_id: str | None = None


@dataclass
class Holdings:
    """Rows by table, decrypted; parents stand before children."""

    rows: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    outbox: list[Mapping[str, Any]] = field(default_factory=list)
    audit: list[Mapping[str, Any]] = field(default_factory=list)

    def ids(self, table: str) -> set[Any]:
        """The first key column of the rows of a table."""
        key = next(iter(Base.metadata.tables[table].primary_key.columns)).name
        return {row[key] for row in self.rows.get(table, ())}


def holdings_of(session: Session, subject: Subject) -> Holdings:
    """Everything about a person.

    Raises:
        NobodyFound: there is no such patient or conversation.
    """
    found = Holdings()
    table, key = (
        (Patient.__table__, subject.patient_id)
        if subject.patient_id
        else (
            Conversation.__table__,
            subject.conversation_id,
        )
    )
    roots = _rows(session, table, [table.c.id == key])  # type: ignore[attr-defined]
    if not roots or (subject.patient_id is None and roots[0]["patient_id"] is not None):
        raise NobodyFound
    invited = _invited_by_text(session, subject)
    for each in Base.metadata.sorted_tables:
        own = roots if each is table else _belonging(session, each, found)
        if each is Conversation.__table__ and invited:
            own = [*own, *_rows(session, each, [each.c.id.in_(invited), each.c.patient_id.is_(None)])]
        if own:
            found.rows[each.name] = own
    found.outbox = [row for row in _rows(session, OutboxItem.__table__, []) if _is_about(row["payload"], found)]
    found.audit = _audit(session, found)
    return found


def _invited_by_text(session: Session, subject: Subject) -> list[str]:
    """The conversations of a patient's own number that are nobody's yet: an invitation stands there, with the name."""
    if subject.patient_id is None:
        return []
    live = select(ContactPoint.value_index).where(ContactPoint.system == "phone", ContactPoint.ended_at.is_(None))
    theirs = live.where(ContactPoint.patient_id == subject.patient_id)
    others = live.where(ContactPoint.patient_id != subject.patient_id)
    return list(
        session.scalars(
            select(SmsContact.conversation_id).where(
                SmsContact.conversation_id.is_not(None),
                SmsContact.number_index.in_(theirs),
                SmsContact.number_index.not_in(others),
            )
        )
    )


def _belonging(session: Session, table: Table, found: Holdings) -> list[Mapping[str, Any]]:
    pointing = [
        (column, key.column)
        for column in table.columns
        for key in column.foreign_keys
        if key.column.table.name not in _NOT_FOLLOWED and key.column.table is not table
    ]
    owned: dict[Any, Mapping[str, Any]] = {}
    keys = [column.name for column in table.primary_key.columns]
    for column, target in pointing:
        values = [row[target.name] for row in found.rows.get(target.table.name, ())]
        for start in range(0, len(values), _PART):
            for row in _rows(session, table, [column.in_(values[start : start + _PART])]):
                owned[tuple(row[name] for name in keys)] = row
    return [row for row in owned.values() if not _is_somebody_elses(row, pointing, found)]


def _is_somebody_elses(row: Mapping[str, Any], pointing: Iterable[tuple[Any, Any]], found: Holdings) -> bool:
    return any(
        target.table.name in _IDENTITIES
        and row[column.name] is not None
        and row[column.name] not in found.ids(target.table.name)
        for column, target in pointing
    )


def _is_about(payload: Mapping[str, Any], found: Holdings) -> bool:
    """Whether what an outbox item refers to is one of the rows: {"message_id": 7}, {"escalation": 3}."""
    for name, value in payload.items():
        table = name.removesuffix("_id")
        if table in Base.metadata.tables and value in found.ids(table):
            return True
    return False


def _audit(session: Session, found: Holdings) -> list[Mapping[str, Any]]:
    events: list[Mapping[str, Any]] = []
    for table in found.rows:
        ids = [str(key) for key in found.ids(table)]
        for start in range(0, len(ids), _PART):
            events += _rows(
                session,
                AuditEvent.__table__,
                [AuditEvent.entity == table, AuditEvent.entity_id.in_(ids[start : start + _PART])],
            )
    return sorted(events, key=lambda event: event["id"])


def _rows(session: Session, table: Any, conditions: list[Any]) -> list[Mapping[str, Any]]:
    found: Iterable[Row[Any]] = session.execute(
        select(table).where(*conditions).order_by(*table.primary_key.columns)
    ).all()
    return [dict(row._mapping) for row in found]
