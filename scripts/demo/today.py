"""What happens while somebody looks: escalations in every state, so many minutes before now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from clinic.channels.sms.contacts import find_or_add_contact, stop
from clinic.channels.sms.models import SmsDelivery
from clinic.channels.sms.sender import note_failed
from clinic.conversations.models import Conversation, Message
from clinic.escalations.left_alone import look_after_left_alone
from clinic.escalations.models import Escalation
from clinic.escalations.service import ASKED_FOR_DATA, ASKED_FOR_PERSON, STOPPED_AFTER_RISK
from scripts.demo.staff import Staff
from scripts.demo.stage import Stage
from scripts.demo.talking import Talking
from scripts.demo.waiting import Person


class Today:
    """Plans the last hours."""

    def __init__(self, stage: Stage, staff: Staff, talking: Talking, people: Mapping[str, Person]) -> None:
        self._stage = stage
        self._staff = staff
        self._talking = talking
        self._people = people

    def plan(self) -> None:
        """Everything."""
        at = self._with
        at("Dylan", 5, lambda: self._worry("Dylan", "I have the tablets in front of me and I keep counting them"))
        at("Nadia", 14, self._is_being_talked_to)
        at("Bola", 26, self._crisis_text_does_not_arrive)
        at("Kezia", 38, self._is_given_to_a_colleague)
        at("Ines", 24, self._waits_for_staff)
        at("Ines", 6, self._is_left_alone)
        at("Lowri", 48, self._stops_after_risk)
        at("Umar", 55, self._is_not_answered)
        at("Osian", 80, self._is_forgotten)
        at(
            "Sami",
            200,
            lambda: self._ask("Sami", "can someone ring me please", ASKED_FOR_PERSON, "utter_human_requested"),
        )
        at("Rosa", 180, self._asks_for_data)
        at("Rosa", 9, lambda: self._acknowledge_latest("Rosa", by="clover"))
        self._at(20, self._somebody_unknown)
        for minutes in (75, 60, 45, 39, 30, 25, 15, 10, 4, 1):
            self._at(minutes, self._staff.look)

    def _at(self, minutes: float, play: Any) -> None:
        self._stage.at(self._stage.until - timedelta(minutes=minutes), play)

    def _with(self, given: str, minutes: float, play: Any) -> None:
        """Only where this person plays."""
        if given in self._people:
            self._at(minutes, play)

    def _worry(self, given: str, text: str) -> int:
        one = {"text": text, "found": "spoken_to", "note": ""}
        escalation_id = self._talking.worry(self._people[given], one)
        self._staff.leave_alone(escalation_id)
        return escalation_id

    def _is_being_talked_to(self) -> None:
        escalation_id = self._worry("Nadia", "i cut myself again last night")
        self._at(11, lambda: self._staff.acknowledge(escalation_id, by="wren"))
        self._at(10, lambda: self._staff.talk(escalation_id, by="wren", hands_back=False))

    def _is_given_to_a_colleague(self) -> None:
        escalation_id = self._worry("Kezia", "some nights I think they would all be better off without me")
        self._at(30, lambda: self._staff.give(escalation_id, to="ash", by="wren", note="Ash knows her from last week."))

    def _crisis_text_does_not_arrive(self) -> None:
        escalation_id = self._worry("Bola", "I can't see any way out of this any more")
        with self._stage.write() as session:
            message_id = session.get_one(Escalation, escalation_id).message_id
            delivery = session.scalars(
                select(SmsDelivery)
                .join(Message, Message.id == SmsDelivery.message_id)
                .where(Message.in_reply_to_id == message_id)
            ).first()
            if delivery is not None:
                note_failed(session, delivery, code="30003", escalations=self._stage.services.escalations)

    def _somebody_unknown(self) -> None:
        with self._stage.write() as session:
            conversation = self._stage.opened(session)
        stranger = Person(900, "", "", "", 0, "none", "web", conversation_id=conversation.id)
        one = {"text": "there is a voice telling me to do things and i cant make it stop", "found": "", "note": ""}
        self._staff.leave_alone(self._talking.worry(stranger, one))

    def _waits_for_staff(self) -> None:
        escalation_id = self._worry("Ines", "I feel like there is no hope left for me")
        self._at(21, lambda: self._staff.acknowledge(escalation_id, by="ash"))
        # Two turns: the person has the last word, and nobody answers.
        self._at(20, lambda: self._staff.talk(escalation_id, by="ash", hands_back=False, turns=2))

    def _is_left_alone(self) -> None:
        services = self._stage.services
        look_after_left_alone(services.database, services.escalations, services.crisis)
        with services.database.read() as session:
            for found in session.scalars(select(Escalation).where(Escalation.status == "new")):
                if "left_alone" in found.reasons:
                    self._staff.leave_alone(found.id)

    def _stops_after_risk(self) -> None:
        person = self._people["Lowri"]
        with self._stage.write() as session:
            conversation = session.get_one(Conversation, person.conversation_id)
            message = self._stage.hear(session, conversation, "STOP", is_plain=True)
            stop(session, find_or_add_contact(session, person.phone), by="person")
            found = self._stage.services.escalations.open(
                session, message=message, reasons=[STOPPED_AFTER_RISK], respond="today"
            )
            said = self._stage.services.sms.texts.stopped.reply(numbers=self._stage.services.contacts.main_lines)
            self._stage.answer(session, message, [said])
            self._staff.leave_alone(found.id)

    def _is_not_answered(self) -> None:
        with self._stage.write() as session:
            conversation = session.get_one(Conversation, self._people["Umar"].conversation_id)
            message = self._stage.hear(session, conversation, "what if I move away before the end")
            self._stage.answer(session, message, [], failure="rasa_failed")
            found = session.scalars(select(Escalation).where(Escalation.message_id == message.id)).one()
            self._staff.leave_alone(found.id)

    def _is_forgotten(self) -> None:
        """Acknowledged, and nothing came of it: it opens again."""
        escalation_id = self._worry("Osian", "I am a burden to everyone")
        self._at(72, lambda: self._staff.acknowledge(escalation_id, by="ash"))

    def _ask(self, given: str, text: str, reason: str, response: str) -> None:
        with self._stage.write() as session:
            conversation = session.get_one(Conversation, self._people[given].conversation_id)
            message = self._stage.hear(session, conversation, text)
            found = self._stage.services.escalations.open(
                session, message=message, reasons=[reason], respond="next_working_day"
            )
            self._stage.answer(session, message, [self._stage.response(response)])
            self._staff.leave_alone(found.id)

    def _asks_for_data(self) -> None:
        self._ask("Rosa", "can I have a copy of everything you have about me", ASKED_FOR_DATA, "utter_data_requested")

    def _acknowledge_latest(self, given: str, *, by: str) -> None:
        with self._stage.services.database.read() as session:
            found = session.scalars(
                select(Escalation)
                .where(Escalation.conversation_id == self._people[given].conversation_id)
                .order_by(Escalation.id.desc())
            ).first()
        if found is not None:
            self._staff.acknowledge(found.id, by=by)
