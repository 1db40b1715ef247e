"""Patients in the database: adding one, finding them by phone or reference, and their consent.

Every function works in the caller's session. Names, numbers and references are encrypted; what they are found by is
their blind index.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.encryption import blind_index
from clinic.patients.models import Consent, ContactPoint, Patient

System = Literal["phone", "email"]
Decision = Literal["given", "refused", "withdrawn"]
# Kinds of consent.
USE = "use"
IMPROVE = "improve"


@dataclass(frozen=True)
class NewPatient:
    """What a clinic's list says about one person. `phone` is E.164."""

    given_name: str
    family_name: str | None = None
    born_on: date | None = None
    reference: str | None = None
    phone: str | None = None
    email: str | None = None


def add_patient(session: Session, person: NewPatient) -> Patient:
    """Puts a person on the waiting list. Whether they are there already is the caller's question."""
    moment = now()
    patient = Patient(
        id=uuid.uuid4().hex,
        given_name=person.given_name,
        family_name=person.family_name,
        born_on=person.born_on.isoformat() if person.born_on is not None else None,
        reference=person.reference,
        reference_index=reference_index(person.reference) if person.reference is not None else None,
        status="waiting",
        added_at=moment,
    )
    points: list[tuple[System, str | None]] = [("phone", person.phone), ("email", person.email)]
    for system, value in points:
        if value is not None:
            patient.contact_points.append(
                ContactPoint(system=system, value=value, value_index=contact_index(system, value), added_at=moment)
            )
    session.add(patient)
    return patient


def reference_index(reference: str) -> str:
    """What a patient is found by from the clinic's own number; spaces and case do not count."""
    return blind_index("".join(reference.split()).upper(), "patient.reference")


def contact_index(system: System, value: str) -> str:
    """What a contact point is found by; a phone as E.164."""
    return blind_index(value.strip().lower(), f"contact_point.{system}")


def patients_with_phone(session: Session, number: str) -> Sequence[Patient]:
    """Everybody whose current number this is (E.164). Two of them, and the number proves nothing."""
    return session.scalars(
        select(Patient)
        .join(ContactPoint, ContactPoint.patient_id == Patient.id)
        .where(
            ContactPoint.system == "phone",
            ContactPoint.value_index == contact_index("phone", number),
            ContactPoint.ended_at.is_(None),
        )
        .distinct()
        .order_by(Patient.added_at, Patient.id)
    ).all()


def current_phone(patient: Patient) -> ContactPoint | None:
    """The number to write to: one that the person proved to be theirs, else the newest on the list."""
    numbers = [point for point in patient.contact_points if point.system == "phone" and point.ended_at is None]
    proven = [point for point in numbers if point.verified_at is not None]
    return (proven or numbers)[-1] if numbers else None


def note_proven_number(session: Session, patient: Patient, number: str) -> None:
    """The person wrote from this number (E.164), having proved who they are: it is theirs."""
    moment, index = now(), contact_index("phone", number)
    for point in patient.contact_points:
        if point.system == "phone" and point.value_index == index and point.ended_at is None:
            point.verified_at = point.verified_at or moment
            return
    patient.contact_points.append(
        ContactPoint(system="phone", value=number, value_index=index, added_at=moment, verified_at=moment)
    )
    session.flush()


def record_consent(
    session: Session, patient: Patient, *, decision: Decision, version: str, channel: str, kind: str = USE
) -> Consent:
    """Adds a decision; the earlier ones stay as history."""
    consent = Consent(patient_id=patient.id, kind=kind, version=version, decision=decision, channel=channel, at=now())
    session.add(consent)
    session.flush()
    return consent


def latest_consent(session: Session, patient_id: str, *, kind: str = USE) -> Consent | None:
    """The decision that counts."""
    return session.scalar(
        select(Consent)
        .where(Consent.patient_id == patient_id, Consent.kind == kind)
        .order_by(Consent.id.desc())
        .limit(1)
    )


def has_consented(session: Session, patient_id: str, *, kind: str = USE) -> bool:
    """Whether the person has agreed to it (to the assistant, or what `kind` says), and not taken it back since."""
    latest = latest_consent(session, patient_id, kind=kind)
    return latest is not None and latest.decision == "given"


def allows_improvement(session: Session, patient_id: str) -> bool:
    """Whether messages may be used to improve the detector: asked and agreed, and the assistant itself is agreed to."""
    return has_consented(session, patient_id) and has_consented(session, patient_id, kind=IMPROVE)
