"""The table of imports. The uploaded list itself is kept, encrypted, only until it is imported or given up."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base, UtcDateTime
from clinic.encryption import EncryptedJSON, EncryptedText


class WaitingListImport(Base):
    """One uploaded file on its way to the waiting list."""

    __tablename__ = "waiting_list_import"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    # uploaded, confirmed (being imported), done or cancelled.
    status: Mapped[str] = mapped_column(String(16), default="uploaded", index=True)
    file_name: Mapped[str] = mapped_column(EncryptedText)
    # clinic.waiting_list.table.Table as plain values; None as soon as it is not needed any more.
    content: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJSON)
    # Field to column, from 0.
    mapping: Mapped[dict[str, int]] = mapped_column(JSON)
    uploaded_by: Mapped[str] = mapped_column(String(120))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rows: Mapped[int] = mapped_column(default=0)
    # How far the import is, and what became of the rows so far.
    rows_read: Mapped[int] = mapped_column(default=0)
    rows_added: Mapped[int] = mapped_column(default=0)
    rows_known: Mapped[int] = mapped_column(default=0)
    rows_left_out: Mapped[int] = mapped_column(default=0)
