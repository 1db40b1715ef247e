"""The table of things to raise."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base, UtcDateTime
from clinic.encryption import EncryptedText


class Note(Base):
    """One thing that a person wants to raise in a session, in their own words. Deleted means gone."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_conversation_id_patient_id", "conversation_id", "patient_id"),)

    # Random: the order in which a clinic's patients write notes is nobody's business.
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    # None while the clinic does not know whose conversation it is.
    patient_id: Mapped[str | None] = mapped_column(ForeignKey("patient.id"), index=True)
    # What the person calls it by. It stays while others are deleted: "delete 2" sent twice deletes one.
    number: Mapped[int] = mapped_column()
    text: Mapped[str] = mapped_column(EncryptedText)
    # The message that it was made from, so that a message delivered twice makes one note.
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When the person chose that their therapist may read it; None: only the person does.
    shared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
