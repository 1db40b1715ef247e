"""What people ask about, and what the leaflet leaves open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.conversations.models import Message


@dataclass(frozen=True)
class Asked:
    """How often a topic was answered, and in how many conversations."""

    topic: str
    answers: int
    conversations: int


def most_asked(session: Session, *, since: datetime) -> list[Asked]:
    """Topics that people asked for, the most asked first. What was sent unasked does not count."""
    answers = func.count()
    rows = session.execute(
        select(Message.topic, answers, func.count(Message.conversation_id.distinct()))
        .where(
            Message.kind == "leaflet",
            Message.at >= since,
            Message.topic.is_not(None),
            Message.in_reply_to_id.is_not(None),
        )
        .group_by(Message.topic)
        .order_by(answers.desc(), Message.topic)
    )
    return [Asked(topic, number, conversations) for topic, number, conversations in rows if topic is not None]
