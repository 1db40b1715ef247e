"""What staff do with escalations and conversations: shared by the staff API and the console."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, select, true
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql import ColumnElement

from clinic.audit.service import record
from clinic.clock import now
from clinic.conversations.models import Conversation, Message
from clinic.conversations.service import store_replies
from clinic.crisis.service import CrisisReplies
from clinic.escalations.models import Escalation
from clinic.escalations.service import (
    RESPOND_ORDER,
    SERVICE_REASONS,
    Escalations,
    EscalationStateError,
    open_in_conversation,
)


class TakenOver(EscalationStateError):
    """Another member of staff is in this conversation."""


def list_escalations(
    session: Session, *, statuses: Sequence[str], among: ColumnElement[bool] | None = None, limit: int = 500
) -> Sequence[Escalation]:
    """By how soon a person should look, then by waiting time; `among` narrows them to whose somebody may see."""
    soonest = case({respond: place for place, respond in enumerate(RESPOND_ORDER)}, value=Escalation.respond)
    return session.scalars(
        select(Escalation)
        .options(joinedload(Escalation.message), joinedload(Escalation.conversation))
        .where(Escalation.status.in_(statuses), true() if among is None else among)
        .order_by(soonest, Escalation.created_at)
        .limit(limit)
    ).all()


def acknowledge(
    session: Session, escalation: Escalation, *, by: str, escalations: Escalations, crisis: CrisisReplies
) -> None:
    """Records that a person has seen it, and tells the person who wrote it: that is now true.

    Raises:
        EscalationStateError: it is closed already.
    """
    first = escalation.acknowledged_at is None
    escalations.acknowledge(session, escalation, by=by)
    if first and not set(escalation.reasons) <= SERVICE_REASONS:
        store_replies(session, conversation_id=escalation.conversation_id, replies=[crisis.texts.seen()])


def take_over(
    session: Session,
    conversation: Conversation,
    *,
    escalations: Escalations,
    name: str,
    username: str,
    account_id: int | None,
    joined_text: str,
) -> list[Message]:
    """Takes a conversation over from the assistant; the person is told who has joined. Who has it already, keeps it.

    Call with the conversation locked: two people who take over at the same moment must not both succeed.

    Args:
        name: as the person is to know them.

    Raises:
        TakenOver: somebody else of the clinic is in it.
    """
    if conversation.is_with(account_id, name):
        return []
    if conversation.is_with_staff:
        raise TakenOver(f"{conversation.assignee_to_staff} is in this conversation")
    conversation.assignee_id, conversation.assignee_name = account_id, name
    conversation.taken_over_at = now()
    joined = _outgoing(conversation, sender="assistant", kind="service", text=joined_text, staff="joined")
    session.add(joined)
    record(session, actor=username, action="take_over", entity="conversation", entity_id=conversation.id)
    escalations.being_dealt_with(session, conversation.id)
    session.flush()
    return [joined]


def write_as_staff(
    session: Session,
    conversation: Conversation,
    *,
    escalations: Escalations,
    text: str,
    name: str,
    username: str,
    account_id: int | None,
    joined_text: str,
) -> list[Message]:
    """Writes to the person; the first message takes the conversation over from the assistant.

    Raises:
        TakenOver: somebody else of the clinic is in it.
    """
    stored = take_over(
        session,
        conversation,
        escalations=escalations,
        name=name,
        username=username,
        account_id=account_id,
        joined_text=joined_text,
    )
    escalations.being_dealt_with(session, conversation.id)
    stored.append(_outgoing(conversation, sender="staff", kind="staff", text=text, name=name))
    session.add(stored[-1])
    session.flush()
    return stored


def hand_back(session: Session, conversation: Conversation, *, by: str, left_text: str) -> Message | None:
    """Gives the conversation back to the assistant and says so; nothing happens where it has it already."""
    if not conversation.is_with_staff:
        return None
    give_back(session, conversation, by=by)
    message = _outgoing(conversation, sender="assistant", kind="service", text=left_text, staff="left")
    session.add(message)
    session.flush()
    return message


def give_back(session: Session, conversation: Conversation, *, by: str) -> None:
    """The same; what the person is told is the caller's."""
    conversation.assignee_id = conversation.assignee_name = conversation.taken_over_at = None
    for escalation in open_in_conversation(session, conversation.id):
        # Open pages show who is writing with the person.
        escalation.changed_at = now()
    record(session, actor=by, action="hand_back", entity="conversation", entity_id=conversation.id)


def _outgoing(
    conversation: Conversation, *, sender: str, kind: str, text: str, name: str | None = None, staff: str | None = None
) -> Message:
    """`staff`: joined or left, so that the person's device knows with whom they write."""
    return Message(
        conversation_id=conversation.id,
        at=now(),
        direction="outgoing",
        sender=sender,
        sender_name=name,
        kind=kind,
        text=text,
        details={"staff": staff} if staff is not None else {},
    )
