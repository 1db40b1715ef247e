"""The content page: every text with its review, its reading age and how often it is given; no patient's words."""

import re
from datetime import date, timedelta

import pytest

from clinic.clock import now
from clinic.content_review.answers import answers_by_topic
from clinic.content_review.reviews import Reviews
from clinic.content_review.service import Content, given_after_an_offer, given_since
from clinic.conversations.models import Message


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


@pytest.fixture
def asked(clinic):
    """Six answers about silence in one conversation, one about the aim; words that must not be seen."""
    conversation_id = clinic.conversation()
    with clinic.database.write() as session:
        for topic, part in [("therapist_silence", "answer")] * 6 + [
            ("therapist_silence", "why"),
            ("aim_of_dit", "answer"),
        ]:
            values = {"conversation_id": conversation_id, "at": now()}
            said = Message(**values, direction="incoming", sender="patient", kind="text", text="secret words")
            session.add(said)
            session.flush()
            session.add(
                Message(
                    **values, direction="outgoing", sender="assistant", kind="leaflet", text="An answer.", topic=topic,
                    details={"part": part}, in_reply_to_id=said.id,
                )
            )  # fmt: skip
    return clinic


def test_content_shows_every_topic_with_its_review(asked, sam):
    page = sam.get("/console/content")
    shown = text_of(page)
    for topic in asked.services.topics:
        assert f'href="/console/content/{topic.id}"' in page.text
    assert "35 of 35 texts have not been reviewed by a clinician" in shown
    assert "secret words" not in page.text
    row = next(row for row in page.text.split("<tr>") if "/content/therapist_silence" in row)
    assert "<td>6</td>" in row and "Not yet reviewed by a clinician" in row
    assert "<td>1 to 4</td>" in next(row for row in page.text.split("<tr>") if "/content/aim_of_dit" in row)


def test_content_one_topic_shows_its_three_texts_and_counts(asked, sam):
    page = sam.get("/console/content/therapist_silence")
    shown = text_of(page)
    for one in asked.services.content.topic("therapist_silence", date.today()).answers.texts:  # noqa: DTZ011
        assert one.text.split()[0] in shown
    assert "Given 6 times" in shown and "Given 1 to 4 times" in shown and "Given 0 times" in shown
    assert "secret words" not in shown
    assert sam.get("/console/content/nothing").status_code == 404


def test_content_tells_answers_after_an_offer_from_those_at_once(asked):
    conversation_id = asked.conversation()
    asked.message(conversation_id, "secret words")
    asked.message(conversation_id, "Which?", sender="assistant", kind="topic_choice")
    chosen = asked.message(conversation_id, "secret words")
    asked.message(conversation_id, "An answer.", sender="assistant", kind="leaflet")
    with asked.database.write() as session:
        answer = session.query(Message).filter_by(conversation_id=conversation_id, kind="leaflet").one()
        answer.topic, answer.in_reply_to_id = "aim_of_dit", chosen
    since = now() - timedelta(days=1)
    with asked.database.read() as session:
        assert given_after_an_offer(session, "aim_of_dit", since) == 1
        assert given_since(session, since)["aim_of_dit"].answers == 1
        assert given_since(session, since)["aim_of_dit"].conversations == 2


def test_content_says_what_is_overdue_and_what_was_changed(clinic, sam):
    topics = clinic.services.topics
    reviews = Reviews.load(topics)
    one = reviews.by_topic["aim_of_dit"]
    reviews.by_topic["aim_of_dit"] = one.model_copy(update={"review_by": date(2026, 1, 1)})
    read = {
        "reviewer": "Dr Ann Example",
        "reviewed_on": date(2026, 10, 1),
        "words": "0" * 12,
        "review_by": date(2099, 1, 1),
    }
    reviews.by_topic["what_is_dit"] = one.model_copy(update={**read, "topic": "what_is_dit"})
    clinic.services.content = Content(answers_by_topic(topics), reviews)
    shown = text_of(sam.get("/console/content"))
    assert "1 of 35 reviews are overdue" in shown and "1 were changed since their review" in shown
    assert "Dr Ann Example, 01/10/2026" in shown
    assert "Changed since its review" in text_of(sam.get("/console/content/what_is_dit"))
