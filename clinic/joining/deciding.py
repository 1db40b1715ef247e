"""What a person who has proved who they are decides: consent, and how messages may reach them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.conversations.replies import Reply
from clinic.crisis.contacts import Contacts
from clinic.joining.merging import bring_together
from clinic.joining.models import Joining
from clinic.joining.proving import NumberOf
from clinic.joining.texts import JoiningTexts, Question, folded, read_hours
from clinic.journey.clinic_facts import ClinicFacts
from clinic.patients.contact import ContactHours
from clinic.patients.models import Patient
from clinic.patients.service import current_phone, has_consented, latest_consent, note_proven_number, record_consent

_LONGEST_SAFE_CONTACT = 80
_MOST_WORDS = 10
_ACTOR = "patient"


class Deciding:
    """The second part of joining, one question at a time."""

    def __init__(self, *, texts: JoiningTexts, facts: ClinicFacts, contacts: Contacts, number_of: NumberOf) -> None:
        self._number_of = number_of
        self.texts = texts
        self._facts = facts
        self._contacts = contacts

    def begin(self, session: Session, joining: Joining, patient: Patient, conversation: Conversation) -> list[Reply]:
        """What this is and is not, and the question for consent; a person who has agreed to it before is let in."""
        consent = latest_consent(session, patient.id)
        if consent is not None and consent.decision == "given" and consent.version == self.texts.version:
            self._link(session, patient, conversation)
            joining.step = None
            return [self.texts.welcome_back.reply(name=patient.given_name)]
        return self._ask_consent(joining, patient, conversation, greeting=self.texts.greeting.matched)

    def take_command(
        self, session: Session, joining: Joining, patient: Patient, conversation: Conversation, text: str
    ) -> list[Reply]:
        """Taking consent back, or changing what was chosen."""
        said = folded(text)
        if said in self.texts.withdraw_words:
            return self._withdraw(session, joining, patient, conversation)
        if said in self.texts.stop_topics_words:
            patient.wants_weekly_topic = False
            return [self.texts.topics_stopped.reply()]
        if not has_consented(session, patient.id):
            return self._ask_consent(joining, patient, conversation, greeting=self.texts.greeting.again)
        joining.step = "channel"
        return [self.ask(joining, patient, conversation)]

    def take_answer(
        self, session: Session, joining: Joining, patient: Patient, conversation: Conversation, text: str
    ) -> list[Reply] | None:
        """What follows on an answer; None where the message is none."""
        step = str(joining.step)
        value = self.texts.read(self._question(step, patient, conversation), text)
        hours = read_hours(text)
        if step == "hours" and hours is not None:
            value = f"{hours[0]}-{hours[1]}"
        elif step == "safe_contact" and value is None:
            value = _safe_contact(text)
        if value is None:
            return None
        if step == "consent":
            return self._consent(session, joining, patient, conversation, value)
        said = self._keep(patient, step, value)
        joining.step = self._following(patient, step, value)
        if joining.step is not None:
            return [*said, self.ask(joining, patient, conversation)]
        return [*said, *self._joined(patient)]

    def ask(self, joining: Joining, patient: Patient, conversation: Conversation) -> Reply:
        """The question at which the person stands."""
        phone = current_phone(patient)
        digits = phone.value[-3:] if phone is not None else ""
        return self._question(str(joining.step), patient, conversation).reply(digits=digits)

    def _question(self, step: str, patient: Patient, conversation: Conversation) -> Question:
        question: Question = getattr(self.texts, step)
        if step == "channel" and current_phone(patient) is None:
            question = question.without("sms")
        # Somebody who texts has no chat that they could look into.
        return question.without("web") if conversation.channel == "sms" else question

    def _ask_consent(
        self, joining: Joining, patient: Patient, conversation: Conversation, *, greeting: str
    ) -> list[Reply]:
        values: dict[str, object] = {
            "greeting": greeting.format(name=patient.given_name),
            "numbers": self._contacts.main_lines,
            "read_when": self._facts.read_when,
        }
        joining.step = "consent"
        about = [text.reply(details=None, **values) for text in self.texts.about]
        return [*about, self.ask(joining, patient, conversation)]

    def _consent(
        self, session: Session, joining: Joining, patient: Patient, conversation: Conversation, value: str
    ) -> list[Reply]:
        given = value == "yes"
        record_consent(
            session,
            patient,
            decision="given" if given else "refused",
            version=self.texts.version,
            channel=conversation.channel,
        )
        action = "consent" if given else "refuse"
        record(session, actor=_ACTOR, action=action, entity="patient", entity_id=patient.id)
        if not given:
            joining.step = None
            return [self.texts.refused.reply(progress=self._facts.progress)]
        patient.joined_at = patient.joined_at or now()
        self._link(session, patient, conversation)
        joining.step = "channel"
        return [self.ask(joining, patient, conversation)]

    def _link(self, session: Session, patient: Patient, conversation: Conversation) -> None:
        """From now on the conversation is the person's, with all that they said elsewhere; and so is its number."""
        number = self._number_of(session, conversation)
        conversation.patient_id = patient.id
        if number is not None:
            note_proven_number(session, patient, number)
        bring_together(session, conversation)

    def _withdraw(
        self, session: Session, joining: Joining, patient: Patient, conversation: Conversation
    ) -> list[Reply]:
        record_consent(session, patient, decision="withdrawn", version=self.texts.version, channel=conversation.channel)
        record(session, actor=_ACTOR, action="withdraw", entity="patient", entity_id=patient.id)
        patient.preferred_channel, patient.wants_weekly_topic = "none", False
        joining.step = None
        return [self.texts.withdrawn.reply()]

    def _keep(self, patient: Patient, step: str, value: str) -> list[Reply]:
        phone = current_phone(patient)
        if step == "channel":
            patient.preferred_channel = value
        elif step == "number" and phone is not None:
            if value == "yes":
                phone.verified_at = now()
            else:
                patient.preferred_channel = "web"
                return [self.texts.other_number.reply(progress=self._facts.progress)]
        elif step == "hours":
            begin, _, end = value.partition("-")
            patient.contact_from_hour, patient.contact_until_hour = int(begin), int(end)
        elif step == "shared":
            patient.is_phone_shared = value == "yes"
        elif step == "safe_contact":
            patient.safe_contact = None if value == "skip" else value
            return [] if value == "skip" else [self.texts.safe_contact_kept.reply()]
        elif step == "topics":
            patient.wants_weekly_topic = value == "yes"
        return []

    @staticmethod
    def _following(patient: Patient, step: str, value: str) -> str | None:
        if step == "channel":
            phone = current_phone(patient)
            if value == "sms" and phone is not None and phone.verified_at is None:
                return "number"
            return "shared" if value == "none" else "hours"
        if step in ("number", "hours", "shared"):
            return {"number": "hours", "hours": "shared", "shared": "safe_contact"}[step]
        is_asked = step == "safe_contact" and patient.status == "waiting" and patient.preferred_channel != "none"
        return "topics" if is_asked else None

    def _joined(self, patient: Patient) -> list[Reply]:
        hours = ContactHours.of(patient)
        words = self.texts.hours_in_words
        said = words.some.format(**{"from": f"{hours.from_hour}:00", "until": f"{hours.until_hour}:00"})
        joined = self.texts.joined.reply(
            name=patient.given_name, hours=words.none if patient.preferred_channel == "none" else said
        )
        return [joined, self.texts.questionnaire.reply()] if self.texts.offers_questionnaire else [joined]


def _safe_contact(text: str) -> str | None:
    """A number or a few words; a question, or a story, is something else."""
    kept = " ".join(text.split())
    if "?" in kept or len(kept) > _LONGEST_SAFE_CONTACT or len(kept.split()) > _MOST_WORDS:
        return None
    return kept
