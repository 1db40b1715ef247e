"""The made-up clinic's staff: their accounts, and how soon they look at escalations."""

from __future__ import annotations

import math
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.conversations.models import Conversation
from clinic.escalations.climbing import climb
from clinic.escalations.models import Escalation
from clinic.escalations.service import SERVICE_REASONS
from clinic.escalations.views import acknowledge, hand_back, write_as_staff
from clinic.patients.models import Patient
from clinic.staff.service import create_account
from scripts.demo.stage import Stage, load

ON_DUTY = ("wren", "ash")
# Minutes until somebody looks: median, and how widely it is spread (sigma of the logarithm).
_LOOKS = {"now": (6.0, 0.6), "today": (24.0, 0.8), "next_working_day": (150.0, 0.7)}
# While the clinic is closed, whoever is on call takes longer.
_CLOSED = 2.2
_ITEM_NOTES = (
    "Rang: thoughts come and go, no plan. Therapist told.",
    "Known, safety plan in place, spoken to.",
    "Answer explained by last week's argument; safe.",
)


class Staff:
    """Looks at every escalation that is not part of today's story."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._outcomes: dict[int, tuple[str, str]] = {}
        self._planned: set[int] = set()
        self._ids: dict[str, int] = {}
        self.names = {one["username"]: one["name"] for one in load("cast.yml")["staff"]}

    def make_accounts(self, session: Session) -> tuple[dict[str, int], str]:
        """Everybody with one password. Returns ids by user name, and the password."""
        password = secrets.token_urlsafe(12)
        ids = {}
        for one in load("cast.yml")["staff"]:
            ids[one["username"]] = create_account(session, password=password, **one).id
        self._ids = ids
        return ids, password

    def leave_alone(self, escalation_id: int) -> None:
        """Today's story says what becomes of it."""
        self._planned.add(escalation_id)

    def remember(self, escalation_id: int, *, found: str, note: str) -> None:
        """What will come of it."""
        self._outcomes[escalation_id] = (found, note)

    def look(self) -> None:
        """Plans who looks at what is new, and lets the others climb."""
        climb(self._stage.services.database, self._stage.services.escalations, self._stage.services.crisis)
        with self._stage.services.database.read() as session:
            new = session.scalars(select(Escalation).where(Escalation.status == "new")).all()
        for one in new:
            if one.id not in self._planned:
                self._planned.add(one.id)
                self._plan(one.id, one.respond, one.created_at)

    def _plan(self, escalation_id: int, respond: str, created_at: datetime) -> None:
        stage, chance = self._stage, self._stage.random_of("staff", escalation_id)
        median, spread = _LOOKS[respond]
        minutes = median * math.exp(chance.gauss(0, spread))
        hours = stage.services.escalations.hours
        opens_at = hours.next_opening(created_at)
        if opens_at is not None and respond == "next_working_day":
            seen_at = opens_at + timedelta(minutes=minutes)
        else:
            seen_at = created_at + timedelta(minutes=minutes * (_CLOSED if opens_at is not None else 1))
        by = chance.choice(ON_DUTY)
        for after in (5, 10, 30, 60, 120):
            if created_at + timedelta(minutes=after) < seen_at:
                stage.at(created_at + timedelta(minutes=after, seconds=1), self.look)
        stage.at(seen_at, lambda: self.acknowledge(escalation_id, by=by))
        takes = timedelta(minutes=chance.choice([4, 8, 12, 18, 26, 34]))
        talks = chance.random() < 0.15
        if talks:
            stage.at(seen_at + timedelta(minutes=2), lambda: self.talk(escalation_id, by=by))
        stage.at(seen_at + takes, lambda: self.close(escalation_id, by=by))

    def acknowledge(self, escalation_id: int, *, by: str) -> None:
        """Somebody looks."""
        services = self._stage.services
        with self._stage.write() as session:
            found = session.get_one(Escalation, escalation_id)
            if found.status == "new":
                acknowledge(session, found, by=by, escalations=services.escalations, crisis=services.crisis)

    def give(self, escalation_id: int, *, to: str, by: str, note: str) -> None:
        """To a colleague, with a note."""
        escalations = self._stage.services.escalations
        with self._stage.write() as session:
            found = session.get_one(Escalation, escalation_id)
            escalations.assign(session, found, to=to, by=by)
            escalations.add_note(session, found, by=by, text=note)

    def close(self, escalation_id: int, *, by: str) -> None:
        """With what came of it."""
        services, chance = self._stage.services, self._stage.random_of("closing", escalation_id)
        with self._stage.write() as session:
            found = session.get_one(Escalation, escalation_id)
            if found.status == "closed":
                return
            if escalation_id in self._outcomes:
                outcome, note = self._outcomes[escalation_id]
            elif set(found.reasons) <= SERVICE_REASONS:
                outcome, note = "service_matter", "Rang back and answered."
            else:
                outcome = chance.choice(["spoken_to", "spoken_to", "followed_up_at_session"])
                note = chance.choice(_ITEM_NOTES)
            whys = services.escalations.outcomes.of(outcome)
            why = chance.choice(whys.whys).id if whys is not None and whys.whys else None
            services.escalations.close(session, found, by=by, outcome=outcome, note=note, why=why)

    def talk(self, escalation_id: int, *, by: str, hands_back: bool = True, turns: int | None = None) -> None:
        """Takes the conversation over and writes with the person."""
        stage, services = self._stage, self._stage.services
        chance = stage.random_of("talk", escalation_id)
        with stage.write() as session:
            escalation = session.get_one(Escalation, escalation_id)
            conversation = session.get_one(Conversation, escalation.conversation_id)
            if conversation.is_with_staff or escalation.status == "closed":
                return
            given = self._given_name(session, conversation)
            for place, line in enumerate(chance.choice(stage.lines["talks"])[:turns]):
                stage.pass_time(50)
                if place % 2:
                    message = stage.hear(session, conversation, line)
                    stage.answer(session, message, [])
                else:
                    self._write(session, conversation, line.format(given=given, staff=self.names[by]), by=by)
            if hands_back:
                stage.pass_time(90)
                left = services.texts.staff_left.text.format(name=self.names[by])
                hand_back(session, conversation, by=by, left_text=left)

    def _write(self, session: Session, conversation: Conversation, text: str, *, by: str) -> None:
        services, name = self._stage.services, self.names[by]
        write_as_staff(
            session,
            conversation,
            escalations=services.escalations,
            text=text,
            name=name,
            username=by,
            account_id=self._ids[by],
            joined_text=services.texts.staff_joined.text.format(name=name),
        )

    @staticmethod
    def _given_name(session: Session, conversation: Conversation) -> str:
        patient = session.get(Patient, conversation.patient_id) if conversation.patient_id is not None else None
        return patient.given_name if patient is not None else "there"
