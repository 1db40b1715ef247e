"""Tables of a course of therapy, its sessions and its planned breaks."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from clinic.database import Base, UtcDateTime


class Course(Base):
    """One course of DIT: typically 16 weekly sessions (patient leaflet, "What will happen")."""

    __tablename__ = "course"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    therapist_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    planned_sessions: Mapped[int] = mapped_column(default=16)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    sessions: Mapped[list[TherapySession]] = relationship(back_populates="course", order_by="TherapySession.number")
    breaks: Mapped[list[CourseBreak]] = relationship(back_populates="course", order_by="CourseBreak.from_on")


class TherapySession(Base):
    """One session of a course. Called so because SQLAlchemy has a Session of its own."""

    __tablename__ = "therapy_session"
    __table_args__ = (UniqueConstraint("course_id", "number"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    # Counted from 1.
    number: Mapped[int] = mapped_column()
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    # planned, attended, missed or cancelled.
    status: Mapped[str] = mapped_column(String(16), default="planned")

    course: Mapped[Course] = relationship(back_populates="sessions")


class CourseBreak(Base):
    """Days without sessions, planned ahead: nothing is due and nothing is sent. Both days belong to it."""

    __tablename__ = "course_break"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    from_on: Mapped[date] = mapped_column()
    until_on: Mapped[date] = mapped_column()

    course: Mapped[Course] = relationship(back_populates="breaks")


class SessionReminder(Base):
    """One reminder of the questionnaire before a session. The constraint is what keeps it from being sent twice."""

    __tablename__ = "session_reminder"
    __table_args__ = (UniqueConstraint("session_id", "session_on", "what"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("therapy_session.id"), index=True)
    # The day of the session when it was sent: a session that is moved to another day is reminded of anew.
    session_on: Mapped[date] = mapped_column()
    # first (the day before) or again.
    what: Mapped[str] = mapped_column(String(8))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
