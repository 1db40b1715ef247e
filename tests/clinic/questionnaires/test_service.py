"""Answers are rows the moment they are given; corrections keep history; nothing is counted that was not said."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.content.paths import QUESTIONNAIRES
from clinic.conversations.models import Message
from clinic.conversations.service import open_conversation, store_incoming
from clinic.database import Database
from clinic.escalations.addresses import Addresses
from clinic.escalations.models import Escalation
from clinic.escalations.policy import EscalationPolicy
from clinic.escalations.service import Escalations
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.service import Position, QuestionnaireService, current_answers

POLICY = EscalationPolicy.load()
SERVICE = QuestionnaireService(
    questionnaires=Questionnaires.load(QUESTIONNAIRES),
    escalations=Escalations(
        policy=POLICY,
        hours=POLICY.hours(ZoneInfo("Europe/London")),
        addresses=Addresses(by_contact={}, for_everything=[]),
    ),
)


class Filling:
    """One person filling in a questionnaire, a message an answer."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.conversation, _ = open_conversation(session, channel="web")

    def message(self, text: str) -> Message:
        return store_incoming(
            self.session, conversation=self.conversation, text=text, client_message_id=None, verdict={}
        )

    def open(self, request: str = "my questionnaire") -> Position:
        return SERVICE.open(self.session, message=self.message(request), request=request)[0]

    def answer(self, position: Position, value: int) -> Position:
        return SERVICE.answer(self.session, position=position, value=value, message=self.message(str(value)))[0]


@pytest.fixture
def filling(database: Database) -> Iterator[Filling]:
    with database.write() as session:
        yield Filling(session)


def test_service_completes_with_the_total(filling: Filling) -> None:
    position = filling.open()
    for value in (3, 2, 1, 0, 3, 2, 1, 0, 0):
        assert position.response.total is None
        position = filling.answer(position, value)
    assert position.is_complete and position.response.status == "completed" and position.response.total == 12
    assert position.response.completed_at is not None and position.response.completed_at <= now()


@pytest.mark.parametrize(("value", "told"), [(0, False), (1, True), (2, True), (3, True)])
def test_service_item_9_above_zero_is_told_on_the_answer(filling: Filling, value: int, told: bool) -> None:
    position = filling.open()
    for _ in range(8):
        position = filling.answer(position, 0)
    message = filling.message(str(value))
    _, escalated = SERVICE.answer(filling.session, position=position, value=value, message=message)
    found = filling.session.query(Escalation).filter_by(message_id=message.id).all()
    assert escalated is told and len(found) == int(told)
    assert all("phq-9 item 9" in found_one.reasons[0] for found_one in found)


def test_service_the_same_message_answers_once(filling: Filling) -> None:
    position = filling.open()
    message = filling.message("2")
    for _ in range(3):
        after, _ = SERVICE.answer(filling.session, position=position, value=2, message=message)
    assert current_answers(after.response) == {1: 2} and after.item == 2


def test_service_resumes_where_it_stopped(filling: Filling) -> None:
    position = filling.answer(filling.answer(filling.open(), 1), 2)
    SERVICE.pause(filling.session, position)
    assert SERVICE.current(filling.session, filling.conversation.id) is None
    again, resumed = SERVICE.open(filling.session, message=filling.message("go on"), request="go on")
    assert resumed and again.item == 3 and again.response.id == position.response.id


def test_service_a_correction_keeps_the_old_answer(filling: Filling) -> None:
    position = filling.answer(filling.open(), 1)
    back = SERVICE.step_back(filling.session, position)
    assert back.item == 1
    after = filling.answer(back, 3)
    assert current_answers(after.response) == {1: 3}
    assert [(given.value, given.replaced_at is None) for given in after.response.answers] == [(1, False), (3, True)]


def test_service_back_at_the_first_item_stays_there(filling: Filling) -> None:
    assert SERVICE.step_back(filling.session, filling.open()).item == 1


def test_service_opening_message_is_never_an_answer(filling: Filling) -> None:
    message = filling.message("phq9 2")
    position, _ = SERVICE.open(filling.session, message=message, request="phq9 2")
    assert SERVICE.was_read(position, message)


def test_service_refuses_an_answer_that_does_not_exist(filling: Filling) -> None:
    position = filling.open()
    with pytest.raises(ValueError, match="no item 1 with the answer 4"):
        filling.answer(position, 4)
    assert current_answers(position.response) == {}
