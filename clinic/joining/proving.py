"""Who it is: a code, and a second thing that only the person knows. Until both are right, nothing personal is said."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.conversations.replies import Reply
from clinic.invitations.service import Invitations, reopen
from clinic.joining.models import Joining
from clinic.joining.texts import JoiningTexts
from clinic.journey.clinic_facts import ClinicFacts
from clinic.patients.birth_dates import may_be_birth_date
from clinic.patients.models import Patient
from clinic.patients.service import current_phone, patients_with_phone

PROOF = "proof"
# Tries in one conversation; the limits that an attacker meets are those of clinic.invitations.service.
_MOST_FAILURES = 5
# The number (E.164) that a conversation by text message is with; None on the web.
NumberOf = Callable[[Session, Conversation], str | None]


class Proving:
    """The first part of joining."""

    def __init__(
        self,
        *,
        texts: JoiningTexts,
        facts: ClinicFacts,
        invitations: Invitations,
        clinic_name: str,
        join_url: str,
        number_of: NumberOf,
    ) -> None:
        self._texts = texts
        self._facts = facts
        self._invitations = invitations
        self._clinic_name = clinic_name
        self._join_url = join_url
        self._number_of = number_of

    def ask(self) -> Reply:
        """The question for the second factor, or for the code again where there is none."""
        if self._invitations.second_factor == "none":
            return self._texts.ask_code.reply()
        return self._texts.ask_proof.reply(clinic=self._clinic_name)

    def take_code(
        self, session: Session, joining: Joining, conversation: Conversation, index: str, *, sender: str
    ) -> Patient | list[Reply]:
        """A code was given. Whether it is right is not said yet."""
        if joining.failures >= _MOST_FAILURES:
            return [self._gave_up()]
        number = self._number_of(session, conversation)
        if number is not None and len(patients_with_phone(session, number)) > 1:
            return [self._not_from_this_phone()]
        joining.code_index, joining.step, joining.patient_id = index, PROOF, None
        if self._invitations.second_factor == "none":
            return self._prove(session, joining, conversation, "", sender=sender)
        return [self.ask()]

    def take_proof(
        self, session: Session, joining: Joining, conversation: Conversation, text: str, *, sender: str
    ) -> Patient | list[Reply] | None:
        """The person, or what is said to a wrong proof; None where the message is something else altogether."""
        if self._invitations.second_factor == "none" or not may_be_birth_date(text):
            return None
        return self._prove(session, joining, conversation, text, sender=sender)

    def _prove(
        self, session: Session, joining: Joining, conversation: Conversation, proof: str, *, sender: str
    ) -> Patient | list[Reply]:
        invitation = self._invitations.prove(
            session, code_index=joining.code_index or "", proof=proof, sender=sender or conversation.id
        )
        if invitation is None:
            joining.failures += 1
            if joining.failures >= _MOST_FAILURES:
                joining.step = joining.code_index = None
                return [self._gave_up()]
            return [self._texts.not_matched.reply(progress=self._facts.progress)]
        number = self._number_of(session, conversation)
        if number is not None and any(p.id != invitation.patient_id for p in patients_with_phone(session, number)):
            # With this number two patients would be one conversation.
            reopen(invitation)
            joining.step = joining.code_index = None
            return [self._not_from_this_phone()]
        joining.patient_id, joining.code_index, joining.failures = invitation.patient_id, None, 0
        sent_to = current_phone(invitation.patient) if invitation.way == "sms" else None
        if number is None and sent_to is not None:
            # The code that was sent to it proves it, wherever the code is used.
            sent_to.verified_at = sent_to.verified_at or now()
        return invitation.patient

    def _gave_up(self) -> Reply:
        return self._texts.gave_up.reply(progress=self._facts.progress)

    def _not_from_this_phone(self) -> Reply:
        return self._texts.not_from_this_phone.reply(url=self._join_url)
