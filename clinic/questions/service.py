"""Keeping what the leaflet leaves open, and seeing when somebody is missed twice in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.conversations.models import Message
from clinic.conversations.service import replies_to
from clinic.questions.models import OpenQuestion

# out_of_scope: understood, not in the leaflet. unsure: topics were offered and none fitted.
# second_miss: not understood, twice in a row.
Why = Literal["out_of_scope", "unsure", "second_miss"]
WHYS: tuple[Why, ...] = get_args(Why)
# How far back "not that one again" reaches, in messages of the person.
_EXCHANGES = 4


@dataclass(frozen=True)
class Exchange:
    """A message of the person's and what was said to it."""

    asked: Message
    replies: tuple[Message, ...]

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of the replies."""
        return frozenset(reply.kind for reply in self.replies)

    @property
    def topics(self) -> frozenset[str]:
        """Every topic that was answered or offered."""
        answered = {reply.topic for reply in self.replies if reply.topic is not None}
        return frozenset(answered.union(*(reply.details.get("topics") or () for reply in self.replies)))

    @property
    def was_missed(self) -> bool:
        """Whether the person did not get an answer: they may have got a choice."""
        return bool(self.kinds & {"fallback", "topic_choice"})


def exchanges_before(session: Session, message: Message) -> list[Exchange]:
    """The last few exchanges before this message, the latest first."""
    asked = session.scalars(
        select(Message)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.direction == "incoming",
            Message.id < message.id,
        )
        .order_by(Message.id.desc())
        .limit(_EXCHANGES)
    ).all()
    return [Exchange(one, tuple(replies_to(session, one))) for one in asked]


def keep(session: Session, message: Message, *, why: Why) -> None:
    """Keeps a question; a message is kept once, with the first reason."""
    if session.scalar(select(OpenQuestion.id).where(OpenQuestion.message_id == message.id)) is None:
        session.add(
            OpenQuestion(
                conversation_id=message.conversation_id,
                message_id=message.id,
                at=message.at,
                why=why,
                text=message.text,
            )
        )
        session.flush()


def keep_missed(session: Session, missed: Exchange) -> None:
    """Keeps the question of an exchange in which nothing fitted, unless it was kept then."""
    keep(session, missed.asked, why="unsure" if "topic_choice" in missed.kinds else "second_miss")


def counts(session: Session, *, since: datetime) -> dict[str, int]:
    """How many questions were kept since then, by reason."""
    rows = session.execute(
        select(OpenQuestion.why, func.count()).where(OpenQuestion.at >= since).group_by(OpenQuestion.why)
    )
    return {why: number for why, number in rows}


def latest(session: Session, *, why: Why, since: datetime, limit: int) -> Sequence[OpenQuestion]:
    """The questions kept since then for this reason, the latest first."""
    return session.scalars(
        select(OpenQuestion)
        .where(OpenQuestion.why == why, OpenQuestion.at >= since)
        .order_by(OpenQuestion.id.desc())
        .limit(limit)
    ).all()
