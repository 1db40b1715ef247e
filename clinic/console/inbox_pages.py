"""The inbox (who waits for a person, and who has them), and what was closed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, joinedload

from clinic.console.names import names_of_staff
from clinic.console.patient_access import in_own_conversation
from clinic.console.rendering import Pages
from clinic.console.viewing import record_view
from clinic.escalations.inbox import inbox_page, inbox_state
from clinic.escalations.models import Escalation
from clinic.outbox.path import silent_parts
from clinic.outbox.service import given_up
from clinic.services import Services
from clinic.staff.access import StaffUser, requires

Seeing = Annotated[StaffUser, requires("see_escalations")]
_CLOSED_A_PAGE = 50
# How often a browser without JavaScript loads the inbox again, for whoever has chosen that.
_RELOAD_S = 30


def add_inbox_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""

    @router.get("/console")
    def show_open(
        request: Request, staff: Seeing, closed: int | None = None, page: int = 1, reload: bool = False
    ) -> Response:
        """Everyone who is waiting for a person, and everyone whom somebody is looking after."""
        with services.database.read() as session:
            context = _open(session, staff, number=page)
        record_view(services, staff, entity="escalation_list", entity_id="open")
        part = pages.part(request, "parts/open_escalations.html", staff=staff, **context)
        reload_s = _RELOAD_S if reload else None
        return pages.page(
            request, "open_escalations.html", staff=staff, part=part, just_closed=closed, reload_s=reload_s, **context
        )

    @router.get("/console/live/escalations")
    def update_open(request: Request, staff: Seeing, page: int = 1) -> Response:
        """The same list, for the page that is open already: not another view."""
        with services.database.read() as session:
            context = _open(session, staff, number=page)
        return pages.part_if_changed(request, "parts/open_escalations.html", staff=staff, **context)

    @router.get("/console/closed")
    def show_closed(request: Request, staff: Seeing, page: int = 1) -> Response:
        """What was done, newest first, page by page."""
        with services.database.read() as session:
            context = _closed(session, staff, number=page)
        record_view(services, staff, entity="escalation_list", entity_id=f"closed:{context['number']}")
        return pages.page(request, "closed_escalations.html", staff=staff, **context)


def _open(session: Session, staff: StaffUser, *, number: int) -> dict[str, Any]:
    own = in_own_conversation(Escalation.conversation_id, staff)
    state = inbox_state(session, among=own)
    found = inbox_page(session, among=own, number=number, total=state.new + state.acknowledged)
    return {
        "state": state,
        "number": found.number,
        "last": found.last,
        "new": [one for one in found.escalations if one.status == "new"],
        "acknowledged": [one for one in found.escalations if one.status == "acknowledged"],
        "names": names_of_staff(session),
        "given_up": given_up(session),
        "silent": silent_parts(session),
    }


def _closed(session: Session, staff: StaffUser, *, number: int) -> dict[str, Any]:
    closed = and_(Escalation.status == "closed", in_own_conversation(Escalation.conversation_id, staff))
    total = session.scalar(select(func.count(Escalation.id)).where(closed)) or 0
    last = max(1, -(-total // _CLOSED_A_PAGE))
    number = min(max(1, number), last)
    escalations = session.scalars(
        select(Escalation)
        .options(joinedload(Escalation.message))
        .where(closed)
        .order_by(Escalation.closed_at.desc(), Escalation.id.desc())
        .limit(_CLOSED_A_PAGE)
        .offset((number - 1) * _CLOSED_A_PAGE)
    ).all()
    return {
        "escalations": escalations,
        "total": total,
        "number": number,
        "last": last,
        "names": names_of_staff(session),
    }
