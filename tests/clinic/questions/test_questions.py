"""Questions that the leaflet leaves open are kept once, with their reason, and encrypted."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.conversations.replies import Reply
from clinic.conversations.service import open_conversation, store_incoming, store_replies
from clinic.database import Database
from clinic.questions.service import counts, exchanges_before, keep, keep_missed, latest


def _says(session, conversation: Conversation, words: str, *replies: Reply) -> Message:
    message = store_incoming(
        session, conversation=conversation, text=words, client_message_id=words, verdict={"flagged": False}
    )
    store_replies(session, conversation_id=conversation.id, replies=replies, in_reply_to=message)
    return message


def _conversation(session) -> Conversation:
    return open_conversation(session, channel="web")[0]


def test_questions_are_kept_once_with_the_first_reason(database: Database) -> None:
    with database.write() as session:
        message = _says(session, _conversation(session), "can I bring my dog")
        keep(session, message, why="out_of_scope")
        keep(session, message, why="second_miss")
    since = now() - timedelta(days=1)
    with database.read() as session:
        assert counts(session, since=since) == {"out_of_scope": 1}
        assert [q.text for q in latest(session, why="out_of_scope", since=since, limit=5)] == ["can I bring my dog"]
        assert b"dog" not in bytes(session.execute(text("SELECT text FROM open_question")).scalar_one())


def test_questions_before_the_period_are_not_counted(database: Database) -> None:
    with database.write() as session:
        keep(session, _says(session, _conversation(session), "parking?"), why="out_of_scope")
    with database.read() as session:
        assert counts(session, since=now() + timedelta(minutes=1)) == {}


def test_questions_exchanges_are_the_latest_first_with_their_topics(database: Database) -> None:
    offer = Reply(kind="topic_choice", text="?", details={"topics": ["assessment", "what_is_dit"]})
    with database.write() as session:
        conversation, other = _conversation(session), _conversation(session)
        _says(session, conversation, "one", Reply(kind="leaflet", text="x", topic="aim_of_dit"))
        _says(session, conversation, "two", offer)
        _says(session, other, "somebody else's", Reply(kind="fallback", text="x"))
        found = exchanges_before(session, _says(session, conversation, "three"))
    assert [one.asked.text for one in found] == ["two", "one"]
    assert [one.was_missed for one in found] == [True, False]
    assert [sorted(one.topics) for one in found] == [["assessment", "what_is_dit"], ["aim_of_dit"]]


def test_questions_missed_after_a_choice_are_unsure_and_else_second_miss(database: Database) -> None:
    with database.write() as session:
        conversation = _conversation(session)
        _says(session, conversation, "vague", Reply(kind="topic_choice", text="?"))
        _says(session, conversation, "gibberish", Reply(kind="fallback", text="?"))
        for missed in exchanges_before(session, _says(session, conversation, "none of these")):
            keep_missed(session, missed)
    with database.read() as session:
        assert counts(session, since=now() - timedelta(days=1)) == {"unsure": 1, "second_miss": 1}
