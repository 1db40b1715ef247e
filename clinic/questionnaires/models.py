"""Tables of questionnaire responses and their answers (FHIR: QuestionnaireResponse)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
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
    # Where it is being filled in: it moves with the person from the chat to text messages and back.
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
    # The message that was dealt with last, whatever it said: delivered again, it changes nothing.
    read_message_id: Mapped[int | None] = mapped_column()
    # An answered item that the person went back to. Its answer counts until another one is given.
    returned_to_item: Mapped[int | None] = mapped_column()
    # None unless every item was answered: a missing answer means no total.
    total: Mapped[int | None] = mapped_column(EncryptedJSON)

    answers: Mapped[list[QuestionnaireAnswer]] = relationship(
        order_by="QuestionnaireAnswer.id", back_populates="response"
    )


class QuestionnaireAnswer(Base):
    """One answer, stored the moment it is given. A correction marks it replaced and adds another."""

    __tablename__ = "questionnaire_answer"
    __table_args__ = (
        # One message may answer several items (a row of numbers), each once.
        UniqueConstraint("response_id", "message_id", "item"),
        # Whatever goes wrong, an item never has two answers that count.
        Index(
            "ix_questionnaire_answer_current",
            "response_id",
            "item",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_response.id"), index=True)
    # Counted from 1, as the contract and the patient do.
    item: Mapped[int] = mapped_column()
    # None: the person chose to leave the item out. That is never counted as 0.
    value: Mapped[int | None] = mapped_column(EncryptedJSON)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    # When the person took it back; it stays as history.
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    response: Mapped[QuestionnaireResponse] = relationship(back_populates="answers")
