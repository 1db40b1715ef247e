"""Answers are rows the moment they are given; corrections keep history; nothing is counted that was not said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.content.paths import QUESTIONNAIRES
from clinic.conversations.models import Conversation, Message
from clinic.conversations.service import open_conversation, store_incoming
from clinic.database import Database
from clinic.escalations.addresses import Addresses
from clinic.escalations.models import Escalation
from clinic.escalations.outcomes import Outcomes
from clinic.escalations.policy import EscalationPolicy
from clinic.escalations.service import Escalations
from clinic.patients.models import Patient
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.models import QuestionnaireAnswer
from clinic.questionnaires.service import Position, QuestionnaireService, current_answers, left_out

POLICY = EscalationPolicy.load()
SERVICE = QuestionnaireService(
    questionnaires=Questionnaires.load(QUESTIONNAIRES),
    escalations=Escalations(
        policy=POLICY,
        outcomes=Outcomes.load(),
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
    back = SERVICE.return_to(filling.session, position=position, item=1, message=filling.message("back"))
    # Until another answer is given, the old one counts: nobody loses it by walking away here.
    assert back.item == 1 and current_answers(back.response) == {1: 1}
    after = filling.answer(back, 3)
    assert current_answers(after.response) == {1: 3} and after.item == 2
    assert [(given.value, given.replaced_at is None) for given in after.response.answers] == [(1, False), (3, True)]


def test_service_before_the_first_item_is_nothing(filling: Filling) -> None:
    assert SERVICE.before(filling.open()) is None


def test_service_an_item_left_out_has_no_answer_and_the_questionnaire_no_total(filling: Filling) -> None:
    position = filling.open()
    position = SERVICE.skip(filling.session, position=position, message=filling.message("skip"))
    for value in (3, 2, 1, 0, 3, 2, 1, 0):
        position = filling.answer(position, value)
    response = position.response
    assert position.is_complete and response.total is None and response.status == "stopped"
    assert left_out(response) == [1] and 1 not in current_answers(response)
    again, resumed = SERVICE.open(filling.session, message=filling.message("go on"), request="go on")
    assert resumed and again.response.id == response.id and again.item == 1
    after = filling.answer(again, 0)
    assert after.response.total == 12 and after.response.status == "completed"


def test_service_what_lies_weeks_back_is_not_gone_on_with(filling: Filling) -> None:
    with time_machine.travel("2026-03-02 10:00Z", tick=False) as clock:
        old = filling.answer(filling.open(), 3)
        clock.shift(timedelta(days=6))
        assert SERVICE.open(filling.session, message=filling.message("go on"), request="go on")[1]
        clock.shift(timedelta(days=2))
        new, resumed = SERVICE.open(filling.session, message=filling.message("go on"), request="go on")
    assert not resumed and new.item == 1 and new.response.id != old.response.id
    assert old.response.total is None and current_answers(old.response) == {1: 3}


def test_service_any_questionnaire_can_be_asked_for_by_name(filling: Filling) -> None:
    first = filling.answer(filling.open(), 2)
    other = filling.open("fill in the GAD-7")
    assert other.questionnaire.id == "gad-7" and other.item == 1
    back = filling.open("my mood questionnaire please")
    assert back.response.id == first.response.id and back.item == 2
    current = SERVICE.current(filling.session, filling.conversation.id)
    assert current is not None and current.response.id == first.response.id


def test_service_goes_on_where_the_person_is(filling: Filling) -> None:
    """Web to text message and back: one form, nothing asked twice; strangers' forms stay theirs."""
    session = filling.session
    patient = Patient(id="p1", given_name="A", status="waiting", added_at=now())
    session.add(patient)
    session.flush()
    filling.conversation.patient_id = patient.id
    on_web = filling.answer(filling.answer(filling.open(), 1), 2)
    sms, _ = open_conversation(session, channel="sms")
    sms.patient_id = patient.id
    stranger, _ = open_conversation(session, channel="sms")

    def message(conversation: Conversation, text: str) -> Message:
        return store_incoming(session, conversation=conversation, text=text, client_message_id=None, verdict={})

    assert SERVICE.open(session, message=message(stranger, "form"), request="form")[0].item == 1
    assert SERVICE.elsewhere(session, sms.id) is on_web.response
    by_sms, resumed = SERVICE.open(session, message=message(sms, "form"), request="form")
    assert resumed and by_sms.response is on_web.response and by_sms.item == 3
    assert SERVICE.current(session, filling.conversation.id) is None
    after, _ = SERVICE.answer(session, position=by_sms, value=0, message=message(sms, "0"))
    assert current_answers(after.response) == {1: 1, 2: 2, 3: 0}
    assert SERVICE.bring_here(session, after.response, message(filling.conversation, "2")).item == 4


def test_service_the_database_refuses_a_second_answer_that_counts(filling: Filling) -> None:
    position = filling.answer(filling.open(), 1)
    double = QuestionnaireAnswer(response_id=position.response.id, item=1, value=2, at=now())
    with pytest.raises(IntegrityError), filling.session.begin_nested():
        filling.session.add(double)
        filling.session.flush()


def test_service_opening_message_is_never_an_answer(filling: Filling) -> None:
    message = filling.message("phq9 2")
    position, _ = SERVICE.open(filling.session, message=message, request="phq9 2")
    assert SERVICE.was_read(position, message)


def test_service_refuses_an_answer_that_does_not_exist(filling: Filling) -> None:
    position = filling.open()
    with pytest.raises(ValueError, match="no item 1 with the answer 4"):
        filling.answer(position, 4)
    assert current_answers(position.response) == {}
