"""Corrections: made by staff, with what was there before kept as history. In the caller's session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.clock import now
from clinic.corrections.models import PatientChange
from clinic.invitations.service import end_invitations_by_text
from clinic.patients.models import ContactPoint, Patient
from clinic.patients.service import contact_index, current_phone, patients_with_phone

CHANNELS = ("sms", "web", "none")


@dataclass(frozen=True)
class Details:
    """What can be corrected. `phone` is E.164; hours are of the clinic's clock."""

    given_name: str
    family_name: str | None
    born_on: date | None
    phone: str | None
    preferred_channel: str
    contact_from_hour: int
    contact_until_hour: int
    is_phone_shared: bool | None
    safe_contact: str | None

    @classmethod
    def of(cls, patient: Patient) -> Details:
        """What is known now."""
        phone = current_phone(patient)
        return cls(
            given_name=patient.given_name,
            family_name=patient.family_name,
            born_on=date.fromisoformat(patient.born_on) if patient.born_on else None,
            phone=phone.value if phone is not None else None,
            preferred_channel=patient.preferred_channel,
            contact_from_hour=patient.contact_from_hour,
            contact_until_hour=patient.contact_until_hour,
            is_phone_shared=patient.is_phone_shared,
            safe_contact=patient.safe_contact,
        )


def correct(session: Session, patient: Patient, details: Details, *, by: str) -> list[str]:
    """Makes the changes and keeps what was before. Returns the names of the fields that changed.

    A new number is only what the clinic believes: text messages go there once the person has shown that it is
    theirs, by joining from it or with a code that was sent to it. The old one ends: whoever has it now hears nothing
    of this person.
    """
    before, changed = Details.of(patient), []
    for field in Details.__dataclass_fields__:
        was, is_now = getattr(before, field), getattr(details, field)
        if was == is_now:
            continue
        if field == "phone":
            _change_phone(session, patient, is_now)
        else:
            setattr(patient, field, is_now.isoformat() if isinstance(is_now, date) else is_now)
        session.add(
            PatientChange(
                patient_id=patient.id, field=field, before=_written(was), after=_written(is_now), by=by, at=now()
            )
        )
        changed.append(field)
    if changed:
        # Which fields, and never what stood in them.
        record(session, actor=by, action=f"correct:{','.join(changed)}"[:60], entity="patient", entity_id=patient.id)
        session.flush()
    return changed


def history(session: Session, patient_id: str) -> Sequence[PatientChange]:
    """Every correction, the newest first."""
    return session.scalars(
        select(PatientChange).where(PatientChange.patient_id == patient_id).order_by(PatientChange.id.desc())
    ).all()


def others_with(session: Session, patient: Patient, phone: str) -> int:
    """How many other people on the list have this number (E.164): with any, it proves nothing."""
    return sum(one.id != patient.id for one in patients_with_phone(session, phone))


def _change_phone(session: Session, patient: Patient, phone: str | None) -> None:
    moment = now()
    # Whoever has the old number has that code, too.
    end_invitations_by_text(session, patient.id)
    for point in patient.contact_points:
        if point.system == "phone" and point.ended_at is None:
            point.ended_at = moment
    if phone is not None:
        patient.contact_points.append(
            ContactPoint(system="phone", value=phone, value_index=contact_index("phone", phone), added_at=moment)
        )
    session.flush()


def _written(value: object) -> str | None:
    return None if value is None else value.isoformat() if isinstance(value, date) else str(value)
