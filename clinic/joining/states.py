"""Where each person of the waiting list stands: invited, joining, joined, or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, exists, func, not_, select
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.invitations.models import Invitation
from clinic.invitations.service import latest_invitations
from clinic.patients.models import Consent, Patient
from clinic.patients.service import USE

Shown = Literal["not_invited", "invited", "joined", "said_no", "all"]
State = Literal["not_invited", "invited", "expired", "locked", "joining", "joined", "refused", "withdrawn"]


@dataclass(frozen=True)
class Standing:
    """A person's state, and since when."""

    state: State
    since: datetime | None
    # Of an invitation that can still be used.
    expires_at: datetime | None = None
    way: str | None = None


def standings(session: Session, patients: Sequence[Patient]) -> dict[str, Standing]:
    """By patient. A decision counts before an invitation, unless the invitation is newer."""
    ids = [patient.id for patient in patients]
    invitations = latest_invitations(session, ids)
    consents = {
        consent.patient_id: consent
        for consent in session.scalars(
            select(Consent).where(Consent.patient_id.in_(ids), Consent.kind == USE).order_by(Consent.id)
        )
    }
    return {one: _standing(invitations.get(one), consents.get(one)) for one in ids}


def matches(shown: Shown) -> ColumnElement[bool]:
    """What narrows a query of patients to those who stand there."""
    decision = (
        select(Consent.decision)
        .where(Consent.patient_id == Patient.id, Consent.kind == USE)
        .order_by(Consent.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    has_invitation = exists().where(
        Invitation.patient_id == Patient.id, Invitation.ended_at.is_(None), Invitation.expires_at > now()
    )
    undecided = func.coalesce(decision, "") == ""
    return {
        "all": Patient.id.is_not(None),
        "joined": decision == "given",
        "said_no": decision.in_(("refused", "withdrawn")),
        "invited": and_(undecided, has_invitation),
        "not_invited": and_(undecided, not_(has_invitation)),
    }[shown]


def _standing(invitation: Invitation | None, consent: Consent | None) -> Standing:
    if consent is not None:
        states: dict[str, State] = {"given": "joined", "refused": "refused", "withdrawn": "withdrawn"}
        return Standing(states[consent.decision], consent.at)
    if invitation is None:
        return Standing("not_invited", None)
    if invitation.end_reason == "used":
        return Standing("joining", invitation.ended_at)
    if invitation.end_reason == "locked":
        return Standing("locked", invitation.ended_at)
    if invitation.expires_at <= now():
        return Standing("expired", invitation.expires_at)
    return Standing("invited", invitation.created_at, invitation.expires_at, invitation.way)
