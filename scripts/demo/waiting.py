"""From the clinic's list to joining: everybody's story begins here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.conversations.models import Conversation, Message
from clinic.invitations.service import Way
from clinic.joining.models import Joining
from clinic.patients.models import Patient
from clinic.patients.service import NewPatient, add_patient
from scripts.demo.stage import Stage

_CODE = re.compile(r"[A-Z0-9]{4}-[A-Z0-9]{4}")
_MOST_QUESTIONS = 12
# Who gets an invitation, and who uses it.
_INVITED = ("invited", "expired", "joined", "refused", "withdrawn", "in_therapy", "finished")


@dataclass
class Person:
    """One of the cast, with what becomes of them in the database."""

    number: int
    given: str
    family: str
    stage: str
    sessions: int
    course: str
    channel: str
    patient_id: str = ""
    conversation_id: str = ""

    @property
    def phone(self) -> str:
        """One of Ofcom's numbers for drama."""
        return f"+447700900{100 + self.number}"

    @property
    def born_on(self) -> date:
        """A date of birth, for joining."""
        return date(1958 + self.number * 7 % 46, 1 + self.number % 12, 1 + self.number * 5 % 28)

    @property
    def has_joined(self) -> bool:
        """Whether they use the assistant."""
        return self.stage in ("joined", "withdrawn", "in_therapy", "finished") and self.course != "unjoined"


class Waiting:
    """Plans the first part of everybody's story."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._codes: dict[int, str] = {}

    def plan(self, person: Person, *, joins_at: datetime) -> None:
        """Added some weeks before, invited a week before, joined at that time; or only as far as their stage says."""
        stage, chance = self._stage, self._stage.random_of("waiting", person.number)
        added_at = joins_at - timedelta(days=chance.randint(20, 75), hours=chance.randint(0, 4))
        stage.at(added_at, lambda: self._add(person))
        if person.stage not in _INVITED or person.course == "unjoined":
            return
        stage.at(joins_at - timedelta(days=chance.randint(2, 9), minutes=7), lambda: self._invite(person))
        if person.stage in ("invited", "expired"):
            return
        stage.at(joins_at, lambda: self._join(person))
        if person.stage == "withdrawn":
            stage.at(joins_at + timedelta(days=6, hours=2), lambda: self._withdraw(person))

    def _add(self, person: Person) -> None:
        with self._stage.write() as session:
            patient = add_patient(
                session,
                NewPatient(
                    given_name=person.given,
                    family_name=person.family,
                    born_on=person.born_on,
                    reference=f"DEMO-{person.number + 1:04d}",
                    phone=person.phone,
                ),
            )
            person.patient_id = patient.id

    def _invite(self, person: Person) -> None:
        way: Way = "sms" if person.channel == "sms" else "letter"
        with self._stage.write() as session:
            invited = self._stage.services.inviting.invite(session, [person.patient_id], way=way, by="clover")
            if invited.letters:
                self._codes[person.number] = invited.letters[0].code
                return
            session.flush()
            said = session.scalars(select(Message).where(Message.kind == "onboarding").order_by(Message.id.desc()))
            found = next((code for message in said.fetchmany(3) if (code := _CODE.search(message.text))), None)
        if found is None:
            raise LookupError(f"no code was texted to {person.given}: {invited.not_invited}")
        self._codes[person.number] = found[0]

    def _join(self, person: Person) -> None:
        joining = self._stage.services.joining
        with self._stage.write() as session:
            conversation = self._conversation(session, person)
            person.conversation_id = conversation.id
            said: str | None = self._codes[person.number]
            for _ in range(_MOST_QUESTIONS):
                if said is None:
                    break
                message = self._stage.hear(session, conversation, said, is_plain=True)
                replies = joining.take(session, conversation, said, sender=f"demo-{person.number}") or []
                self._stage.answer(session, message, replies)
                said = self._next_answer(session, conversation, person)

    def _conversation(self, session: Session, person: Person) -> Conversation:
        if person.channel == "sms":
            return self._stage.texting(session, person.phone)
        return self._stage.opened(session)

    def _next_answer(self, session: Session, conversation: Conversation, person: Person) -> str | None:
        chance = self._stage.random_of("joining", person.number)
        step = session.get_one(Joining, conversation.id).step
        answers = {
            "proof": f"{person.born_on.day} {person.born_on:%B %Y}",
            "consent": "No, thank you" if person.stage == "refused" else "I agree",
            "channel": "By text message" if person.channel == "sms" else "Only in this chat",
            "number": "Yes, that is my number",
            "hours": chance.choice(["Any time of day", "Any time of day", "In the evening", "10 to 18"]),
            "shared": chance.choice(["No, only me", "No, only me", "Somebody else may see it"]),
            "safe_contact": chance.choice(["Skip", "Skip", "ask for the bookshop"]),
            "topics": chance.choice(["Yes, one a week", "No, not now"]),
        }
        return answers[step] if step is not None else None

    def _withdraw(self, person: Person) -> None:
        with self._stage.write() as session:
            conversation = session.get_one(Conversation, person.conversation_id)
            message = self._stage.hear(session, conversation, "withdraw my consent", is_plain=True)
            replies = self._stage.services.joining.take(session, conversation, message.text, sender="demo") or []
            self._stage.answer(session, message, replies)


def patient_of(session: Session, person: Person) -> Patient:
    """Their row."""
    return session.get_one(Patient, person.patient_id)
