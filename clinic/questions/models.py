"""The table of open questions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base, UtcDateTime
from clinic.encryption import EncryptedText


class OpenQuestion(Base):
    """A message that was not answered, with the reason."""

    __tablename__ = "open_question"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    # One of clinic.questions.service.WHYS.
    why: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(EncryptedText)
