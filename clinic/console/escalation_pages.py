"""One escalation, and what can be done with it: see to it, give it to somebody, note something, close it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import anyio.from_thread
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from clinic.console.live import INBOX
from clinic.console.names import names_of_staff
from clinic.console.patient_access import sees_conversation, who_may_answer
from clinic.console.rendering import Pages
from clinic.console.viewing import record_view
from clinic.conversations.models import Message
from clinic.escalations.models import Escalation
from clinic.escalations.service import SERVICE_REASONS, EscalationStateError, open_in_conversation
from clinic.escalations.views import acknowledge
from clinic.services import Services
from clinic.staff.access import StaffUser, requires

Seeing = Annotated[StaffUser, requires("see_escalations")]
Answering = Annotated[StaffUser, requires("answer_escalations")]
_LONGEST_NOTE = 4000
_LARGEST_ID = 2**31 - 1
_CLOSED_ALREADY = "This escalation was closed in the meantime. Nothing was changed."


def add_escalation_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""

    @router.get("/console/escalations/{escalation_id:int}")
    def show_one(request: Request, staff: Seeing, escalation_id: int) -> Response:
        """One escalation: the person's words, why the clinic was told, and what can be done."""
        with services.database.read() as session:
            found = _escalation(session, staff, escalation_id)
            if found is None:
                return pages.not_found(request, staff=staff)
            context = _one(session, found)
        record_view(services, staff, entity="escalation", entity_id=escalation_id)
        return _page(request, staff, context)

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

        def change(session: Session, found: Escalation) -> None:
            acknowledge(session, found, by=staff.username, escalations=services.escalations, crisis=services.crisis)

        return _changed(request, staff, escalation_id, change)

    @router.post("/console/escalations/{escalation_id:int}/assign")
    def assign_one(request: Request, staff: Answering, escalation_id: int, to: Annotated[str, Form()] = "") -> Response:
        """Gives it to a colleague, or takes it."""

        def change(session: Session, found: Escalation) -> None:
            if to not in {username for username, _ in who_may_answer(session, found.conversation_id)}:
                raise _Refused({"to": "Choose a colleague"})
            services.escalations.assign(session, found, to=to, by=staff.username)

        return _changed(request, staff, escalation_id, change)

    @router.post("/console/escalations/{escalation_id:int}/notes")
    def note_one(request: Request, staff: Answering, escalation_id: int, text: Annotated[str, Form()] = "") -> Response:
        """Writes something down for colleagues; what is not stored stays in the form."""
        text = text.replace("\r\n", "\n").strip()

        def change(session: Session, found: Escalation) -> None:
            problem = "Write the note first" if not text else _too_long(text)
            if problem is not None:
                raise _Refused({"text": problem})
            services.escalations.add_note(session, found, by=staff.username, text=text)

        return _changed(request, staff, escalation_id, change, text=text)

    @router.post("/console/escalations/{escalation_id:int}/close")
    def close_one(
        request: Request,
        staff: Answering,
        escalation_id: int,
        outcome: Annotated[str, Form()] = "",
        why: Annotated[str, Form()] = "",
        note: Annotated[str, Form()] = "",
    ) -> Response:
        """It was dealt with; what was written stays in the form until it is stored."""
        note = note.replace("\r\n", "\n").strip()

        def change(session: Session, found: Escalation) -> None:
            errors = services.escalations.outcomes.what_is_missing(outcome, why=why, note=note)
            too_long = _too_long(note)
            if too_long is not None:
                errors["note"] = too_long
            if errors and found.status != "closed":
                raise _Refused(errors)
            services.escalations.close(session, found, by=staff.username, outcome=outcome, why=why or None, note=note)

        to = f"/console?closed={escalation_id}"
        return _changed(request, staff, escalation_id, change, to=to, outcome=outcome, why=why, note=note)

    def _changed(
        request: Request,
        staff: StaffUser,
        escalation_id: int,
        change: Callable[[Session, Escalation], None],
        *,
        to: str | None = None,
        **form: str,
    ) -> Response:
        """Does it, or shows the page again with what was wrong and what was written."""
        with services.database.write() as session:
            found = _escalation(session, staff, escalation_id, for_change=True)
            if found is None:
                return pages.not_found(request, staff=staff)
            try:
                change(session, found)
            except _Refused as error:
                return _page(request, staff, _one(session, found), status=422, errors=error.errors, **form)
            except EscalationStateError:
                return _page(request, staff, _one(session, found), status=409, error=_CLOSED_ALREADY, **form)
            conversation_id = found.conversation_id
        for name in (conversation_id, INBOX):
            anyio.from_thread.run_sync(services.doorbell.ring, name)
        return RedirectResponse(to or f"/console/escalations/{escalation_id}", status_code=303)

    def _page(
        request: Request, staff: StaffUser, context: dict[str, Any], *, status: int = 200, **form: Any
    ) -> Response:
        part = pages.part(request, "parts/escalation_state.html", staff=staff, **context)
        choices = services.escalations.outcomes.outcomes
        return pages.page(
            request, "escalation.html", staff=staff, status=status, part=part, choices=choices, **context, **form
        )


class _Refused(Exception):
    """What was sent must be put right first; nothing was changed."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("refused")
        self.errors = errors


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
        "notes": list(escalation.notes),
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
        "colleagues": who_may_answer(session, escalation.conversation_id),
    }


def _too_long(note: str) -> str | None:
    if len(note) <= _LONGEST_NOTE:
        return None
    return f"The note must be {_LONGEST_NOTE:,} characters or fewer; it has {len(note):,}"
