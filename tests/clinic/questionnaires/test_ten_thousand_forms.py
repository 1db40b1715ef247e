"""Many forms filled in by simulated patients who are interrupted, restart, repeat themselves and change their minds.

No answer is lost, none is counted twice, and every total equals a sum made apart from the service. How many:
`FORMS=10000 make test PYTEST_ARGS=tests/clinic/questionnaires/test_ten_thousand_forms.py`.
"""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.content.paths import ANSWERS, QUESTIONNAIRES
from clinic.conversations.models import Conversation, Message
from clinic.conversations.service import open_conversation, store_incoming, store_replies
from clinic.database import Database
from clinic.escalations.addresses import Addresses
from clinic.escalations.models import Escalation
from clinic.escalations.outcomes import Outcomes
from clinic.escalations.policy import EscalationPolicy
from clinic.escalations.service import Escalations
from clinic.patients.models import Patient
from clinic.questionnaires.asking import ask
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.filling import Effect, Filling, Taken
from clinic.questionnaires.models import QuestionnaireAnswer, QuestionnaireResponse
from clinic.questionnaires.reading import Reader, Understood, Wordings
from clinic.questionnaires.reading.checking import make_readers
from clinic.questionnaires.service import Position, QuestionnaireService, current_answers

FORMS = int(os.environ.get("FORMS", "120"))
SEED = 20261122
SAID = {
    0: ["0", "not at all", "never", "zero", "a", "0 - Not at all"],
    1: ["1", "several days", "a few days", "one", "b", "1 - Several days"],
    2: ["2", "more than half the days", "most days tbh", "two", "c"],
    3: ["3", "nearly every day", "every day", "three", "d"],
}
ASIDES = ["2 or 3", "7", "sometimes", "what do you mean?", "my dog is ill", "1 2", "How many sessions will I have?"]
# What may come of a message that is delivered again.
NOTHING_NEW = (Effect.READ_BEFORE, Effect.NONE, Effect.PAUSED)
QUESTIONNAIRES_LOADED = Questionnaires.load(QUESTIONNAIRES)
READERS = make_readers(QUESTIONNAIRES_LOADED, Wordings.load(ANSWERS))


class Remembering(Reader):
    """The reader, asked once for each text: it is pure, and these patients repeat themselves."""

    def __init__(self, reader: Reader) -> None:
        self._read = lru_cache(maxsize=None)(reader.read)

    def read(self, text: str, item: int) -> Understood:
        return self._read(text, item)


POLICY = EscalationPolicy.load()
REMEMBERING = {name: Remembering(reader) for name, reader in READERS.items()}


class Crash(Exception):
    """The process dies before the transaction commits."""


def fresh() -> tuple[QuestionnaireService, Filling]:
    """The service as a new process has it: it remembers nothing."""
    service = QuestionnaireService(
        questionnaires=QUESTIONNAIRES_LOADED,
        escalations=Escalations(
            policy=POLICY,
            outcomes=Outcomes.load(),
            hours=POLICY.hours(ZoneInfo("Europe/London")),
            addresses=Addresses(by_contact={}, for_everything=[]),
        ),
    )
    return service, Filling(service, REMEMBERING)


@dataclass
class SimulatedPatient:
    """One person with a phone and a browser, and what they mean to answer."""

    database: Database
    chance: random.Random
    happened: Counter[str]
    meant: dict[int, int] = field(default_factory=dict)
    conversations: list[str] = field(default_factory=list)
    here: str = ""
    told: int = 0

    def __post_init__(self) -> None:
        self.service, self.filling = fresh()
        with self.database.write() as session:
            patient = Patient(id=f"{self.chance.getrandbits(96):x}", given_name="A", status="waiting", added_at=now())
            session.add(patient)
            session.flush()
            for channel in ("web", "sms"):
                conversation, _ = open_conversation(session, channel=channel)
                conversation.patient_id = patient.id
                self.conversations.append(conversation.id)
        self.here = self.chance.choice(self.conversations)

    def fill_in(self, name: str) -> int:
        """Fills in one questionnaire to its end and returns the response's id."""
        position = self.open(f"fill in the {name}")
        if self.chance.random() < 0.1:
            return self.row(position)
        while not position.is_complete:
            position = self.move(position)
        if self.chance.random() < 0.1:
            position = self.change(position, self.chance.choice(sorted(self.meant)))
        return position.response.id

    def move(self, position: Position) -> Position:
        """One thing that a person does."""
        drawn = self.chance.random()
        if drawn < 0.66:
            return self.answer(position)
        if drawn < 0.74:
            return self.say(self.chance.choice(ASIDES)).position
        if drawn < 0.80:
            self.happened["restart of the service"] += 1
            self.service, self.filling = fresh()
            return self.answer(position)
        if drawn < 0.85:
            self.say("stop for now")
            self.happened["pause"] += 1
            self.here = self.chance.choice(self.conversations)
            return self.open("fill in my questionnaire")
        if drawn < 0.90:
            self.happened["change of channel"] += 1
            self.here = self.chance.choice(self.conversations)
            return self.open("fill in my questionnaire")
        if drawn < 0.95 and self.meant:
            return self.change(position, self.chance.choice(sorted(self.meant)))
        self.happened["back"] += 1
        return self.say("back").position

    def answer(self, position: Position) -> Position:
        assert position.item is not None
        value = self.chance.randrange(4)
        self.meant[position.item] = value
        self.told += position.questionnaire.escalates(position.item, value)
        return self.say(self.chance.choice(SAID[value])).position

    def change(self, position: Position, item: int) -> Position:
        value = self.chance.randrange(4)
        self.meant[item] = value
        self.told += position.questionnaire.escalates(item, value)
        self.happened["correction"] += 1
        return self.say(f"change {item} to {value}", correct=position.is_complete).position

    def row(self, position: Position) -> int:
        values = [self.chance.randrange(4) for _ in position.questionnaire.items]
        self.meant = dict(enumerate(values, 1))
        self.told += any(position.questionnaire.escalates(item, value) for item, value in self.meant.items())
        self.happened["row of numbers"] += 1
        return self.say(" ".join(map(str, values))).position.response.id

    def open(self, request: str) -> Position:
        with self.database.write() as session:
            message = self.message(session, request)
            position, _ = self.service.open(session, message=message, request=request)
            self.reply(session, position, message)
            return position

    def say(self, text: str, *, correct: bool = False) -> Taken:
        """One message; now and then the process dies in the middle, or the message is delivered again."""
        if self.chance.random() < 0.03:
            self.happened["crash before the commit"] += 1
            with pytest.raises(Crash), self.database.write() as session:
                self.take(session, self.message(session, text), correct=correct)
                raise Crash
        with self.database.write() as session:
            message = self.message(session, text)
            taken = self.take(session, message, correct=correct)
            if self.chance.random() < 0.08:
                self.happened["duplicate in the same transaction"] += 1
                assert self.take(session, message, correct=False).effect in NOTHING_NEW
            self.reply(session, taken.position, message)
        if self.chance.random() < 0.08 and not taken.position.is_complete:
            self.happened["duplicate later"] += 1
            with self.database.write() as session:
                again = self.take(session, session.get_one(Message, message.id), correct=False)
            assert again.effect in NOTHING_NEW
        return taken

    def take(self, session: Session, message: Message, *, correct: bool) -> Taken:
        position = self.service.current(session, message.conversation_id)
        if position is None:
            ended = self.service.correctable(session, message.conversation_id)
            if ended is None or not correct:
                found = session.scalars(
                    select(QuestionnaireResponse)
                    .where(QuestionnaireResponse.conversation_id == message.conversation_id)
                    .order_by(QuestionnaireResponse.id.desc())
                ).first()
                assert found is not None
                return Taken(Effect.PAUSED, self.service._position(found))
            return self.filling.correct(session, position=ended, message=message)
        return self.filling.take(session, position=position, message=message)

    def message(self, session: Session, text: str) -> Message:
        conversation = session.get_one(Conversation, self.here)
        return store_incoming(session, conversation=conversation, text=text, client_message_id=None, verdict={})

    def reply(self, session: Session, position: Position, message: Message) -> None:
        replies = [] if position.is_complete else [ask(position, with_stem=False)]
        store_replies(session, conversation_id=self.here, replies=replies, in_reply_to=message)


@pytest.mark.timeout(max(300, FORMS // 4))
def test_forms_lose_no_answer_and_double_none(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    is_sqlite = database.engine.dialect.name == "sqlite"
    forms = FORMS if is_sqlite else FORMS // 4
    chance, happened, told = random.Random(SEED), Counter[str](), 0
    if is_sqlite:
        # A test may lose power: the file need not be on the disk after each answer.
        event.listen(database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    for number in range(forms):
        patient = SimulatedPatient(database, chance, happened)
        name = "phq-9" if number % 2 else "gad-7"
        response_id = patient.fill_in(name)
        told += patient.told
        with database.read() as session:
            response = session.get_one(QuestionnaireResponse, response_id)
            values = [patient.meant[item] for item in range(1, len(patient.meant) + 1)]
            assert current_answers(response) == patient.meant, f"form {number}"
            assert (response.status, response.total) == ("completed", sum(values)), f"form {number}"
            assert len(values) == len(QUESTIONNAIRES_LOADED.get(name).items)
    with database.read() as session:
        counting = select(QuestionnaireAnswer.response_id).where(QuestionnaireAnswer.replaced_at.is_(None))
        doubled = counting.group_by(QuestionnaireAnswer.response_id, QuestionnaireAnswer.item).having(func.count() > 1)
        assert session.scalars(doubled).all() == []
        assert session.scalar(select(func.count()).select_from(QuestionnaireResponse)) == forms
        assert session.scalar(select(func.count()).select_from(Escalation)) == told
    with capsys.disabled():
        done = (
            f"{forms} forms on {database.engine.dialect.name}, {sum(happened.values())} interruptions: {dict(happened)}"
        )
        sys.stdout.write(f"\n{done}\n")
