"""The table of escalations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.database import Base, UtcDateTime
from clinic.encryption import EncryptedJSON, EncryptedText


class Escalation(Base):
    """A message that a person at the clinic must look at, and how soon; never how "risky" somebody is."""

    __tablename__ = "escalation"
    __table_args__ = (
        Index("ix_escalation_status_created_at", "status", "created_at"),
        Index("ix_escalation_status_next_look_at", "status", "next_look_at"),
        # The list of closed ones, newest first, however many there are.
        Index("ix_escalation_status_closed_at", "status", "closed_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    # Unique: whatever flags a message, and however often it is delivered, it is one escalation.
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    reasons: Mapped[list[str]] = mapped_column(EncryptedJSON)
    respond: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(16), default="new")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[str | None] = mapped_column(String(120))
    # User name of who has it, given or taken. Giving is not seeing: it climbs until somebody acknowledges.
    assignee: Mapped[str | None] = mapped_column(String(120))
    assigned_by: Mapped[str | None] = mapped_column(String(120))
    assigned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by: Mapped[str | None] = mapped_column(String(120))
    # Ids of data/escalation_outcomes.yml.
    outcome: Mapped[str | None] = mapped_column(String(64))
    outcome_why: Mapped[str | None] = mapped_column(String(64))
    note: Mapped[str | None] = mapped_column(EncryptedText)
    # The ladder of the policy: since when, how many of its steps were taken, when to look again.
    # Without a time to look again, it is looked at now: whoever stores a row need not know the policy.
    climbing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    steps_taken: Mapped[int] = mapped_column(default=0, server_default="0")
    next_look_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reopened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # By it open pages notice that something is new.
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    message: Mapped[Message] = relationship()
    conversation: Mapped[Conversation] = relationship()
    notes: Mapped[list[EscalationNote]] = relationship(order_by="EscalationNote.id")


class EscalationNote(Base):
    """What a member of staff wrote down about an escalation while it was open, for colleagues."""

    __tablename__ = "escalation_note"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalation.id"), index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(EncryptedText)
