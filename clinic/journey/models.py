"""The table of what was said by itself. The constraint is what keeps anything from being said twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic.database import Base, UtcDateTime


class JourneyMessage(Base):
    """One text of data/journey that a person got."""

    __tablename__ = "journey_message"
    __table_args__ = (UniqueConstraint("patient_id", "occasion"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"))
    # What it was, and of how many: "in_touch:3", "topic:what_is_dit", "course:7:session:5".
    occasion: Mapped[str] = mapped_column(String(80))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
