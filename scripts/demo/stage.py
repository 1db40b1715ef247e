"""The stage of the made-up clinic: what happens when, and how things are said on it.

Scenes are played in the order of time, each at its own moment (the clock is moved), through the services that the real
clinic uses. Nothing leaves the machine: alerts and text messages are noted as sent and delivered.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import time_machine
import yaml
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from clinic.channels.sms.contacts import conversation_of, find_or_add_contact
from clinic.channels.sms.models import SmsDelivery
from clinic.channels.sms.sender import parts_of
from clinic.clock import now
from clinic.content.leaflet_answers import RESPONSES, leaflet_answers
from clinic.content.yaml_files import read_yaml
from clinic.conversations.door_rules import DoorRules
from clinic.conversations.models import Conversation, Message
from clinic.conversations.replies import Reply, reply_from_rasa
from clinic.conversations.service import open_conversation, previous_texts, store_incoming, store_replies
from clinic.outbox.models import OutboxItem
from clinic.outbox.path import RELAY, beat
from clinic.services import Services
from clinic.settings import ROOT
from risk import Detector

FOLDER = ROOT / "scripts" / "demo"
# What it returns is of no interest here.
Play = Callable[[], object]


def load(name: str) -> Any:
    """One of the data files beside this one."""
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


class Stage:
    """Plays scenes until `until`; what is planned for later does not happen."""

    def __init__(self, services: Services, detector: Detector, *, seed: int, until: datetime) -> None:
        self.services = services
        self.until = until
        self.seed = seed
        self.lines = load("lines.yml")
        self.rules = DoorRules(escalations=services.escalations, crisis=services.crisis, texts=services.texts)
        self.answers = leaflet_answers()
        self._spoken = read_yaml(RESPONSES / "dialogue.yml")["responses"]
        self._detector = detector
        self._scenes: list[tuple[datetime, int, Play]] = []
        self._numbers = itertools.count()
        self._clock: time_machine.Traveller | None = None
        # Called after every scene in which somebody wrote.
        self.after_words: Play = lambda: None
        self._is_somebody_heard = False

    def random_of(self, *what: object) -> random.Random:
        """Chances of one person or matter alone: who is added to the cast changes nobody else's story."""
        return random.Random(f"{self.seed}:{':'.join(map(str, what))}")

    def at(self, moment: datetime, play: Play) -> None:
        """Plans a scene."""
        if moment < self.until:
            heapq.heappush(self._scenes, (moment, next(self._numbers), play))

    def run(self) -> int:
        """Plays everything, and whatever the scenes plan themselves. Returns how many scenes there were."""
        played = 0
        with time_machine.travel(self._scenes[0][0], tick=False) as self._clock:
            while self._scenes:
                moment, _, play = heapq.heappop(self._scenes)
                self._clock.move_to(moment)
                self._is_somebody_heard = False
                with self.write():
                    pass  # a sign of life of the relay, as in a clinic that runs
                play()
                played += 1
                if self._is_somebody_heard:
                    with self.write():
                        pass
                    self.after_words()
        self._clock = None
        return played

    def pass_time(self, seconds: float) -> None:
        """Within a scene: people think and type."""
        if self._clock is not None:
            self._clock.move_to(min(now() + timedelta(seconds=seconds), self.until))

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in which the way to a human works, as it does in a clinic that runs."""
        with self.services.database.write() as session:
            beat(session, RELAY)
            yield session

    def opened(self, session: Session) -> Conversation:
        """A chat on the web, as the page opens it."""
        conversation, _ = open_conversation(session, channel="web")
        welcome = [self.services.texts.welcome_1.reply(), self.services.texts.welcome_2.reply()]
        self.say(session, conversation, welcome)
        return conversation

    def texting(self, session: Session, number: str) -> Conversation:
        """The conversation of a phone number."""
        contact = find_or_add_contact(session, number)
        contact.last_received_at = now()
        return conversation_of(session, contact)

    def hear(self, session: Session, conversation: Conversation, text: str, *, is_plain: bool = False) -> Message:
        """The person writes; `is_plain` saves the detector what cannot worry it: a button, a number, a date."""
        self.pass_time(4 if is_plain else 35)
        self._is_somebody_heard = True
        verdict: dict[str, Any] = {"flagged": False, "respond": None, "categories": [], "phrases": [], "score": 0.0}
        if is_plain:
            return store_incoming(
                session, conversation=conversation, text=text, client_message_id=None, verdict=verdict
            )
        seen = self._detector.screen(text, previous=previous_texts(session, conversation.id))
        seen = self.rules.with_help_request(
            text, seen, is_safety_asked=self.rules.is_safety_asked(session, conversation.id)
        )
        message = store_incoming(
            session, conversation=conversation, text=text, client_message_id=None, verdict=seen.to_dict()
        )
        self.rules.escalate(session, message, seen)
        return message

    def answer(
        self, session: Session, message: Message, replies: Sequence[Reply], *, failure: str | None = None
    ) -> None:
        """The assistant answers, through the door's own rules."""
        self.pass_time(1)
        beat(session, RELAY)
        self.rules.conclude(session, message, list(replies), failure)

    def say(self, session: Session, conversation: Conversation, replies: Sequence[Reply]) -> None:
        """The assistant says something that answers nothing."""
        store_replies(session, conversation_id=conversation.id, replies=replies)

    def response(self, name: str) -> Reply:
        """A text of data/responses/dialogue.yml."""
        return reply_from_rasa(self._spoken[name][0])

    def carry(self) -> None:
        """The outside of the made-up clinic: every alert arrives, every text message is delivered."""
        moment = now()
        with self.services.database.write() as session:
            session.execute(update(OutboxItem).where(OutboxItem.sent_at.is_(None)).values(sent_at=moment, attempts=1))
            for delivery in session.scalars(select(SmsDelivery).where(SmsDelivery.status == "queued")):
                part = parts_of(session, delivery.message, self.services.sms.texts)[0][delivery.part - 1]
                delivery.status, delivery.status_at, delivery.segments = "delivered", moment, part.segments
                delivery.provider_message_id = f"SMdemo{delivery.id:026d}"
