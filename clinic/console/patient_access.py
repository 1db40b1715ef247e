"""Whose records a member of staff sees: a therapist their own patients', the others everybody's."""

from __future__ import annotations

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from clinic.courses.models import Course
from clinic.patients.models import Patient
from clinic.staff.access import StaffUser


def only_own(query: Select[Patient], staff: StaffUser) -> Select[Patient]:
    """Narrows a query of patients to those whom this member of staff may see."""
    if staff.role != "therapist":
        return query
    theirs = select(Course.patient_id).where(Course.therapist_id == staff.account_id)
    return query.where(or_(Patient.therapist_id == staff.account_id, Patient.id.in_(theirs)))


def patient_for(session: Session, staff: StaffUser, patient_id: str) -> Patient | None:
    """The patient, if there is one and this member of staff may see them: which of the two is not told."""
    if len(patient_id) > 32 or "\0" in patient_id:
        return None
    return session.scalar(only_own(select(Patient).where(Patient.id == patient_id), staff))


def name_of(patient: Patient) -> str:
    """Given and family name."""
    return f"{patient.given_name} {patient.family_name or ''}".strip()
