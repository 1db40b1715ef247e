"""The list of escalations, one escalation, and what can be done with it."""

from __future__ import annotations

from typing import Annotated, Any

import anyio.from_thread
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, joinedload

from clinic.console.names import names_of_staff
from clinic.console.patient_access import in_own_conversation, sees_conversation
from clinic.console.rendering import Pages
from clinic.console.viewing import record_view
from clinic.conversations.models import Message
from clinic.escalations.models import Escalation
from clinic.escalations.service import OUTCOMES, SERVICE_REASONS, EscalationStateError, open_in_conversation
from clinic.escalations.views import acknowledge, list_escalations
from clinic.outbox.path import silent_parts
from clinic.outbox.service import given_up
from clinic.services import Services
from clinic.staff.access import StaffUser, requires

Seeing = Annotated[StaffUser, requires("see_escalations")]
Answering = Annotated[StaffUser, requires("answer_escalations")]
_LONGEST_NOTE = 4000
_CLOSED_A_PAGE = 50
_LARGEST_ID = 2**31 - 1
_CLOSED_ALREADY = "This escalation was closed in the meantime. Nothing was changed."


def add_escalation_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""

    @router.get("/console")
    def show_open(request: Request, staff: Seeing, closed: int | None = None) -> Response:
        """Everyone who is waiting for a person, and everyone whom somebody is looking after."""
        with services.database.read() as session:
            context = _open_list(session, staff)
        record_view(services, staff, entity="escalation_list", entity_id="open")
        part = pages.part("parts/open_escalations.html", staff=staff, **context)
        return pages.page(request, "open_escalations.html", staff=staff, part=part, just_closed=closed, **context)

    @router.get("/console/live/escalations")
    def update_open(request: Request, staff: Seeing) -> Response:
        """The same list, for the page that is open already: not another view."""
        with services.database.read() as session:
            context = _open_list(session, staff)
        return pages.part_if_changed(request, "parts/open_escalations.html", staff=staff, **context)

    @router.get("/console/closed")
    def show_closed(request: Request, staff: Seeing, page: int = 1) -> Response:
        """What was done, newest first, page by page."""
        with services.database.read() as session:
            context = _closed_page(session, staff, number=page)
        record_view(services, staff, entity="escalation_list", entity_id=f"closed:{context['number']}")
        return pages.page(request, "closed_escalations.html", staff=staff, **context)

    @router.get("/console/escalations/{escalation_id:int}")
    def show_one(request: Request, staff: Seeing, escalation_id: int) -> Response:
        """One escalation: the person's words, why the clinic was told, and what can be done."""
        with services.database.read() as session:
            found = _escalation(session, staff, escalation_id)
            if found is None:
                return pages.not_found(request, staff=staff)
            context = _one(session, found)
        record_view(services, staff, entity="escalation", entity_id=escalation_id)
        return _one_page(request, staff, context)

    @router.get("/console/live/escalations/{escalation_id:int}")
    def update_one(request: Request, staff: Seeing, escalation_id: int) -> Response:
        """Its state, for the page that is open already."""
        with services.database.read() as session:
            found = _escalation(session, staff, escalation_id)
            if found is None:
                return pages.not_found(request, staff=staff)
            context = _one(session, found)
        return pages.part_if_changed(request, "parts/escalation_state.html", staff=staff, **context)

    @router.post("/console/escalations/{escalation_id:int}/acknowledge")
    def acknowledge_one(request: Request, staff: Answering, escalation_id: int) -> Response:
        """A person is looking at it; whoever wrote it is told."""
        with services.database.write() as session:
            found = _escalation(session, staff, escalation_id, for_change=True)
            if found is None:
                return pages.not_found(request, staff=staff)
            conversation_id = found.conversation_id
            try:
                acknowledge(session, found, by=staff.username, escalations=services.escalations, crisis=services.crisis)
            except EscalationStateError:
                return _one_page(request, staff, _one(session, found), status=409, error=_CLOSED_ALREADY)
        anyio.from_thread.run_sync(services.doorbell.ring, conversation_id)
        return RedirectResponse(f"/console/escalations/{escalation_id}", status_code=303)

    @router.post("/console/escalations/{escalation_id:int}/close")
    def close_one(
        request: Request,
        staff: Answering,
        escalation_id: int,
        outcome: Annotated[str, Form()] = "",
        note: Annotated[str, Form()] = "",
    ) -> Response:
        """It was dealt with; what was written stays in the form until it is stored."""
        note = note.strip()
        with services.database.write() as session:
            found = _escalation(session, staff, escalation_id, for_change=True)
            if found is None:
                return pages.not_found(request, staff=staff)
            given = {"outcome": outcome, "note": note}
            if found.status == "closed":
                return _one_page(request, staff, _one(session, found), status=409, error=_CLOSED_ALREADY, **given)
            errors = _what_is_missing(outcome=outcome, note=note)
            if errors:
                return _one_page(request, staff, _one(session, found), status=422, errors=errors, **given)
            services.escalations.close(session, found, by=staff.username, outcome=outcome, note=note)
        return RedirectResponse(f"/console?closed={escalation_id}", status_code=303)

    def _one_page(
        request: Request, staff: StaffUser, context: dict[str, Any], *, status: int = 200, **form: Any
    ) -> Response:
        part = pages.part("parts/escalation_state.html", staff=staff, **context)
        return pages.page(request, "escalation.html", staff=staff, status=status, part=part, **context, **form)


def _open_list(session: Session, staff: StaffUser) -> dict[str, Any]:
    own = in_own_conversation(Escalation.conversation_id, staff)
    rows = session.execute(
        select(Escalation.status, func.count()).where(Escalation.status != "closed", own).group_by(Escalation.status)
    )
    counts = {status: count for status, count in rows}
    return {
        "new": list_escalations(session, statuses=["new"], among=own),
        "new_count": counts.get("new", 0),
        "acknowledged": list_escalations(session, statuses=["acknowledged"], among=own),
        "acknowledged_count": counts.get("acknowledged", 0),
        "names": names_of_staff(session),
        "given_up": given_up(session),
        "silent": silent_parts(session),
    }


def _closed_page(session: Session, staff: StaffUser, *, number: int) -> dict[str, Any]:
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


def _escalation(
    session: Session, staff: StaffUser, escalation_id: int, *, for_change: bool = False
) -> Escalation | None:
    """The escalation with its message; `for_change` makes a second clinician wait until the first is done."""
    if escalation_id > _LARGEST_ID:
        return None
    found = session.get(
        Escalation,
        escalation_id,
        options=[joinedload(Escalation.message), joinedload(Escalation.conversation)],
        with_for_update={"of": Escalation} if for_change else None,
    )
    return found if found is not None and sees_conversation(session, staff, found.conversation_id) else None


def _one(session: Session, escalation: Escalation) -> dict[str, Any]:
    others = [other for other in open_in_conversation(session, escalation.conversation_id) if other is not escalation]
    said = select(Message).where(Message.conversation_id == escalation.conversation_id)
    return {
        "escalation": escalation,
        "others": others,
        # "No" or "2" says nothing without the question.
        "before": session.scalar(said.where(Message.id < escalation.message_id).order_by(Message.id.desc()).limit(1)),
        "later_count": session.scalar(
            select(func.count()).where(
                Message.conversation_id == escalation.conversation_id,
                Message.id > escalation.message_id,
                Message.direction == "incoming",
            )
        ),
        "tells_person": not set(escalation.reasons) <= SERVICE_REASONS,
        "names": names_of_staff(session),
    }


def _what_is_missing(*, outcome: str, note: str) -> dict[str, str]:
    """What must be put right, by the field it belongs to."""
    errors = {}
    if outcome not in OUTCOMES:
        errors["outcome"] = "Choose what was done"
    if len(note) > _LONGEST_NOTE:
        errors["note"] = f"The note must be {_LONGEST_NOTE:,} characters or fewer; it has {len(note):,}"
    return errors
