"""A timed job: escalations climb until a person acknowledges them."""

from __future__ import annotations

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import joinedload

from clinic.clock import SET_BACK, now
from clinic.conversations.service import store_replies
from clinic.crisis.service import CrisisReplies
from clinic.database import Database
from clinic.escalations.models import Escalation
from clinic.escalations.service import SERVICE_REASONS, Escalations

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


def _due(escalations: Escalations) -> Select[Escalation]:
    moment = now()
    # After the clock was set back, the old times would come again only later: then it is due now. Also where it had
    # been set forward before: the ladder began in the past, and its next look lies further ahead than it ever plans.
    set_back = or_(
        Escalation.climbing_since > moment + SET_BACK,
        and_(
            Escalation.status == "acknowledged",
            Escalation.next_look_at > moment + escalations.policy.reopen_after + SET_BACK,
        ),
        *(
            and_(
                Escalation.status == "new",
                Escalation.respond == respond,
                Escalation.next_look_at > moment + ladder.longest_pause + SET_BACK,
            )
            for respond, ladder in escalations.policy.ladders.items()
            if ladder.repeat_every_minutes is not None
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
