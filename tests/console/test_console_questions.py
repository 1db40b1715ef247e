"""What the leaflet leaves open, on one page: grouped, counted, without names, and each look recorded."""

import re

import pytest

from clinic.conversations.models import Message
from clinic.questions.service import keep


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


@pytest.fixture
def keeps(clinic):
    def keep_one(words, why):
        conversation_id = clinic.conversation()
        clinic.message(conversation_id, words)
        with clinic.database.write() as session:
            message = session.query(Message).where(Message.conversation_id == conversation_id).one()
            keep(session, message, why=why)
        return conversation_id

    return keep_one


def test_questions_are_grouped_and_counted_without_names(clinic, sam, keeps):
    keeps("can I bring my <b>dog</b>", "out_of_scope")
    told = keeps("is there parking", "out_of_scope")
    keeps("the thing with the thing", "unsure")
    page = sam.get("/console/questions")
    shown = text_of(page)
    assert "Not in the leaflet: 2" in shown and "none fitted: 1" in shown and "twice in a row: 0" in shown
    assert "can I bring my &lt;b&gt;dog&lt;/b&gt;" in page.text
    assert shown.index("is there parking") < shown.index("Offered topics")
    assert told not in page.text


def test_questions_each_look_is_recorded(clinic, sam):
    sam.get("/console/questions")
    assert [entry[:3] for entry in clinic.audit() if "open_questions" in entry] == [("sam", "view", "open_questions")]


def test_questions_are_for_staff_only(stranger):
    answer = stranger.get("/console/questions")
    assert answer.status_code == 303 and "/console/log-in" in answer.headers["location"]
