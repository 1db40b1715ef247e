"""What is kept about one person: a copy of it, and its erasure, which two members of staff agree to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.console.names import names_of_staff
from clinic.console.patient_access import name_of, patient_for, sees_conversation
from clinic.console.rendering import Pages
from clinic.console.viewing import record_view
from clinic.conversations.models import Conversation
from clinic.rights.copy import copy_as_json, copy_as_pdf
from clinic.rights.erasure import (
    ErasureRefused,
    confirm_erasure,
    request_erasure,
    sweep_if_possible,
    waiting_erasure,
    withdraw_erasure,
)
from clinic.rights.holdings import Holdings, NobodyFound, Subject, holdings_of
from clinic.rights.models import Erasure
from clinic.services import Services
from clinic.staff.access import StaffUser, requires

Exporting = Annotated[StaffUser, requires("export_patients")]
Erasing = Annotated[StaffUser, requires("erase_patients")]
Whose = Literal["patients", "conversations"]
_ID = re.compile(r"[0-9a-f]{32}")
_REFERENCE = re.compile(r"[ER]-[0-9a-f]{10}")
_MOST = 100
_SURE = "Tick that you have made sure who is asking."
_PEOPLE = "An erasure needs a person who is logged in."


def add_kept_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""

    @router.get("/console/{whose}/{person_id}/kept")
    def show(request: Request, staff: Exporting, whose: Whose, person_id: str) -> Response:
        """What there is, how to hand over a copy, and where an erasure stands."""
        return _page(request, staff, whose, person_id)

    @router.get("/console/{whose}/{person_id}/kept/{name}")
    def download(
        request: Request,
        staff: Exporting,
        whose: Whose,
        person_id: str,
        name: Literal["copy.json", "copy.pdf"],
    ) -> Response:
        """Everything that is kept about the person, in one file."""
        with services.database.write() as session:
            found = _found(session, staff, whose, person_id)
            if found is None:
                return pages.not_found(request, staff=staff)
            _, holdings, _ = found
            record(session, actor=staff.username, action="export_copy", entity=_entity(whose), entity_id=person_id)
        is_pdf = name.endswith("pdf")
        content = copy_as_pdf(holdings, clinic_name=services.settings.clinic_name) if is_pdf else copy_as_json(holdings)
        return Response(
            content,
            media_type="application/pdf" if is_pdf else "application/json",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )

    @router.post("/console/{whose}/{person_id}/erasure/request")
    def ask(
        request: Request, staff: Erasing, whose: Whose, person_id: str, sure: Annotated[str, Form()] = ""
    ) -> Response:
        """Asks for an erasure. Nothing goes before somebody else has confirmed it."""

        def change(session: Session, subject: Subject) -> None:
            if not sure:
                raise ErasureRefused(_SURE)
            request_erasure(session, subject, by=staff.username)

        return _changed(request, staff, whose, person_id, change)

    @router.post("/console/{whose}/{person_id}/erasure/withdraw")
    def take_back(request: Request, staff: Erasing, whose: Whose, person_id: str) -> Response:
        """Takes the request back, whoever made it."""

        def change(session: Session, subject: Subject) -> None:
            withdraw_erasure(session, _waiting(session, subject), by=staff.username)

        return _changed(request, staff, whose, person_id, change)

    @router.post("/console/{whose}/{person_id}/erasure/confirm")
    def agree(
        request: Request, staff: Erasing, whose: Whose, person_id: str, sure: Annotated[str, Form()] = ""
    ) -> Response:
        """Erases, for good. Refused to whoever asked for it."""
        done: list[str] = []

        def change(session: Session, subject: Subject) -> None:
            erasure = _waiting(session, subject)
            if erasure.requested_by != staff.username and not sure:
                raise ErasureRefused("Tick that everything about this person shall go.")
            confirm_erasure(session, erasure, by=staff.username, keeps=services.settings.erasure_keeps)
            done.append(erasure.id)

        answer = _changed(request, staff, whose, person_id, change)
        if not done:
            return answer
        # Rasa's memory is emptied through the outbox; what was deleted is swept out of the database's files.
        services.relay.wake()
        swept = sweep_if_possible(services.database)
        return RedirectResponse(f"/console/erasures/{done[0]}{'' if swept else '?swept=no'}", status_code=303)

    @router.get("/console/erasures")
    def show_all(request: Request, staff: Erasing) -> Response:
        """Erasures that wait for a second person, and those that are done."""
        with services.database.read() as session:
            waiting = session.scalars(
                select(Erasure)
                .where(Erasure.done_at.is_(None), Erasure.withdrawn_at.is_(None))
                .order_by(Erasure.requested_at)
            ).all()
            rows = [row for row in (_row(session, staff, one) for one in waiting) if row is not None]
            done = session.scalars(
                select(Erasure).where(Erasure.done_at.is_not(None)).order_by(Erasure.done_at.desc()).limit(_MOST)
            ).all()
            names = names_of_staff(session)
        record_view(services, staff, entity="erasure_list", entity_id="all")
        return pages.page(request, "erasures.html", staff=staff, waiting=rows, done=done, names=names)

    @router.get("/console/erasures/{reference}")
    def show_one(request: Request, staff: Erasing, reference: str, swept: str = "yes") -> Response:
        """What an erasure took away, and what it left."""
        with services.database.read() as session:
            erasure = session.get(Erasure, reference) if _REFERENCE.fullmatch(reference) else None
            names = names_of_staff(session)
        if erasure is None or erasure.done_at is None:
            return pages.not_found(request, staff=staff)
        is_swept = swept != "no"
        return pages.page(request, "erasure.html", staff=staff, erasure=erasure, names=names, is_swept=is_swept)

    def _changed(
        request: Request, staff: StaffUser, whose: Whose, person_id: str, change: Callable[[Session, Subject], None]
    ) -> Response:
        """Makes one change and shows the page again, with what is wrong where it was refused."""
        problem = None
        with services.database.write() as session:
            found = _found(session, staff, whose, person_id)
            if found is None:
                return pages.not_found(request, staff=staff)
            try:
                if staff.account_id is None:
                    raise ErasureRefused(_PEOPLE)
                # What was begun before the refusal is undone.
                with session.begin_nested():
                    change(session, found[0])
            except ErasureRefused as error:
                problem = str(error)
        if problem is not None:
            return _page(request, staff, whose, person_id, status=409, error=problem)
        return RedirectResponse(f"/console/{whose}/{person_id}/kept", status_code=303)

    def _page(
        request: Request,
        staff: StaffUser,
        whose: Whose,
        person_id: str,
        *,
        status: int = 200,
        error: str | None = None,
    ) -> Response:
        with services.database.read() as session:
            found = _found(session, staff, whose, person_id)
            if found is None:
                return pages.not_found(request, staff=staff)
            subject, holdings, name = found
            context: dict[str, Any] = {
                "name": name,
                "whose": whose,
                "person_id": person_id,
                "kept": _in_numbers(holdings),
                "erasure": waiting_erasure(session, subject),
                "names": names_of_staff(session),
                "keeps": services.settings.erasure_keeps,
            }
        record_view(services, staff, entity=_entity(whose), entity_id=person_id)
        return pages.page(request, "kept.html", staff=staff, status=status, error=error, **context)


def _found(session: Session, staff: StaffUser, whose: Whose, person_id: str) -> tuple[Subject, Holdings, str] | None:
    """Whom it is about and what there is; None where this member of staff sees nobody there."""
    if not _ID.fullmatch(person_id):
        return None
    if whose == "patients":
        patient = patient_for(session, staff, person_id)
        subject, name = Subject(patient_id=person_id), name_of(patient) if patient is not None else ""
        if patient is None:
            return None
    else:
        conversation = session.get(Conversation, person_id)
        if conversation is None or conversation.patient_id or not sees_conversation(session, staff, person_id):
            return None
        subject, name = Subject(conversation_id=person_id), f"Conversation {person_id[:8]}"
    try:
        return subject, holdings_of(session, subject), name
    except NobodyFound:
        return None


def _waiting(session: Session, subject: Subject) -> Erasure:
    erasure = waiting_erasure(session, subject)
    if erasure is None:
        raise ErasureRefused("Nobody has asked for an erasure, or it was taken back.")
    # Two people who press at the same moment.
    session.refresh(erasure, with_for_update=True)
    return erasure


def _row(session: Session, staff: StaffUser, erasure: Erasure) -> dict[str, Any] | None:
    """One that waits, with the name where this member of staff may see it."""
    whose: Whose = "patients" if erasure.patient_id is not None else "conversations"
    person_id = erasure.patient_id or erasure.conversation_id or ""
    if whose == "patients":
        patient = patient_for(session, staff, person_id)
        if patient is None:
            return None
        name = name_of(patient)
    else:
        name = f"Conversation {person_id[:8]}"
    return {"erasure": erasure, "name": name, "address": f"/console/{whose}/{person_id}/kept"}


# What the page names; the copy holds every table.
_SHOWN = {
    "message": "messages",
    "questionnaire_response": "questionnaires",
    "note": "things to raise",
    "escalation": "escalations",
    "therapy_session": "sessions",
    "consent": "decisions about consent",
    "invitation": "invitations",
}


def _in_numbers(holdings: Holdings) -> list[tuple[str, int]]:
    return [(words, len(holdings.rows[table])) for table, words in _SHOWN.items() if holdings.rows.get(table)]


def _entity(whose: Whose) -> str:
    return "patient" if whose == "patients" else "conversation"
