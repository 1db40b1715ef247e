"""Answers, their reviews and how often they are given, put together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, literal_column, select
from sqlalchemy.orm import Session, aliased

from clinic.content.paths import DATA
from clinic.content.topics import Topics
from clinic.content_review.answers import PARTS, Part, TopicAnswers, answers_by_topic, fingerprint
from clinic.content_review.reviews import FileReview, Reviews, State, TopicReview
from clinic.conversations.models import Message


@dataclass(frozen=True)
class Given:
    """How often the texts of a topic were given to people who asked, and in how many conversations."""

    by_part: dict[Part, int]
    conversations: int

    @property
    def answers(self) -> int:
        """How often the topic was asked for."""
        return self.by_part.get("answer", 0)


@dataclass(frozen=True)
class ReviewedTopic:
    """One topic, its texts, their review and its state today."""

    answers: TopicAnswers
    review: TopicReview
    state: State


@dataclass(frozen=True)
class ReviewedFile:
    """Another file of texts, its review and its state today."""

    review: FileReview
    state: State
    words: str


class Content:
    """The clinic's texts as they were read at start."""

    def __init__(self, answers: dict[str, TopicAnswers], reviews: Reviews) -> None:
        self._answers = answers
        self._reviews = reviews
        self._words = {file: fingerprint([(DATA / file).read_text("utf-8")]) for file in reviews.by_file}

    @classmethod
    def load(cls, topics: Topics) -> Content:
        """Reads the answers and their reviews.

        Raises:
            DataFileError: naming file, line and cure.
        """
        return cls(answers_by_topic(topics), Reviews.load(topics))

    def topics(self, today: date) -> list[ReviewedTopic]:
        """Every topic, in the leaflet's order."""
        return [self._topic(topic_id, today) for topic_id in self._answers]

    def topic(self, topic_id: str, today: date) -> ReviewedTopic | None:
        """One topic, if there is one of that name."""
        return self._topic(topic_id, today) if topic_id in self._answers else None

    def files(self, today: date) -> list[ReviewedFile]:
        """The other texts."""
        return [
            ReviewedFile(review, review.state(self._words[file], today), self._words[file])
            for file, review in self._reviews.by_file.items()
        ]

    def _topic(self, topic_id: str, today: date) -> ReviewedTopic:
        answers, review = self._answers[topic_id], self._reviews.by_topic[topic_id]
        return ReviewedTopic(answers, review, review.state(answers.fingerprint, today))


def given_since(session: Session, since: datetime) -> dict[str, Given]:
    """By topic, what people got who asked; counts only."""
    # By its name: PostgreSQL takes the expression with its parameter twice for two different ones.
    part = Message.details["part"].as_string().label("given_part")
    asked_for = _asked_for(since)
    parts = session.execute(
        select(Message.topic, part, func.count())
        .where(*asked_for)
        .group_by(Message.topic, literal_column("given_part"))
    )
    by_part: dict[str, dict[Part, int]] = {}
    for topic, name, number in parts:
        if topic is not None and name in PARTS:
            by_part.setdefault(topic, {})[name] = number
    conversations = session.execute(
        select(Message.topic, func.count(Message.conversation_id.distinct())).where(*asked_for).group_by(Message.topic)
    )
    return {topic: Given(by_part.get(topic, {}), number) for topic, number in conversations if topic is not None}


def given_after_an_offer(session: Session, topic: str, since: datetime) -> int:
    """How often the answer was given to somebody who had first been offered topics to choose from: not sure at once."""
    before = aliased(Message)
    kind_before = (
        select(before.kind)
        .where(
            before.conversation_id == Message.conversation_id,
            before.id < Message.in_reply_to_id,
            before.direction == "outgoing",
        )
        .order_by(before.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    chosen = select(func.count()).where(*_asked_for(since), Message.topic == topic, kind_before == "topic_choice")
    return session.scalar(chosen) or 0


def _asked_for(since: datetime) -> tuple[ColumnElement[bool], ...]:
    """What narrows messages to answers from the leaflet that somebody asked for."""
    return (
        Message.kind == "leaflet",
        Message.at >= since,
        Message.topic.is_not(None),
        Message.in_reply_to_id.is_not(None),
    )
