"""Tables of invitations and of attempts to use one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from clinic.database import Base, UtcDateTime
from clinic.patients.models import Patient


class Invitation(Base):
    """One code for one person. It can be used once, until it ends."""

    __tablename__ = "invitation"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    # Of the code; the code itself is known to the person only.
    code_index: Mapped[str] = mapped_column(String(64), unique=True)
    # sms or letter.
    way: Mapped[str] = mapped_column(String(8))
    created_by: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Wrong proofs given with this code; too many of them end it.
    failures: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # used, replaced (by a newer one) or locked (too many wrong proofs).
    end_reason: Mapped[str | None] = mapped_column(String(16))

    patient: Mapped[Patient] = relationship()


class InvitationAttempt(Base):
    """One wrong try, kept for a day, to slow whoever tries many. Holds no code, no address and no name."""

    __tablename__ = "invitation_attempt"
    __table_args__ = (
        Index("ix_invitation_attempt_sender_index_at", "sender_index", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Blind index of the device's address, or of the conversation.
    sender_index: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
