"""The tables of the audit trail (FHIR: AuditEvent)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base, UtcDateTime


class AuditEvent(Base):
    """Who did what to which record, and when. Ids only: no name and no word of a patient."""

    __tablename__ = "audit_event"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(64))
    entity: Mapped[str] = mapped_column(String(64))
    # The record's id; after an erasure, the reference of that erasure.
    entity_id: Mapped[str] = mapped_column(String(64))
    # The rest is the chain (clinic.audit.chain), empty until the transaction ends, and for events older than the chain.
    position: Mapped[int | None] = mapped_column(unique=True)
    # What entity_id was when it was written, as a keyed hash: outlives an erasure and tells nothing without the key.
    mark: Mapped[str | None] = mapped_column(String(64))
    seal: Mapped[str | None] = mapped_column(String(64))


class AuditHead(Base):
    """The end of the chain, one row: whoever adds to the chain holds its lock until the transaction ends."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    seal: Mapped[str] = mapped_column(String(64))
    # Up to where the retention period has taken events away: the chain begins after it.
    cleared_position: Mapped[int]
    cleared_seal: Mapped[str] = mapped_column(String(64))
    # The last time that the chain was verified, and how many problems were found.
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problems: Mapped[int | None]
