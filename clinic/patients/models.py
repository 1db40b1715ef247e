"""Tables of patients, their contact points and their consents (FHIR: Patient, ContactPoint, Consent)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from clinic.database import Base, UtcDateTime
from clinic.encryption import EncryptedText


class Patient(Base):
    """One person on the clinic's list, from the waiting list to the time after therapy."""

    __tablename__ = "patient"

    # Random: a number that counts up tells how many patients a clinic has.
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    given_name: Mapped[str] = mapped_column(EncryptedText)
    family_name: Mapped[str | None] = mapped_column(EncryptedText)
    # ISO date; encrypted, because it is the second factor of joining.
    born_on: Mapped[str | None] = mapped_column(EncryptedText)
    # The clinic's own number for the person, and its blind index, so that an import can be repeated.
    reference: Mapped[str | None] = mapped_column(EncryptedText)
    reference_index: Mapped[str | None] = mapped_column(String(64), unique=True)
    # waiting, in_therapy or finished.
    status: Mapped[str] = mapped_column(String(16), default="waiting", index=True)
    therapist_id: Mapped[int | None] = mapped_column(ForeignKey("staff_account.id"), index=True)
    # sms, web or none: how reminders and service messages reach the person.
    preferred_channel: Mapped[str] = mapped_column(String(8), default="sms")
    # The hours of the day (clinic's time zone, 0 to 23) in which messages may come unasked: from, and before.
    contact_from_hour: Mapped[int] = mapped_column(default=9)
    contact_until_hour: Mapped[int] = mapped_column(default=20)
    # The hour that the person chose for the reminder on the day before a session; None: the clinic's usual hour.
    reminder_hour: Mapped[int | None] = mapped_column()
    # When the person asked for no more reminders; everything else goes on.
    reminders_stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_phone_shared: Mapped[bool | None] = mapped_column()
    # A number or a word that the person gave as safe to use.
    safe_contact: Mapped[str | None] = mapped_column(EncryptedText)
    # Whether one leaflet topic a week is wished for while waiting.
    wants_weekly_topic: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    contact_points: Mapped[list[ContactPoint]] = relationship(back_populates="patient", order_by="ContactPoint.id")
    consents: Mapped[list[Consent]] = relationship(back_populates="patient", order_by="Consent.id")


class ContactPoint(Base):
    """One phone number or e-mail address of a patient. Two patients may share one: then it proves nothing."""

    __tablename__ = "contact_point"
    __table_args__ = (
        Index("ix_contact_point_system_value_index", "system", "value_index"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    # phone or email (FHIR: ContactPoint.system).
    system: Mapped[str] = mapped_column(String(8))
    # E.164 for a phone; and its blind index (clinic.encryption.blind_index), to be found by.
    value: Mapped[str] = mapped_column(EncryptedText)
    value_index: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # When the person proved that it is theirs; None: only the clinic's list says so.
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # When it was found not to be theirs any more: it is kept as history and gives nothing away.
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    patient: Mapped[Patient] = relationship(back_populates="contact_points")


class Consent(Base):
    """One decision; of each kind the newest one counts, the older ones are history."""

    __tablename__ = "consent"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[str] = mapped_column(ForeignKey("patient.id"), index=True)
    # use: the assistant itself. improve: single messages, without identity, for improving the detector; not asked: no.
    kind: Mapped[str] = mapped_column(String(16), default="use", server_default="use")
    # Of the text that was shown.
    version: Mapped[str] = mapped_column(String(16))
    # given, refused or withdrawn.
    decision: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    patient: Mapped[Patient] = relationship(back_populates="consents")
