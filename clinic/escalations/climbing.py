"""Timed jobs: escalations climb until a person acknowledges them; conversations that staff left alone are told."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from clinic.clock import SET_BACK, now
from clinic.conversations.models import Conversation, Message
from clinic.conversations.service import store_replies
from clinic.crisis.service import CrisisReplies
from clinic.database import Database
from clinic.escalations.models import Escalation
from clinic.escalations.service import LEFT_ALONE, SERVICE_REASONS, Escalations, open_in_conversation

_AT_ONCE = 50


def climb(database: Database, escalations: Escalations, crisis: CrisisReplies) -> list[str]:
    """Does what the policy asks for by now. Returns the conversations in which something was said.

    One transaction an escalation: what goes wrong with one must not hold up another.
    """
    with database.read() as session:
        due = [found.id for found in session.scalars(_due(escalations).limit(_AT_ONCE))]
    rung = []
    for escalation_id in due:
        with database.write() as session:
            escalation = session.scalar(
                # Looked at again under the lock: somebody may have acknowledged it in this moment.
                _due(escalations)
                .where(Escalation.id == escalation_id)
                .options(joinedload(Escalation.conversation))
                .with_for_update(of=Escalation, skip_locked=True)
            )
            if escalation is None:
                continue
            is_at_the_top = escalations.climb(session, escalation)
            if (
                is_at_the_top
                and set(escalation.reasons) - SERVICE_REASONS
                and not escalation.conversation.is_with_staff
            ):
                store_replies(
                    session, conversation_id=escalation.conversation_id, replies=[crisis.not_yet_seen(session)]
                )
                rung.append(escalation.conversation_id)
    return rung


def tell_left_alone(database: Database, escalations: Escalations, crisis: CrisisReplies) -> list[str]:
    """Tells the clinic of people who write to a member of staff and get no answer. Returns their conversations."""
    with database.read() as session:
        with_staff = session.scalars(select(Conversation.id).where(Conversation.assignee_name.is_not(None))).all()
    rung = []
    for conversation_id in with_staff:
        with database.write() as session:
            message = _left_alone(session, conversation_id, escalations)
            if message is None:
                continue
            escalations.open(
                session, message=message, reasons=[LEFT_ALONE], respond=escalations.policy.left_alone.respond
            )
            store_replies(session, conversation_id=conversation_id, replies=[crisis.waiting_for_staff(session)])
            rung.append(conversation_id)
    return rung


def _due(escalations: Escalations) -> Select[Escalation]:
    moment = now()
    # After the clock was set back, the old times would come again only later: then it is due now.
    set_back = or_(
        Escalation.climbing_since > moment + SET_BACK,
        and_(
            Escalation.status == "acknowledged",
            Escalation.next_look_at > moment + escalations.policy.reopen_after + SET_BACK,
        ),
    )
    return (
        select(Escalation)
        .where(
            Escalation.status != "closed",
            or_(Escalation.next_look_at.is_(None), Escalation.next_look_at <= moment, set_back),
        )
        .order_by(Escalation.next_look_at, Escalation.id)
    )


def _left_alone(session: Session, conversation_id: str, escalations: Escalations) -> Message | None:
    """The newest message of somebody who waits for staff for too long, unless the clinic was told of that already."""
    said = select(Message).where(Message.conversation_id == conversation_id)
    staff = session.scalar(said.where(Message.sender == "staff").order_by(Message.id.desc()).limit(1))
    dealt_with_at = session.scalar(
        select(func.max(Escalation.closed_at)).where(Escalation.conversation_id == conversation_id)
    )
    written = said.where(Message.direction == "incoming", Message.id > (staff.id if staff is not None else 0))
    if dealt_with_at is not None:
        written = written.where(Message.at > dealt_with_at)
    waiting = session.scalars(written.order_by(Message.id)).all()
    if not waiting or _is_young(waiting[0], timedelta(minutes=escalations.policy.left_alone.after_minutes)):
        return None
    is_told = any(LEFT_ALONE in found.reasons for found in open_in_conversation(session, conversation_id))
    return None if is_told else waiting[-1]


def _is_young(message: Message, after: timedelta) -> bool:
    # A message from the future was written before the clock was set back.
    return timedelta(0) <= now() - message.at < after
