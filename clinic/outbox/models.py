"""The table of what is to be sent, and the relay's sign of life."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base, UtcDateTime


class OutboxItem(Base):
    """One thing to send over one channel. Holds references, never a patient's words."""

    __tablename__ = "outbox_item"
    __table_args__ = (Index("ix_outbox_item_due", "sent_at", "dead_at", "due_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(32))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dead_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The class of the last failure only: an error's text may repeat what was sent.
    last_error: Mapped[str | None] = mapped_column(String(120))


class Heartbeat(Base):
    """When a background part was last seen working."""

    __tablename__ = "heartbeat"

    part: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
