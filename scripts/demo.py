"""`make demo`: a database of made-up people to look at, in var/demo, and the service running on it.

Every conversation here is invented. The same seed makes the same clinic.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.content.leaflet_answers import leaflet_answers
from clinic.content.topics import Topics
from clinic.conversations.door_rules import DoorRules
from clinic.conversations.models import Conversation, Message
from clinic.conversations.service import open_conversation, store_incoming, store_replies
from clinic.database import Database
from clinic.encryption import configure_encryption
from clinic.escalations.models import Escalation
from clinic.escalations.views import acknowledge
from clinic.migrate import migrate
from clinic.operations.logging import configure_logging
from clinic.services import Services
from clinic.settings import ROOT, Settings
from clinic.staff.first_login import ensure_first_account
from risk import Detector
from scripts.demo_patients import DemoPatients
from scripts.progress import console

FOLDER = ROOT / "var" / "demo"
_SEED = 16
_CONVERSATIONS = 60
_WORRYING = (
    "i dont want to be here anymore if im honest",
    "some nights I think they would all be better off without me",
    "i cut myself again last night",
    "there is a voice telling me to do things and i cant make it stop",
    "he locked me in again, I am scared of him",
    "I have written the letters. tonight I think",
)
_OUTCOMES = ("spoken_to", "followed_up_at_session", "crisis_team", "false_alarm")


class DemoClinic:
    """Plays conversations into the database as the door would store them."""

    def __init__(self, services: Services, detector: Detector) -> None:
        self._services = services
        self._detector = detector
        self._rules = DoorRules(escalations=services.escalations, crisis=services.crisis, texts=services.texts)
        self._topics = list(Topics.load())
        self._answers = leaflet_answers()
        self._random = random.Random(_SEED)

    def fill(self) -> None:
        """Sixty conversations over the last sixteen weeks."""
        for number in range(_CONVERSATIONS):
            started = now() - timedelta(days=self._random.randint(0, 110), minutes=self._random.randint(0, 1400))
            with self._services.database.write() as session:
                conversation, _ = open_conversation(session, channel="web")
                welcome = [self._services.texts.welcome_1.reply(), self._services.texts.welcome_2.reply()]
                store_replies(session, conversation_id=conversation.id, replies=welcome)
                for _ in range(self._random.randint(1, 3)):
                    self._ask(session, conversation)
                if number % 2 == 0:
                    self._fill_in(session, conversation, steady=number % 4 == 0)
                if number % 6 == 0:
                    self._worry(session, conversation, _WORRYING[number // 6 % len(_WORRYING)])
                _move_to(session, conversation, started)

    def _ask(self, session: Session, conversation: Conversation) -> None:
        topic = self._random.choice(self._topics)
        message = self._say(session, conversation, topic.question)
        store_replies(session, conversation_id=conversation.id, replies=[self._answers[topic.id]], in_reply_to=message)

    def _fill_in(self, session: Session, conversation: Conversation, *, steady: bool) -> None:
        service = self._services.questionnaires
        message = self._say(session, conversation, "fill in my questionnaire")
        position, _ = service.open(session, message=message, request=message.text)
        message.answered_at = message.at
        while position.item is not None:
            message = self._say(session, conversation, str(self._random.randint(0, 2 if steady else 3)))
            position, escalated = service.answer(session, position=position, value=int(message.text), message=message)
            replies = [self._services.crisis.for_message(session, message)] if escalated else []
            store_replies(session, conversation_id=conversation.id, replies=replies, in_reply_to=message)
            # Some stop half-way: an unfinished form has no total.
            if self._random.random() < 0.02:
                service.pause(session, position)
                return

    def _worry(self, session: Session, conversation: Conversation, text: str) -> None:
        verdict = self._detector.screen(text)
        message = self._say(session, conversation, text, verdict=verdict.to_dict())
        self._rules.escalate(session, message, verdict)
        self._rules.conclude(session, message, [], None)
        found = session.query(Escalation).filter_by(message_id=message.id).one_or_none()
        state = self._random.choice(("new", "acknowledged", "closed"))
        if found is None or state == "new":
            return
        services = self._services
        acknowledge(session, found, by="duty", escalations=services.escalations, crisis=services.crisis)
        if state == "closed":
            services.escalations.close(
                session, found, by="duty", outcome=self._random.choice(_OUTCOMES), note="Made up for the demo."
            )

    @staticmethod
    def _say(
        session: Session, conversation: Conversation, text: str, *, verdict: dict[str, Any] | None = None
    ) -> Message:
        return store_incoming(
            session, conversation=conversation, text=text, client_message_id=None, verdict=verdict or {}
        )


def _move_to(session: Session, conversation: Conversation, started: datetime) -> None:
    """Sets the whole conversation back in time, a minute a message."""
    session.flush()
    conversation.created_at = started
    moments: dict[int, datetime] = {}
    for minutes, message in enumerate(session.query(Message).filter_by(conversation_id=conversation.id), start=1):
        message.at = moments[message.id] = started + timedelta(minutes=minutes)
        message.answered_at = message.at if message.answered_at else None
    conversation.last_message_at = max(moments.values())
    for escalation in session.query(Escalation).filter_by(conversation_id=conversation.id):
        escalation.created_at = moments[escalation.message_id]
        if escalation.acknowledged_at is not None:
            escalation.acknowledged_at = escalation.created_at + timedelta(minutes=7)
        if escalation.closed_at is not None:
            escalation.closed_at = escalation.created_at + timedelta(minutes=31)


def main() -> None:
    """Fills the demo database anew, then runs the service on it."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    settings = Settings(var_folder=FOLDER, database_url=f"sqlite:///{FOLDER / 'interlude.db'}")
    configure_logging(as_json=False)
    configure_encryption(settings)
    database = Database(settings.resolved_database_url)
    migrate(database)
    ensure_first_account(database, settings)
    console.print(f"* filling {FOLDER.relative_to(ROOT)} with {_CONVERSATIONS} made-up conversations and some patients")
    detector = Detector.load()
    services = Services.build(settings, detector=detector)
    services.relay.run_once()
    DemoClinic(services, detector).fill()
    DemoPatients(services, seed=_SEED).fill()
    services.database.dispose()
    database.dispose()
    if "--fill-only" in sys.argv[1:]:
        return
    env = {**os.environ, "VAR_FOLDER": str(FOLDER), "DATABASE_URL": settings.resolved_database_url}
    os.execve(sys.executable, [sys.executable, "-m", "scripts.run"], env)


if __name__ == "__main__":
    main()
