"""What the door decides: who is told of a message, and whether what came back may be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from clinic.content.service_texts import ServiceTexts
from clinic.conversations.models import Message
from clinic.conversations.replies import Reply
from clinic.conversations.service import replies_to, store_replies
from clinic.crisis.service import CrisisReplies
from clinic.escalations.models import Escalation
from clinic.escalations.service import SERVICE_REASONS, UNANSWERED_REASON, Escalations
from clinic.languages.crisis_words import OTHER_LANGUAGE
from clinic.operations.metrics import ESCALATIONS, REPLIES, UNANSWERED
from risk import Verdict

logger = structlog.get_logger(__name__)
ASKED_FOR_HELP = "asked_for_help"
DETECTOR_FAILED = "detector_failed"


class DoorRules:
    """The door's decisions, each in the caller's transaction."""

    def __init__(self, *, escalations: Escalations, crisis: CrisisReplies, texts: ServiceTexts) -> None:
        self._escalations = escalations
        self._crisis = crisis
        self._texts = texts
        self._help_now = texts.widget["need_help_now_label"].lower()

    def is_safety_asked(self, session: Session, conversation_id: str, *, before: int | None = None) -> bool:
        """Whether the person has just been asked "Are you safe right now?" (before the message with this id)."""
        return self._crisis.is_safety_asked(session, conversation_id, before=before)

    def with_help_request(self, text: str, verdict: Verdict, *, is_safety_asked: bool) -> Verdict:
        """The button "I need help now", and "no" to the safety question, call for a person in any case.

        "I am safe right now" in answer to that question is no new concern, whatever the classifier makes of its words:
        the message before it is open already. A rule's match, or a detector that failed, is one all the same.
        """
        answer = self._crisis.texts.read_safety_answer(text, is_asked=is_safety_asked)
        if answer in ("not_safe", "not_sure") or text.strip().rstrip(".!").lower() == self._help_now:
            return replace(verdict, flagged=True, respond="now", tags=(*verdict.tags, ASKED_FOR_HELP))
        if answer == "safe" and is_safety_asked and not verdict.phrases and DETECTOR_FAILED not in verdict.tags:
            return replace(verdict, flagged=False, respond=None, categories=())
        return verdict

    def escalate(self, session: Session, message: Message, verdict: Verdict, *, reasons: Sequence[str] = ()) -> None:
        """Tells the clinic of a flagged message, or for the channel's `reasons`, in the transaction that stores it."""
        if not verdict.flagged and not reasons:
            return
        reasons = [*verdict.categories, *reasons]
        reasons += [tag for tag in (ASKED_FOR_HELP, OTHER_LANGUAGE, DETECTOR_FAILED) if tag in verdict.tags]
        respond = verdict.respond or "today"
        self._escalations.open(session, message=message, reasons=reasons or [DETECTOR_FAILED], respond=respond)
        ESCALATIONS.labels(respond).inc()

    def conclude(self, session: Session, message: Message, replies: list[Reply], failure: str | None) -> list[Message]:
        """Stores what is said to `message`: Rasa's replies, and whatever they lack for the person's safety.

        Returns what was said; where somebody else concluded the turn in the meantime, what they said.
        """
        # Read anew: the conversation may have moved into another during the turn.
        # Locked: the job that looks for what is stuck must not answer it as well, nor tell the clinic that nobody did.
        message = session.get_one(Message, message.id, with_for_update={"of": Message})
        if message.answered_at is not None:
            return list(replies_to(session, message))
        replies = list(replies)
        if self._needs_crisis_text(session, message) and not any(r.kind == "crisis" for r in replies):
            logger.warning("crisis_reply_by_the_door", message=message.id)
            replies.insert(0, self._crisis.for_message(session, message))
        if failure is not None:
            UNANSWERED.labels(failure).inc()
            self._tell_unanswered(session, message)
            if not replies:
                replies.append(self._crisis.if_told(session, self._texts.safe_reply.reply()))
        replies = self._crisis.with_numbers_after_crisis(session, message, replies)
        if not any(reply.kind == "crisis" or reply.details.get("notice") for reply in replies):
            # A crisis text says itself what is true about somebody being told.
            replies[:0] = self._crisis.nobody_watching(session, message.conversation_id)
        for reply in replies:
            REPLIES.labels(reply.kind).inc()
        return store_replies(session, conversation_id=message.conversation_id, replies=replies, in_reply_to=message)

    def _needs_crisis_text(self, session: Session, message: Message) -> bool:
        if (message.verdict or {}).get("flagged"):
            return True
        # An answer to PHQ-9 item 9 is escalated during the turn, by the questionnaire.
        reasons = session.scalar(select(Escalation.reasons).where(Escalation.message_id == message.id)) or []
        return any(reason not in SERVICE_REASONS for reason in reasons)

    def _tell_unanswered(self, session: Session, message: Message) -> None:
        """One open alert a conversation is enough: while Rasa is down, each message would be another."""
        own = session.scalar(select(func.count()).where(Escalation.message_id == message.id))
        others = session.scalars(
            select(Escalation).where(Escalation.conversation_id == message.conversation_id, Escalation.status == "new")
        ).all()
        if own or not any(UNANSWERED_REASON in escalation.reasons for escalation in others):
            self._escalations.open(session, message=message, reasons=[UNANSWERED_REASON], respond="today")
