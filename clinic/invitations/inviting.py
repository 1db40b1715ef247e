"""Inviting one person or many: codes go out by text message or onto paper, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.conversations.replies import Reply
from clinic.invitations.letters import Letter
from clinic.invitations.service import CannotInvite, Invitations, Way
from clinic.joining.texts import JoiningTexts
from clinic.journey.clinic_facts import ClinicFacts
from clinic.patients.models import Patient
from clinic.patients.service import current_phone, patients_with_phone

# Says something to a phone number (E.164) on a patient's behalf (id); gives why it cannot, or None.
SayToNumber = Callable[[Session, str, str, Reply], str | None]


@dataclass
class Invited:
    """What became of it."""

    letters: list[Letter] = field(default_factory=list)
    texted: int = 0
    # Patient and reason, in words for staff.
    not_invited: list[tuple[Patient, str]] = field(default_factory=list)


class Inviting:
    """Invites people, as the clinic has set it up."""

    def __init__(
        self,
        *,
        invitations: Invitations,
        texts: JoiningTexts,
        facts: ClinicFacts,
        clinic_name: str,
        join_url: str,
        zone: ZoneInfo,
        say_to_number: SayToNumber | None = None,
    ) -> None:
        self._invitations = invitations
        self._texts = texts
        self._facts = facts
        self._clinic_name = clinic_name
        self._join_url = join_url
        self._zone = zone
        self._say_to_number = say_to_number

    @property
    def can_text(self) -> bool:
        """Whether invitations can go by text message."""
        return self._say_to_number is not None

    def invite(self, session: Session, patient_ids: Iterable[str], *, way: Way, by: str) -> Invited:
        """A new code for each of them; whoever cannot be invited is named with the reason."""
        invited = Invited()
        found = session.scalars(select(Patient).where(Patient.id.in_(list(patient_ids))).order_by(Patient.added_at))
        for patient in found:
            try:
                # What was begun for somebody who cannot be reached is undone, for them alone.
                with session.begin_nested():
                    self._invite(session, patient, invited, way=way, by=by)
            except CannotInvite as error:
                invited.not_invited.append((patient, str(error)))
        return invited

    def _invite(self, session: Session, patient: Patient, invited: Invited, *, way: Way, by: str) -> None:
        invitation, code = self._invitations.invite(session, patient, way=way, by=by)
        if way == "letter":
            invited.letters.append(Letter(patient.given_name, code, invitation.expires_at))
            return
        if self._say_to_number is None:
            raise CannotInvite("cannot be texted: text messages are switched off")
        phone = current_phone(patient)
        if phone is None:
            raise CannotInvite("has no phone number on the list")
        if len(patients_with_phone(session, phone.value)) > 1:
            raise CannotInvite("shares the phone number with somebody else on the list: send a letter")
        until = invitation.expires_at.astimezone(self._zone)
        reply = self._texts.invitation.reply(
            name=patient.given_name,
            clinic=self._clinic_name,
            code=code,
            url=self._join_url,
            until=f"{until.day} {until:%B}",
        )
        reason = self._say_to_number(session, phone.value, patient.id, reply)
        if reason is not None:
            raise CannotInvite(reason)
        invited.texted += 1
