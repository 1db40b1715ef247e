"""Tables of questionnaire responses and their answers (FHIR: QuestionnaireResponse)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from clinic.database import Base, UtcDateTime
from clinic.encryption import EncryptedJSON


class QuestionnaireResponse(Base):
    """One filling-in of one questionnaire; resumed where it stopped."""

    __tablename__ = "questionnaire_response"
    __table_args__ = (
        Index("ix_questionnaire_response_conversation_id_status", "conversation_id", "status"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    # Whose it is, and the session that it was filled in for; None where the clinic does not know.
    patient_id: Mapped[str | None] = mapped_column(ForeignKey("patient.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("therapy_session.id"), index=True)
    questionnaire: Mapped[str] = mapped_column(String(32))
    version: Mapped[str] = mapped_column(String(16))
    # in_progress, stopped (the person paused it) or completed.
    status: Mapped[str] = mapped_column(String(16), default="in_progress")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The message that began or resumed it: that message is never read as an answer.
    opened_by_message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    # None unless every item was answered: a missing answer means no total.
    total: Mapped[int | None] = mapped_column(EncryptedJSON)

    answers: Mapped[list[QuestionnaireAnswer]] = relationship(
        order_by="QuestionnaireAnswer.id", back_populates="response"
    )


class QuestionnaireAnswer(Base):
    """One answer, stored the moment it is given. A correction marks it replaced and adds another."""

    __tablename__ = "questionnaire_answer"
    __table_args__ = (UniqueConstraint("response_id", "message_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_response.id"), index=True)
    # Counted from 1, as the contract and the patient do.
    item: Mapped[int] = mapped_column()
    value: Mapped[int] = mapped_column(EncryptedJSON)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    # When the person took it back; it stays as history.
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    response: Mapped[QuestionnaireResponse] = relationship(back_populates="answers")
