"""The inbox: what is open, the most pressing first, page by page; and how an open page notices that it has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql import ColumnElement

from clinic.escalations.models import Escalation
from clinic.escalations.service import RESPOND_ORDER

# In the order in which they stand.
OPEN = ("new", "acknowledged")
_A_PAGE = 50


@dataclass(frozen=True)
class InboxState:
    """What tells one state of the inbox from another. Holds nothing about anybody."""

    new: int
    acknowledged: int
    # When the latest of the new ones came, or was opened again; it rises when something arrives.
    arrived_at: datetime | None
    changed_at: datetime | None


@dataclass(frozen=True)
class InboxPage:
    """Some of the open escalations, with their messages and conversations loaded."""

    escalations: Sequence[Escalation]
    number: int
    last: int


def inbox_state(session: Session, *, among: ColumnElement[bool]) -> InboxState:
    """One small query, whatever has been closed; `among` narrows it to what somebody may see."""
    arrived_at = func.max(func.coalesce(Escalation.reopened_at, Escalation.created_at))
    rows = session.execute(
        select(Escalation.status, func.count(), arrived_at, func.max(Escalation.changed_at))
        .where(Escalation.status.in_(OPEN), among)
        .group_by(Escalation.status)
    ).all()
    counts = {status: count for status, count, _, _ in rows}
    return InboxState(
        new=counts.get("new", 0),
        acknowledged=counts.get("acknowledged", 0),
        arrived_at=next((arrived for status, _, arrived, _ in rows if status == "new"), None),
        changed_at=max((changed for _, _, _, changed in rows), default=None),
    )


def inbox_page(session: Session, *, among: ColumnElement[bool], number: int, total: int) -> InboxPage:
    """What nobody has seen first; then by how soon a person should look, then by waiting time."""
    last = max(1, -(-total // _A_PAGE))
    number = min(max(1, number), last)
    status = case({one: place for place, one in enumerate(OPEN)}, value=Escalation.status)
    soonest = case({one: place for place, one in enumerate(RESPOND_ORDER)}, value=Escalation.respond)
    found = session.scalars(
        select(Escalation)
        .options(joinedload(Escalation.message), joinedload(Escalation.conversation))
        .where(Escalation.status.in_(OPEN), among)
        .order_by(status, soonest, Escalation.created_at, Escalation.id)
        .limit(_A_PAGE)
        .offset((number - 1) * _A_PAGE)
    ).all()
    return InboxPage(escalations=found, number=number, last=last)
