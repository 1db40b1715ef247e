"""The table of corrections."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base, UtcDateTime
from clinic.encryption import EncryptedText


class PatientChange(Base):
    """One correction of what the clinic knows about a person: what it was, and what it is since."""

    __tablename__ = "patient_change"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    # given_name, family_name, born_on, phone, preferred_channel ... (clinic.corrections.service).
    field: Mapped[str] = mapped_column(String(32))
    before: Mapped[str | None] = mapped_column(EncryptedText)
    after: Mapped[str | None] = mapped_column(EncryptedText)
    # User name of the member of staff.
    by: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
