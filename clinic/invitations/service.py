"""Making invitations, and deciding whether somebody who has a code is the person whom it was made for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Literal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.clock import now
from clinic.encryption import blind_index
from clinic.invitations.codes import code_index, make_code
from clinic.invitations.models import Invitation, InvitationAttempt
from clinic.patients.birth_dates import is_birth_date
from clinic.patients.models import Patient

Way = Literal["sms", "letter"]
SecondFactor = Literal["birth_date", "none"]
# Wrong proofs with one code, before it ends; and from one sender in an hour, before nothing is believed any more.
MOST_FAILURES_PER_CODE = 5
MOST_FAILURES_PER_SENDER = 20
_SENDER_WINDOW = timedelta(hours=1)
_ATTEMPTS_KEPT = timedelta(days=1)


class CannotInvite(ValueError):
    """This person cannot be invited; the message says why, for the clinic's staff."""


class Invitations:
    """The rules of invitations, as the clinic has set them. Every method works in the caller's session."""

    def __init__(self, *, lifetime_days: int, second_factor: SecondFactor) -> None:
        self._lifetime = timedelta(days=lifetime_days)
        self.second_factor = second_factor

    def why_not(self, patient: Patient) -> str | None:
        """Why this person cannot be invited, in words for staff; None where they can.

        Somebody who has joined may be invited again: a chat that was cleared from a device cannot be opened any more.
        """
        if self.second_factor == "birth_date" and patient.born_on is None:
            return "has no date of birth on the list, which is asked for when joining"
        return None

    def invite(self, session: Session, patient: Patient, *, way: Way, by: str) -> tuple[Invitation, str]:
        """Makes a new code for a person; an earlier one ends. Returns the code, which is not stored.

        Raises:
            CannotInvite: see `why_not`.
        """
        reason = self.why_not(patient)
        if reason is not None:
            raise CannotInvite(reason)
        for earlier in open_invitations(session, [patient.id]).values():
            _end(earlier, "replaced")
        code = make_code()
        moment = now()
        invitation = Invitation(
            patient_id=patient.id,
            code_index=code_index(code),
            way=way,
            created_by=by,
            created_at=moment,
            expires_at=moment + self._lifetime,
        )
        session.add(invitation)
        session.flush()
        record(session, actor=by, action=f"invite_by_{way}", entity="patient", entity_id=patient.id)
        return invitation, code

    def prove(self, session: Session, *, code_index: str, proof: str, sender: str) -> Invitation | None:
        """The invitation, where the code is right and still good and `proof` is the person's; it is used by that.

        Whatever is wrong, the answer is None, and the try is counted for the code and for the sender.
        """
        sender_index = blind_index(sender, "invitation.sender")
        # Locked: two tries at the same moment must both be counted.
        found = session.scalar(select(Invitation).where(Invitation.code_index == code_index).with_for_update())
        is_right = (
            self._failures_of(session, sender_index) < MOST_FAILURES_PER_SENDER
            and found is not None
            and found.ended_at is None
            and found.expires_at > now()
            and self._is_proof(found.patient, proof)
        )
        if is_right and found is not None:
            _end(found, "used")
            return found
        session.add(InvitationAttempt(sender_index=sender_index, at=now()))
        if found is not None and found.ended_at is None:
            found.failures += 1
            if found.failures >= MOST_FAILURES_PER_CODE:
                _end(found, "locked")
        return None

    def _is_proof(self, patient: Patient, proof: str) -> bool:
        if self.second_factor == "none":
            return True
        return patient.born_on is not None and is_birth_date(proof, date.fromisoformat(patient.born_on))

    @staticmethod
    def _failures_of(session: Session, sender_index: str) -> int:
        lately = select(func.count()).where(
            InvitationAttempt.sender_index == sender_index, InvitationAttempt.at > now() - _SENDER_WINDOW
        )
        return session.scalar(lately) or 0


def open_invitations(session: Session, patient_ids: Iterable[str]) -> dict[str, Invitation]:
    """By patient, the invitation that can still be used, or has only run out of time."""
    found = session.scalars(
        select(Invitation)
        .where(Invitation.patient_id.in_(list(patient_ids)), Invitation.ended_at.is_(None))
        .order_by(Invitation.id)
    )
    return {invitation.patient_id: invitation for invitation in found}


def latest_invitations(session: Session, patient_ids: Iterable[str]) -> dict[str, Invitation]:
    """By patient, the newest invitation, whatever became of it."""
    found = session.scalars(
        select(Invitation).where(Invitation.patient_id.in_(list(patient_ids))).order_by(Invitation.id)
    )
    return {invitation.patient_id: invitation for invitation in found}


def end_invitations_by_text(session: Session, patient_id: str) -> None:
    """Ends a code that was sent to a number, because the number is not the person's."""
    for invitation in open_invitations(session, [patient_id]).values():
        if invitation.way == "sms":
            _end(invitation, "replaced")


def forget_old_attempts(session: Session) -> None:
    """Deletes wrong tries of which nothing is counted any more."""
    session.execute(delete(InvitationAttempt).where(InvitationAttempt.at < now() - _ATTEMPTS_KEPT))


def _end(invitation: Invitation, reason: str) -> None:
    invitation.ended_at, invitation.end_reason = now(), reason


def reopen(invitation: Invitation) -> None:
    """Gives a code back that was right, but could not be used from where it came."""
    invitation.ended_at = invitation.end_reason = None
