"""Conversations and messages in the database. Every function works in the caller's session."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.conversations.replies import Reply

# How many earlier messages of the person are screened together with a new one.
_PREVIOUS = 3


class NotAuthorised(Exception):
    """No token, or one that belongs to no conversation."""


class ConversationNotFound(Exception):
    """There is no such conversation, or it is somebody else's: which of the two is not told."""


def open_conversation(session: Session, *, channel: str) -> tuple[Conversation, str]:
    """Opens a conversation. Returns it and the bearer token, which is not stored."""
    token = secrets.token_urlsafe(32)
    conversation = Conversation(
        id=uuid.uuid4().hex, token_hash=hash_token(token), channel=channel, status="pending", created_at=now()
    )
    session.add(conversation)
    session.flush()
    return conversation, token


def hash_token(token: str) -> str:
    """SHA-256: tokens are long and random, so a slow hash would only slow the door."""
    return hashlib.sha256(token.encode()).hexdigest()


def authorised_conversation(session: Session, *, conversation_id: str, token: str) -> Conversation:
    """The conversation that the token opens.

    Raises:
        NotAuthorised: the token is unknown.
        ConversationNotFound: the token opens another conversation.
    """
    conversation = session.scalar(select(Conversation).where(Conversation.token_hash == hash_token(token)))
    if conversation is None:
        raise NotAuthorised
    if conversation.id != conversation_id:
        raise ConversationNotFound
    return current_conversation(session, conversation)


def current_conversation(session: Session, conversation: Conversation) -> Conversation:
    """The conversation itself, or the one that it has moved into (clinic.conversations.merging)."""
    while conversation.merged_into_id is not None:
        conversation = session.get_one(Conversation, conversation.merged_into_id)
    return conversation


def latest_of_patient(session: Session, patient_id: str) -> Conversation | None:
    """The conversation of a patient, whatever the channel; the latest where there are several."""
    return session.scalar(
        select(Conversation)
        .where(Conversation.patient_id == patient_id, Conversation.merged_into_id.is_(None))
        .order_by(func.coalesce(Conversation.last_message_at, Conversation.created_at).desc())
        .limit(1)
    )


def incoming_by_client_id(session: Session, *, conversation_id: str, client_message_id: str) -> Message | None:
    """The message that a device has already delivered under this id, if any."""
    return session.scalar(
        select(Message).where(
            Message.conversation_id == conversation_id, Message.client_message_id == client_message_id
        )
    )


def replies_to(session: Session, message: Message) -> Sequence[Message]:
    """What was said in answer to a message, in order."""
    return session.scalars(select(Message).where(Message.in_reply_to_id == message.id).order_by(Message.id)).all()


def previous_texts(session: Session, conversation_id: str) -> list[str]:
    """The last few texts of the person, oldest first, for screening a sentence spread over several messages."""
    latest = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.direction == "incoming")
        .order_by(Message.id.desc())
        .limit(_PREVIOUS)
    ).all()
    return [message.text for message in reversed(latest)]


def messages_after(session: Session, *, conversation_id: str, after: int = 0, limit: int = 500) -> Sequence[Message]:
    """What has been said since the message with the id `after`, in order."""
    return session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > after)
        .order_by(Message.id)
        .limit(limit)
    ).all()


def note_delivered(session: Session, message_ids: Sequence[int]) -> None:
    """The person's device has taken these; the first time counts."""
    session.execute(
        update(Message).where(Message.id.in_(message_ids), Message.delivered_at.is_(None)).values(delivered_at=now())
    )


def store_incoming(
    session: Session,
    *,
    conversation: Conversation,
    text: str,
    client_message_id: str | None,
    verdict: dict[str, Any],
    channel: str | None = None,
) -> Message:
    """Stores what a person wrote, with what the detector said of it."""
    moment = now()
    message = Message(
        conversation_id=conversation.id,
        at=moment,
        direction="incoming",
        channel=channel or conversation.channel,
        sender="patient",
        kind="text",
        text=text,
        details={},
        client_message_id=client_message_id,
        verdict=verdict,
    )
    conversation.status = "open"
    conversation.channel = message.channel
    conversation.last_message_at = moment
    session.add(message)
    session.flush()
    return message


def store_replies(
    session: Session,
    *,
    conversation_id: str,
    replies: Iterable[Reply],
    in_reply_to: Message | None = None,
    channel: str | None = None,
) -> list[Message]:
    """Stores what the assistant says; with `in_reply_to`, that message counts as answered.

    It goes where the message came from that it answers, else to `channel`, else to the conversation's latest.
    """
    moment = now()
    stored = [
        Message(
            conversation_id=conversation_id,
            at=moment,
            direction="outgoing",
            channel=in_reply_to.channel if in_reply_to is not None else channel,
            sender="assistant",
            kind=reply.kind,
            text=reply.text,
            topic=reply.topic,
            details={**reply.details, "quick_replies": [dict(button) for button in reply.quick_replies]},
            in_reply_to_id=in_reply_to.id if in_reply_to is not None else None,
        )
        for reply in replies
    ]
    session.add_all(stored)
    if in_reply_to is not None:
        session.get_one(Message, in_reply_to.id).answered_at = moment
    session.flush()
    return stored
