"""A timed job: conversations that staff have taken over and where nobody answers are told, and then handed back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.clock import SET_BACK, now
from clinic.conversations.models import Conversation, Message
from clinic.conversations.service import store_replies
from clinic.crisis.service import CrisisReplies
from clinic.database import Database
from clinic.escalations.models import Escalation
from clinic.escalations.service import LEFT_ALONE, Escalations, open_in_conversation
from clinic.escalations.views import give_back

_ACTOR = "service"


def look_after_left_alone(database: Database, escalations: Escalations, crisis: CrisisReplies) -> list[str]:
    """Tells the clinic of people who write to a member of staff and get no answer; later, gives them the assistant
    back and tells the clinic again. Returns the conversations in which something was said.
    """
    with database.read() as session:
        with_staff = session.scalars(select(Conversation.id).where(Conversation.assignee_name.is_not(None))).all()
    rung = []
    for conversation_id in with_staff:
        with database.write() as session:
            # Locked: somebody may be answering in this moment.
            conversation = session.get(Conversation, conversation_id, with_for_update=True)
            if conversation is not None and _look_at(session, conversation, escalations, crisis):
                rung.append(conversation_id)
    return rung


def _look_at(session: Session, conversation: Conversation, escalations: Escalations, crisis: CrisisReplies) -> bool:
    """Whether something was said."""
    policy = escalations.policy.left_alone
    waiting = _waiting(session, conversation) if conversation.is_with_staff else None
    if waiting is None or _is_young(waiting.since, timedelta(minutes=policy.after_minutes)):
        return False
    told = [one for one in open_in_conversation(session, conversation.id) if LEFT_ALONE in one.reasons]
    if not told:
        escalations.open(session, message=waiting.message, reasons=[LEFT_ALONE], respond=policy.respond)
        store_replies(session, conversation_id=conversation.id, replies=[crisis.waiting_for_staff(session)])
        return True
    if _is_young(waiting.since, timedelta(minutes=policy.hand_back_after_minutes)):
        return False
    for escalation in told:
        escalations.tell_again(session, escalation)
    give_back(session, conversation, by=_ACTOR)
    store_replies(session, conversation_id=conversation.id, replies=[crisis.left_by_staff(session)])
    return True


@dataclass(frozen=True)
class _Waiting:
    """Since when somebody waits for staff, and the last that they wrote."""

    since: datetime
    message: Message


def _waiting(session: Session, conversation: Conversation) -> _Waiting | None:
    """Whoever wrote and got no answer, or was told that somebody has joined and heard no word since."""
    said = select(Message).where(Message.conversation_id == conversation.id)
    staff = session.scalar(said.where(Message.sender == "staff").order_by(Message.id.desc()).limit(1))
    last = session.scalar(said.where(Message.direction == "incoming").order_by(Message.id.desc()).limit(1))
    if last is None:
        return None
    begun_at = conversation.taken_over_at
    is_silent = begun_at is not None and (staff is None or staff.at < begun_at)
    dealt_with_at = session.scalar(
        select(func.max(Escalation.closed_at)).where(Escalation.conversation_id == conversation.id)
    )
    written = said.where(Message.direction == "incoming", Message.id > (staff.id if staff is not None else 0))
    for moment in (begun_at, dealt_with_at):
        # A time ahead is one of before the clock was set back: it says nothing of what was written since.
        if moment is not None and moment <= now() + SET_BACK:
            written = written.where(Message.at >= moment)
    first = session.scalar(written.order_by(Message.id).limit(1))
    if is_silent and begun_at is not None and (dealt_with_at is None or dealt_with_at < begun_at):
        return _Waiting(begun_at, last)
    return _Waiting(first.at, last) if first is not None else None


def _is_young(since: datetime, after: timedelta) -> bool:
    # What lies in the future was written before the clock was set back.
    return -SET_BACK <= now() - since < after
