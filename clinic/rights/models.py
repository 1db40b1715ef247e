"""The table of erasures: who asked, who confirmed, and what had to stay."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base, UtcDateTime


class Erasure(Base):
    """One erasure, asked for by one member of staff and confirmed by another. Afterwards it names nobody."""

    __tablename__ = "erasure"

    # A reference to quote; audit events of the person lead here afterwards.
    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    # Whom it is about; None as soon as it is done. No foreign keys: the rows go.
    patient_id: Mapped[str | None] = mapped_column(String(32), index=True)
    conversation_id: Mapped[str | None] = mapped_column(String(32), index=True)
    requested_by: Mapped[str] = mapped_column(String(120))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_by: Mapped[str | None] = mapped_column(String(120))
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # How many rows of which table went.
    erased: Mapped[dict[str, int] | None] = mapped_column(JSON)
    # That escalations happened, without words and without a name, where ERASURE_KEEPS says so.
    kept: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
