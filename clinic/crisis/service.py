"""Which crisis text fits a message now; used by the door and by Rasa's action alike."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.clock import SET_BACK, now
from clinic.conversations.models import Message
from clinic.conversations.replies import Reply
from clinic.crisis.texts import NOBODY_WATCHING, CrisisTexts, Told
from clinic.escalations.hours import StaffedHours
from clinic.escalations.models import Escalation
from clinic.outbox.path import can_anybody_be_told, silent_parts

# Another day is another time: the whole text again, and the question.
_SAME_MATTER = timedelta(hours=24)
_SAID_AGAIN_AFTER = timedelta(hours=1)
# Staff may write several messages before the person answers the question.
_LOOK_BACK = 50


class CrisisReplies:
    """Chooses among the crisis texts by what is true in the database."""

    def __init__(self, texts: CrisisTexts, *, hours: StaffedHours) -> None:
        self.texts = texts
        self._hours = hours

    def for_message(self, session: Session, message: Message) -> Reply:
        """The crisis text in answer to this message."""
        verdict, closed_until = message.verdict or {}, self._closed_until()
        if not verdict.get("flagged"):
            return self.texts.item9(told=self._told(session, "sent_answer"), closed_until=closed_until)
        told = self._told(session, "earlier_seen" if self._is_earlier_seen(session, message) else "sent")
        answer = self.texts.read_safety_answer(
            message.text, is_asked=self.is_safety_asked(session, message.conversation_id, before=message.id)
        )
        if answer is not None:
            return self.texts.safety_answer(answer, told=told, closed_until=closed_until)
        categories = verdict.get("categories", [])
        if self._was_said_before(session, message):
            return self.texts.again(categories=categories, told=told, closed_until=closed_until)
        return self.texts.first(
            respond=verdict.get("respond") or "today", categories=categories, told=told, closed_until=closed_until
        )

    def not_yet_seen(self, session: Session) -> Reply:
        """Everybody of the policy was told and nobody has looked; or nothing can be told to anybody."""
        return self.if_told(session, self.texts.not_yet_seen())

    def waiting_for_staff(self, session: Session) -> Reply:
        """A member of staff was writing and has not answered."""
        return self.if_told(session, self.texts.waiting_for_staff())

    def left_by_staff(self, session: Session) -> Reply:
        """Nobody of the clinic has answered for long: the assistant answers again."""
        return self.if_told(session, self.texts.left_by_staff())

    def nobody_watching(self, session: Session, conversation_id: str) -> list[Reply]:
        """What must be said first while the way to a person is silent; once an hour in a conversation."""
        if not silent_parts(session):
            return []
        lately = session.scalars(
            select(Message.details).where(
                Message.conversation_id == conversation_id,
                Message.kind == "service",
                # Said in a future that the clock has left, it was not said lately.
                Message.at.between(now() - _SAID_AGAIN_AFTER, now() + SET_BACK),
            )
        )
        if any(details.get("notice") == NOBODY_WATCHING for details in lately):
            return []
        return [self.texts.nobody_watching()]

    def if_told(self, session: Session, reply: Reply) -> Reply:
        """`reply`, which says that the clinic will be told; where that would be untrue, that nobody is watching."""
        return reply if can_anybody_be_told(session) else self.texts.nobody_watching()

    def closed(self) -> Reply | None:
        """What somebody who asked for a person must know while nobody of the clinic is there."""
        closed_until = self._closed_until()
        return self.texts.closed(closed_until) if closed_until is not None else None

    def last_was_crisis(self, session: Session, conversation_id: str, *, before: int | None = None) -> bool:
        """Whether the last thing the assistant said (before the message with this id) was a crisis text."""
        last = self._last_said(session, conversation_id, before)
        return last is not None and last.kind == "crisis"

    def with_numbers_after_crisis(self, session: Session, message: Message, replies: list[Reply]) -> list[Reply]:
        """Polite words alone ("you are welcome") right after a crisis text would sound as if all were well.

        Not after "that is not what I meant": whoever was misread need not hear it again.
        """
        if len(replies) != 1 or replies[0].kind != "ack":
            return replies
        last = self._last_said(session, message.conversation_id, message.id)
        if last is None or last.kind != "crisis" or last.at <= now() - _SAME_MATTER:
            return replies
        if last.text == self.texts.soften().text:
            return replies
        return [self.texts.afterwards(replies[0])]

    def is_safety_asked(self, session: Session, conversation_id: str, *, before: int | None = None) -> bool:
        """Whether "Are you safe?" stands unanswered (before the message with this id).

        What was said since by the assistant or by staff ("someone has read your message") does not answer it.
        """
        messages = select(Message).where(Message.conversation_id == conversation_id)
        if before is not None:
            messages = messages.where(Message.id < before)
        for message in session.scalars(messages.order_by(Message.id.desc()).limit(_LOOK_BACK)):
            if message.direction == "incoming":
                return False
            if message.kind == "crisis" and message.details.get("quick_replies"):
                return True
        # More has been said since than can be the answer to one message.
        return False

    @staticmethod
    def _last_said(session: Session, conversation_id: str, before: int | None) -> Message | None:
        said = select(Message).where(Message.conversation_id == conversation_id, Message.sender == "assistant")
        if before is not None:
            said = said.where(Message.id < before)
        return session.scalar(said.order_by(Message.id.desc()).limit(1))

    @staticmethod
    def _told(session: Session, sent: Told) -> Told:
        # The row is committed with the message; what may be missing is someone to carry it outside.
        return sent if can_anybody_be_told(session) else "not_sent"

    def _closed_until(self) -> str | None:
        opens_at = self._hours.next_opening(now())
        return self._hours.in_words(opens_at) if opens_at is not None else None

    @staticmethod
    def _is_earlier_seen(session: Session, message: Message) -> bool:
        seen = session.scalar(
            select(Escalation.id)
            .where(
                Escalation.conversation_id == message.conversation_id,
                Escalation.message_id < message.id,
                Escalation.acknowledged_at > now() - _SAME_MATTER,
            )
            .limit(1)
        )
        return seen is not None

    @staticmethod
    def _was_said_before(session: Session, message: Message) -> bool:
        said = session.scalar(
            select(Message.id)
            .where(
                Message.conversation_id == message.conversation_id,
                Message.kind == "crisis",
                Message.id < message.id,
                Message.at > now() - _SAME_MATTER,
            )
            .limit(1)
        )
        return said is not None
