"""The table of joining: where a person stands in it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base, UtcDateTime


class Joining(Base):
    """One conversation's way through joining: a row, so that it survives any restart."""

    __tablename__ = "joining"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    # Who it is, from the moment that they have proved it.
    patient_id: Mapped[str | None] = mapped_column(ForeignKey("patient.id"), index=True)
    # The code that was given, right or wrong, by its blind index; None once the person is known.
    code_index: Mapped[str | None] = mapped_column(String(64))
    # The question that stands (clinic.joining.steps); None where none does.
    step: Mapped[str | None] = mapped_column(String(16))
    failures: Mapped[int] = mapped_column(default=0)
    # How often the question was asked again since it was asked first: after a while, the person is left in peace.
    asked_again: Mapped[int] = mapped_column(default=0, server_default="0")
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
