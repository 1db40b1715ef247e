"""Reminders in the dialogue: the hour, when they come, no more of them. A greeting may answer "which hour?"."""

from __future__ import annotations

import re

from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.notes import ActionAddNote
from actions.turn import ClinicAction, Event, ReplyAction, Turn, utter
from clinic.conversations.models import Conversation, Message
from clinic.conversations.replies import Reply
from clinic.patients.models import Patient
from clinic.reminder_wishes.reading import Wants, Wish
from clinic.reminder_wishes.replies import ASKS, ReminderReplies
from clinic.reminder_wishes.service import Reminders, choose_hour, reminders_of, start_reminders, stop_reminders
from clinic.services import Services

_NOTE_WORDS = re.compile(r"\b(note|forget|remember|keep|mention|bring up|raise)\b", re.IGNORECASE)


class ActionReminders(ReplyAction):
    """Does what the person wishes of the reminders, and says what holds then."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._replies = ReminderReplies(services.texts.reminders)

    def name(self) -> str:
        return "action_reminders"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        if self._is_note(turn):
            return ActionAddNote(self.services).act(dispatcher, turn)
        return super().act(dispatcher, turn)

    def _is_note(self, turn: Turn) -> bool:
        """Whether the next likely reading is meant: something to keep for a session, which is not to be lost."""
        reader = self.services.reminder_reader
        wants = reader.read(turn.text).wants
        is_other = wants is Wants.OTHER_THING or (wants is Wants.UNCLEAR and _NOTE_WORDS.search(turn.text) is not None)
        return is_other and "note_add" in turn.ranking[:2] and not reader.names_clock(turn.text)

    def takes_answer(self, dispatcher: CollectingDispatcher, turn: Turn) -> bool:
        """Where an hour was asked for, and the message names one: takes it."""
        with self.services.database.write() as session:
            message = turn.message(session)
            if message is None or not _was_asked(session, message):
                return False
            wish = self.services.reminder_reader.read_answer(message.text)
            reply = self._do(session, message, wish) if wish is not None else None
        if reply is not None:
            utter(dispatcher, reply)
        return reply is not None

    def answer(self, session: Session, message: Message) -> Reply:
        reader, asked = self.services.reminder_reader, _was_asked(session, message)
        wish = reader.read(message.text)
        if asked:
            wish = reader.read_answer(message.text) or wish
        elif wish.wants is Wants.HOUR and not reader.speaks_of_it(message.text):
            # "6pm", out of the blue: it may be about anything.
            wish = Wish(Wants.UNCLEAR)
        return self._do(session, message, wish)

    def _do(self, session: Session, message: Message, wish: Wish) -> Reply:
        replies = self._replies
        if wish.wants is Wants.OTHER_THING:
            return replies.other_thing()
        conversation = session.get_one(Conversation, message.conversation_id)
        patient = session.get(Patient, conversation.patient_id) if conversation.patient_id is not None else None
        if patient is None:
            return replies.not_joined()
        if wish.wants is Wants.STOP:
            stop_reminders(session, patient, by="patient")
            return replies.stopped()
        if wish.wants is Wants.START:
            start_reminders(session, patient, by="patient")
            return replies.started(self._held(session, patient))
        if wish.wants is Wants.WHEN:
            return replies.when(self._held(session, patient))
        return self._choose(session, patient, wish)

    def _choose(self, session: Session, patient: Patient, wish: Wish) -> Reply:
        replies, held = self._replies, self._held(session, patient)
        if wish.wants is not Wants.HOUR:
            return replies.which_hour(held)
        possible = [hour for hour in wish.hours if hour in held.hours]
        if not possible:
            return replies.not_at_that_hour(held)
        if len(possible) > 1:
            return replies.which_of_two(held, possible)
        choose_hour(session, patient, possible[0], by="patient")
        return replies.chosen(self._held(session, patient), is_full_hour=wish.is_full_hour)

    def _held(self, session: Session, patient: Patient) -> Reminders:
        services = self.services
        return reminders_of(session, patient, usual_hour=services.settings.reminder_hour, zone=services.courses.zone)


class ActionGreet(ClinicAction):
    """Greets; "evening" may also be the hour that was asked for."""

    def name(self) -> str:
        return "action_greet"

    def act(self, dispatcher: CollectingDispatcher, turn: Turn) -> list[Event]:
        if not ActionReminders(self.services).takes_answer(dispatcher, turn):
            dispatcher.utter_message(response="utter_greet")
        return []


def _was_asked(session: Session, message: Message) -> bool:
    """Whether the last thing that was said before this message asks for the hour of the reminder."""
    details = session.scalar(
        select(Message.details)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.direction == "outgoing",
            Message.id < message.id,
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    return (details or {}).get("asks") == ASKS
