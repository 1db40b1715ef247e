"""Tables of text messages: the numbers, what came in, what went out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from clinic.conversations.models import Message
from clinic.database import Base, UtcDateTime
from clinic.encryption import EncryptedText


class SmsContact(Base):
    """One phone number that wrote or was written to, known by its blind index (clinic.patients.phone_numbers)."""

    __tablename__ = "sms_contact"

    number_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    # E.164.
    number: Mapped[str] = mapped_column(EncryptedText)
    # The conversation that its messages belong to now; another one when the number has changed hands.
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    # Since when nothing may come unasked, and who said so: person (STOP), or network (the provider refused).
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    stopped_by: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_received_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When this number was told what it is writing to.
    welcomed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SmsInbound(Base):
    """One text message as it came in, stored before it is answered: what is accepted is never lost."""

    __tablename__ = "sms_inbound"
    __table_args__ = (
        # Providers deliver again when they are not sure: it is one message all the same.
        UniqueConstraint("provider", "provider_message_id"),
        Index("ix_sms_inbound_processed_at_id", "processed_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(16))
    provider_message_id: Mapped[str] = mapped_column(String(64))
    number_index: Mapped[str] = mapped_column(ForeignKey("sms_contact.number_index"), index=True)
    text: Mapped[str] = mapped_column(EncryptedText)
    # Pictures or sounds that came with it: they are not fetched.
    media: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    processed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    # The message of the conversation that it became; None while it waits, and where it was empty or too fast.
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), index=True)

    contact: Mapped[SmsContact] = relationship()


class SmsDelivery(Base):
    """One text message on its way out: a message of a conversation, or a part of a long one."""

    __tablename__ = "sms_delivery"
    __table_args__ = (
        UniqueConstraint("message_id", "part"),
        Index("ix_sms_delivery_provider_message_id", "provider_message_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    # Counted from 1; further parts follow when the person writes MORE.
    part: Mapped[int] = mapped_column(default=1)
    number_index: Mapped[str | None] = mapped_column(ForeignKey("sms_contact.number_index"), index=True)
    # What it costs.
    segments: Mapped[int] = mapped_column(default=0)
    # queued, sent (the provider has it), delivered, failed, or not_sent (it was never meant to leave: see error_code).
    status: Mapped[str] = mapped_column(String(16), index=True)
    status_at: Mapped[datetime] = mapped_column(UtcDateTime)
    provider_message_id: Mapped[str | None] = mapped_column(String(64))
    # The provider's code, or one of ours: stopped, no_number, off.
    error_code: Mapped[str | None] = mapped_column(String(32))

    message: Mapped[Message] = relationship()
    contact: Mapped[SmsContact | None] = relationship()
