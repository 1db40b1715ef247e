"""Whose records a member of staff sees: a therapist their own patients', the others everybody's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, and_, or_, select, true
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from clinic.conversations.models import Conversation
from clinic.courses.models import Course
from clinic.patients.models import Patient
from clinic.staff.access import StaffUser
from clinic.staff.models import StaffAccount
from clinic.staff.roles import RULES


def only_own(query: Select[Patient], staff: StaffUser) -> Select[Patient]:
    """Narrows a query of patients to those whom this member of staff may see."""
    return query if _sees_everybody(staff) else query.where(_is_own(staff))


def in_own_conversation(column: Any, staff: StaffUser) -> ColumnElement[bool]:
    """The condition that a column of conversation ids (Escalation.conversation_id) holds one that they may see.

    For a therapist: one of their own patients'. A person whom nobody knows yet is the duty clinician's to answer.
    """
    if _sees_everybody(staff):
        return true()
    condition: ColumnElement[bool] = column.in_(_own_conversations(staff))
    return condition


def sees_conversation(session: Session, staff: StaffUser, conversation_id: str) -> bool:
    """Whether this member of staff may see that conversation."""
    if _sees_everybody(staff):
        return True
    return session.scalar(_own_conversations(staff).where(Conversation.id == conversation_id)) is not None


def who_may_answer(session: Session, conversation_id: str) -> list[tuple[str, str]]:
    """User name and name of everybody to whom an escalation of that conversation can be given, by name."""
    roles = [role for role in RULES["answer_escalations"].roles if role != "therapist"]
    patient_id = select(Conversation.patient_id).where(Conversation.id == conversation_id).scalar_subquery()
    own = or_(
        StaffAccount.id.in_(select(Patient.therapist_id).where(Patient.id == patient_id)),
        StaffAccount.id.in_(select(Course.therapist_id).where(Course.patient_id == patient_id)),
    )
    rows = session.execute(
        select(StaffAccount.username, StaffAccount.name)
        .where(
            StaffAccount.disabled_at.is_(None),
            or_(StaffAccount.role.in_(roles), and_(StaffAccount.role == "therapist", own)),
        )
        .order_by(StaffAccount.name, StaffAccount.username)
    )
    return [(username, name) for username, name in rows]


def patient_for(session: Session, staff: StaffUser, patient_id: str) -> Patient | None:
    """The patient, if there is one and this member of staff may see them: which of the two is not told."""
    if len(patient_id) > 32 or "\0" in patient_id:
        return None
    return session.scalar(only_own(select(Patient).where(Patient.id == patient_id), staff))


def _sees_everybody(staff: StaffUser) -> bool:
    return staff.role != "therapist"


def _own_conversations(staff: StaffUser) -> Select[str]:
    return select(Conversation.id).join(Patient, Patient.id == Conversation.patient_id).where(_is_own(staff))


def _is_own(staff: StaffUser) -> ColumnElement[bool]:
    led = select(Course.patient_id).where(Course.therapist_id == staff.account_id)
    return or_(Patient.therapist_id == staff.account_id, Patient.id.in_(led))


def name_of(patient: Patient) -> str:
    """Given and family name."""
    return f"{patient.given_name} {patient.family_name or ''}".strip()
