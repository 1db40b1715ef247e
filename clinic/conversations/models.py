"""Tables of conversations and their messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from clinic.database import Base, UtcDateTime
from clinic.encryption import EncryptedJSON, EncryptedText
from clinic.staff.models import StaffAccount


class Conversation(Base):
    """One person's conversation with the clinic, whoever answers in it."""

    __tablename__ = "conversation"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    # SHA-256 of the bearer token; the token itself is known to the person's device only.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    # web or sms: the one on which the person wrote last. Replies, and what staff write, go there.
    channel: Mapped[str] = mapped_column(String(16))
    # None: somebody whom the clinic does not know, or who has not joined yet.
    patient_id: Mapped[str | None] = mapped_column(ForeignKey("patient.id"), index=True)
    # pending: nobody has written yet; open; resolved (help-desk terms).
    status: Mapped[str] = mapped_column(String(16), default="pending")
    # Set while a member of staff has taken over: the assistant is silent except for crisis texts.
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"))
    # As the person knows them (setting STAFF_SHOWN_AS).
    assignee_name: Mapped[str | None] = mapped_column(String(120))
    taken_over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The conversation that everything said here has moved to, because one person holds both; None: it is still its own.
    merged_into_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_message_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # Not by a join: the row is locked where somebody takes it over, and PostgreSQL locks no outer join.
    assignee: Mapped[StaffAccount | None] = relationship(lazy="selectin")

    @property
    def is_with_staff(self) -> bool:
        """Whether a person, not the assistant, answers."""
        return self.assignee_name is not None

    @property
    def assignee_to_staff(self) -> str | None:
        """Who answers, as colleagues know them."""
        return self.assignee.name if self.assignee is not None else self.assignee_name

    def is_with(self, account_id: int | None, name: str) -> bool:
        """Whether it is this account that answers, or the machine of this name."""
        if not self.is_with_staff:
            return False
        return self.assignee_id == account_id and (account_id is not None or self.assignee_name == name)


class Message(Base):
    """One message, incoming (from the patient) or outgoing (from the assistant or staff)."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "client_message_id"),
        Index("ix_message_conversation_id_id", "conversation_id", "id"),
        Index("ix_message_unanswered", "answered_at", "direction", "at"),
        # For counting topics: few messages are answers from the leaflet.
        Index(
            "ix_message_leaflet_at",
            "at",
            sqlite_where=sql("kind = 'leaflet'"),
            postgresql_where=sql("kind = 'leaflet'"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    direction: Mapped[str] = mapped_column(String(8))
    # web or sms: how it came, or where it goes; set from the conversation where nothing else is said.
    channel: Mapped[str] = mapped_column(String(16), server_default="web")
    sender: Mapped[str] = mapped_column(String(16))
    sender_name: Mapped[str | None] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(EncryptedText)
    topic: Mapped[str | None] = mapped_column(String(64))
    # Of an outgoing message: topics, source, quick_replies, questionnaire, item, as the contract names them.
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # Of an incoming message: the device's own id, the detector's verdict, when the reply was stored.
    client_message_id: Mapped[str | None] = mapped_column(String(64))
    verdict: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJSON)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Of what staff wrote on the web: when the person's device took it.
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Of an outgoing message: the incoming one that it answers.
    in_reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)

    conversation: Mapped[Conversation] = relationship()
