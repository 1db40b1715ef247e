"""Opening, climbing, acknowledging, re-opening and closing escalations. Every change in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.clock import SET_BACK, now
from clinic.conversations.models import Message
from clinic.escalations.addresses import Addresses
from clinic.escalations.hours import StaffedHours
from clinic.escalations.models import Escalation, EscalationNote
from clinic.escalations.outcomes import Outcomes
from clinic.escalations.policy import EscalationPolicy, Respond
from clinic.outbox.service import enqueue

# The order in which a person should look.
RESPOND_ORDER: tuple[Respond, ...] = ("now", "today", "next_working_day")
# Reasons that are matters of the service: they call for a person, not for a crisis text.
UNANSWERED_REASON = "message_unanswered"
ASKED_FOR_PERSON = "asked_for_a_person"
LEFT_ALONE = "left_alone"
# Why it is looked at sooner than it was at first.
REPEATED = "repeated"
UNREAD = "unread"
# Reasons of text messages: they stand beside what the person wrote.
CRISIS_TEXT_NOT_DELIVERED = "crisis_text_not_delivered"
STOPPED_AFTER_RISK = "stopped_after_risk"
# A copy of everything that is kept about them, or its erasure (clinic/rights/).
ASKED_FOR_DATA = "asked_for_their_data"
# A member of staff found it; the detector had not (clinic/improvement/).
MISSED = "missed"
SERVICE_REASONS = frozenset({UNANSWERED_REASON, ASKED_FOR_PERSON, ASKED_FOR_DATA, LEFT_ALONE, REPEATED, UNREAD, MISSED})
_SERVICE = "service"


class EscalationStateError(ValueError):
    """What was asked does not fit the escalation's state; the message says why."""


class Escalations:
    """The way to a human, by the clinic's policy."""

    def __init__(
        self, *, policy: EscalationPolicy, outcomes: Outcomes, hours: StaffedHours, addresses: Addresses
    ) -> None:
        self.policy = policy
        self.outcomes = outcomes
        self.hours = hours
        self._addresses = addresses

    def open(self, session: Session, *, message: Message, reasons: Sequence[str], respond: Respond) -> Escalation:
        """Tells the clinic about a message; one escalation a message, whatever flags it and however often.

        A second reason for the same message is added to its escalation, and the sooner response wins. What could
        wait until the next working day is looked at today when it is not the first in this conversation.
        """
        found = session.scalar(select(Escalation).where(Escalation.message_id == message.id))
        if found is not None:
            self._add_reasons(session, found, reasons, respond)
            return found
        reasons = list(reasons)
        if respond == "next_working_day" and self._is_repeated(session, message.conversation_id):
            reasons, respond = [*reasons, REPEATED], "today"
        escalation = Escalation(
            conversation_id=message.conversation_id,
            message_id=message.id,
            reasons=reasons,
            respond=respond,
            status="new",
            created_at=now(),
        )
        session.add(escalation)
        session.flush()
        self._start_climbing(session, escalation)
        return escalation

    def take_due_steps(self, session: Session, escalation: Escalation) -> bool:
        """Tells whoever the policy names by now. Returns whether the last step was reached for the first time."""
        ladder, moment = self.policy.ladder(escalation.respond), now()
        since = escalation.climbing_since or escalation.created_at
        taken = escalation.steps_taken
        due = [step for step in ladder.steps[taken:] if since + step.after <= moment]
        told = {name: None for step in due for name in step.tell}
        if not due and taken >= len(ladder.steps) and ladder.repeat_every_minutes is not None:
            told = dict.fromkeys(ladder.steps[-1].tell)
        if told:
            self._alert(session, escalation, list(told))
        escalation.climbing_since = since
        escalation.steps_taken = taken + len(due)
        if escalation.steps_taken < len(ladder.steps):
            escalation.next_look_at = since + ladder.steps[escalation.steps_taken].after
        elif ladder.repeat_every_minutes is not None:
            escalation.next_look_at = moment + timedelta(minutes=ladder.repeat_every_minutes)
        else:
            escalation.next_look_at = self._unread_by(escalation)
        return bool(due) and escalation.steps_taken == len(ladder.steps) > 1

    def climb(self, session: Session, escalation: Escalation) -> bool:
        """What is due now for one that nobody has closed: re-open, raise, or tell the next.

        Returns whether the ladder's last step was reached for the first time.
        """
        moment = now()
        if escalation.status == "acknowledged":
            self.reopen(session, escalation, by=_SERVICE)
            return False
        if escalation.respond == "next_working_day" and moment >= self._unread_by(escalation):
            self.rise(session, escalation, UNREAD)
            return False
        if escalation.climbing_since is not None and escalation.climbing_since > moment + SET_BACK:
            # The clock was set back. Rather one alert too many than one that waits for the old time to come again.
            self._start_climbing(session, escalation)
            return False
        return self.take_due_steps(session, escalation)

    def rise(self, session: Session, escalation: Escalation, reason: str) -> None:
        """From the next working day to today; nothing happens to what is looked at sooner."""
        if escalation.respond != "next_working_day" or escalation.status == "closed":
            return
        escalation.respond = "today"
        escalation.reasons = [*escalation.reasons, *({reason} - set(escalation.reasons))]
        record(session, actor=_SERVICE, action=f"raise:{reason}", entity="escalation", entity_id=escalation.id)
        self._start_climbing(session, escalation)

    def reopen(self, session: Session, escalation: Escalation, *, by: str) -> None:
        """Somebody has seen it and nothing came of it: it waits for a person again."""
        escalation.status = "new"
        escalation.reopened_at = now()
        # Whoever had it did not come back to it: it is everybody's again.
        escalation.assignee = escalation.assigned_by = escalation.assigned_at = None
        record(session, actor=by, action="reopen", entity="escalation", entity_id=escalation.id)
        self._start_climbing(session, escalation)

    def tell_again(self, session: Session, escalation: Escalation) -> None:
        """Nothing came of it: whoever was told is told again; what was acknowledged is everybody's again."""
        if escalation.status == "acknowledged":
            self.reopen(session, escalation, by=_SERVICE)
        elif escalation.status == "new":
            steps = self.policy.ladder(escalation.respond).steps[: max(1, escalation.steps_taken)]
            self._alert(session, escalation, list(dict.fromkeys(name for step in steps for name in step.tell)))

    def acknowledge(self, session: Session, escalation: Escalation, *, by: str) -> None:
        """Records that a person has seen it. Seen twice is no error: the first name stays until it is re-opened.

        Raises:
            EscalationStateError: it is closed already.
        """
        if escalation.status == "closed":
            raise EscalationStateError("this escalation is closed already")
        if escalation.status == "new":
            escalation.status = "acknowledged"
            escalation.acknowledged_at = now()
            escalation.acknowledged_by = by
            escalation.next_look_at = now() + self.policy.reopen_after
            if escalation.assignee is None:
                _give(escalation, to=by, by=by)
        record(session, actor=by, action="acknowledge", entity="escalation", entity_id=escalation.id)

    def assign(self, session: Session, escalation: Escalation, *, to: str, by: str) -> None:
        """Gives it to a colleague, or takes it. It goes on climbing until somebody acknowledges it.

        Args:
            to: user name of somebody who may deal with it; the caller makes sure of that.

        Raises:
            EscalationStateError: it is closed already.
        """
        if escalation.status == "closed":
            raise EscalationStateError("this escalation is closed already")
        _give(escalation, to=to, by=by)
        record(session, actor=by, action=f"assign:{to}"[:64], entity="escalation", entity_id=escalation.id)

    def add_note(self, session: Session, escalation: Escalation, *, by: str, text: str) -> EscalationNote:
        """Writes something down for colleagues, also after it was closed."""
        note = EscalationNote(escalation_id=escalation.id, at=now(), by=by, text=text)
        session.add(note)
        escalation.changed_at = now()
        record(session, actor=by, action="note", entity="escalation", entity_id=escalation.id)
        session.flush()
        return note

    def being_dealt_with(self, session: Session, conversation_id: str) -> None:
        """Staff wrote to the person: what they have acknowledged is not forgotten, and does not re-open yet."""
        for escalation in open_in_conversation(session, conversation_id):
            # Open pages show who is writing with the person.
            escalation.changed_at = now()
            if escalation.status == "acknowledged":
                escalation.next_look_at = now() + self.policy.reopen_after

    def close(
        self,
        session: Session,
        escalation: Escalation,
        *,
        by: str,
        outcome: str,
        note: str | None,
        why: str | None = None,
    ) -> None:
        """Closes it with what was done.

        Args:
            why: of an outcome that has reasons. Machines may leave it out; the console asks for it.

        Raises:
            EscalationStateError: it is closed already, or what was given does not fit data/escalation_outcomes.yml.
        """
        if escalation.status == "closed":
            raise EscalationStateError("this escalation is closed already")
        chosen = self.outcomes.of(outcome)
        if chosen is None:
            raise EscalationStateError(f"outcome must be one of: {', '.join(self.outcomes.labels)}")
        missing = self.outcomes.what_is_missing(outcome, why=why, note=note)
        if "note" in missing or (why is not None and "why" in missing):
            raise EscalationStateError(next(iter(missing.values())))
        if escalation.status == "new":
            escalation.acknowledged_at = now()
            escalation.acknowledged_by = by
        escalation.status = "closed"
        escalation.closed_at = now()
        escalation.closed_by = by
        escalation.outcome = outcome
        escalation.outcome_why = why if chosen.whys else None
        escalation.note = note or None
        record(session, actor=by, action=f"close:{outcome}", entity="escalation", entity_id=escalation.id)

    def _add_reasons(self, session: Session, escalation: Escalation, reasons: Sequence[str], respond: Respond) -> None:
        new = [reason for reason in reasons if reason not in escalation.reasons]
        if not new:
            return
        escalation.reasons = [*escalation.reasons, *new]
        is_sooner = RESPOND_ORDER.index(respond) < RESPOND_ORDER.index(escalation.respond)  # type: ignore[arg-type]
        if is_sooner:
            escalation.respond = respond
        if escalation.status != "new":
            # Somebody has seen it, but not this reason.
            self.reopen(session, escalation, by=_SERVICE)
        elif is_sooner:
            self._start_climbing(session, escalation)

    def _is_repeated(self, session: Session, conversation_id: str) -> bool:
        since = now() - timedelta(hours=self.policy.next_working_day.repeated_within_hours)
        others = session.scalars(
            select(Escalation).where(
                Escalation.conversation_id == conversation_id,
                or_(Escalation.status != "closed", Escalation.created_at > since),
            )
        )
        return any(set(other.reasons) - {UNANSWERED_REASON} for other in others)

    def _start_climbing(self, session: Session, escalation: Escalation) -> None:
        escalation.climbing_since = now()
        escalation.steps_taken = 0
        self.take_due_steps(session, escalation)

    def _unread_by(self, escalation: Escalation) -> datetime:
        # The ladder begins with it, or anew after the clock was set back: then the days of that clock count.
        since = min(escalation.created_at, escalation.climbing_since or escalation.created_at)
        return self.hours.on_next_working_day(since, self.policy.next_working_day.unread_by)

    def _alert(self, session: Session, escalation: Escalation, contacts: list[str]) -> None:
        moment = now()
        if escalation.respond != "next_working_day" and not self.hours.is_open(moment):
            contacts = [*contacts, *self.policy.closed_tell_also]
        since = escalation.climbing_since or escalation.created_at
        payload = {
            "escalation": escalation.id,
            "respond": escalation.respond,
            "waiting_minutes": max(0, int((moment - since).total_seconds() // 60)),
            "is_reopened": escalation.reopened_at is not None,
        }
        for channel in self._addresses.channels(contacts):
            enqueue(session, channel=channel, payload=payload)


def _give(escalation: Escalation, *, to: str, by: str) -> None:
    escalation.assignee, escalation.assigned_by, escalation.assigned_at = to, by, now()


def open_in_conversation(session: Session, conversation_id: str) -> list[Escalation]:
    """The escalations of a conversation that nobody has closed, oldest first."""
    return list(
        session.scalars(
            select(Escalation)
            .where(Escalation.conversation_id == conversation_id, Escalation.status != "closed")
            .order_by(Escalation.id)
        )
    )
