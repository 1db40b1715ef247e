"""The waiting list: who stands where, one person's joining, and inviting one or many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from clinic.clock import now
from clinic.console.patient_access import name_of, only_own, patient_for
from clinic.console.rendering import Pages
from clinic.console.viewing import record_view
from clinic.invitations.inviting import Invited
from clinic.invitations.models import Invitation
from clinic.invitations.service import Way
from clinic.joining.states import Shown, matches, standings
from clinic.patients.contact import ContactHours
from clinic.patients.models import Patient
from clinic.patients.phone_numbers import PhoneNumberError, normalised_phone, readable_phone
from clinic.patients.service import contact_index, current_phone, reference_index
from clinic.services import Services
from clinic.staff.access import StaffUser, requires

Seeing = Annotated[StaffUser, requires("see_waiting_list")]
MayInvite = Annotated[StaffUser, requires("invite")]

SHOWN: dict[Shown, str] = {
    "not_invited": "Not invited",
    "invited": "Invited",
    "joined": "Joined",
    "said_no": "Said no",
    "all": "All",
}
_A_PAGE = 50
# Letters in one file.
_MOST_AT_ONCE = 500


def add_waiting_list_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""

    @router.get("/console/waiting-list")
    def show_list(
        request: Request, staff: Seeing, shown: Shown = "not_invited", page: int = 1, find: str = "", texted: int = 0
    ) -> Response:
        """Everybody who waits, by where they stand with joining."""
        with services.database.read() as session:
            context = _list(session, staff, shown=shown, number=page, find=find.strip()[:60])
        record_view(services, staff, entity="waiting_list", entity_id=f"{shown}:{context['number']}")
        return pages.page(request, "waiting_list.html", staff=staff, texted=texted, **context)

    @router.post("/console/waiting-list/invite")
    def invite(
        request: Request,
        staff: MayInvite,
        chosen: Annotated[list[str], Form()] = [],  # noqa: B006 (FastAPI copies it)
        way: Annotated[Way, Form()] = "letter",
        everyone: Annotated[str, Form()] = "",
    ) -> Response:
        """Invites the chosen ones, or everybody who was not invited yet. Letters come back as one PDF file."""
        with services.database.write() as session:
            query = only_own(select(Patient).where(Patient.status == "waiting"), staff)
            if everyone:
                query = query.where(matches("not_invited"))
            else:
                query = query.where(Patient.id.in_(chosen[:_MOST_AT_ONCE]))
            patients = session.scalars(query.order_by(Patient.added_at).limit(_MOST_AT_ONCE)).all()
            refused = [(patient, services.invitations.why_not(patient)) for patient in patients]
            left_out = [(patient, reason) for patient, reason in refused if reason is not None]
            good = [patient.id for patient, reason in refused if reason is None]
            if left_out and way == "letter":
                # Letters are a file: nothing is made until it is clear whose they are.
                return _not_invited(request, staff, left_out, good=good)
            invited = services.inviting.invite(session, [one.id for one in patients], way=way, by=staff.username)
        services.relay.wake()
        if invited.letters:
            return _pdf(services, invited)
        if invited.texted and not invited.not_invited:
            return RedirectResponse(f"/console/waiting-list?shown=invited&texted={invited.texted}", status_code=303)
        return _not_invited(request, staff, invited.not_invited, made=invited.texted)

    @router.get("/console/waiting-list/people/{patient_id}")
    def show_person(request: Request, staff: Seeing, patient_id: str) -> Response:
        """One person: invitations, decisions, and how messages may reach them."""
        with services.database.read() as session:
            patient = patient_for(session, staff, patient_id)
            if patient is None:
                return pages.not_found(request, staff=staff)
            context = _person(services, session, patient)
        record_view(services, staff, entity="patient", entity_id=patient_id)
        return pages.page(request, "waiting_person.html", staff=staff, **context)

    def _not_invited(
        request: Request,
        staff: StaffUser,
        left_out: Sequence[tuple[Patient, str]],
        *,
        made: int = 0,
        good: Sequence[str] = (),
    ) -> Response:
        people = [(name_of(patient), patient.id, reason) for patient, reason in left_out]
        return pages.page(
            request, "waiting_not_invited.html", staff=staff, people=people, made=made, good=good, status=409
        )


def _pdf(services: Services, invited: Invited) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="invitations.pdf"', "Cache-Control": "no-store"}
    return Response(services.letters.pdf(invited.letters), media_type="application/pdf", headers=headers)


def _list(session: Session, staff: StaffUser, *, shown: Shown, number: int, find: str) -> dict[str, Any]:
    waiting = only_own(select(Patient).where(Patient.status == "waiting"), staff)
    counts = {
        one: session.scalar(select(func.count()).select_from(waiting.where(matches(one)).subquery())) or 0
        for one in SHOWN
    }
    query = waiting.where(_is(find)) if find else waiting.where(matches(shown))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    last = max(1, -(-total // _A_PAGE))
    number = min(max(1, number), last)
    patients = session.scalars(
        query.options(selectinload(Patient.contact_points))
        .order_by(Patient.added_at, Patient.id)
        .limit(_A_PAGE)
        .offset((number - 1) * _A_PAGE)
    ).all()
    by_patient = standings(session, patients)
    rows = [
        {"patient": patient, "name": name_of(patient), "phone": _phone(patient), "standing": by_patient[patient.id]}
        for patient in patients
    ]
    return {
        "rows": rows, "shown": shown, "labels": SHOWN, "counts": counts, "find": find,
        "number": number, "last": last, "most": _MOST_AT_ONCE,
    }  # fmt: skip


def _is(find: str) -> ColumnElement[bool]:
    """Names are encrypted: somebody is found by the clinic's reference or by phone."""
    by_reference = Patient.reference_index == reference_index(find)
    try:
        index = contact_index("phone", normalised_phone(find))
    except PhoneNumberError:
        return by_reference
    return or_(by_reference, Patient.contact_points.any(value_index=index))


def _person(services: Services, session: Session, patient: Patient) -> dict[str, Any]:
    invitations = session.scalars(
        select(Invitation).where(Invitation.patient_id == patient.id).order_by(Invitation.id.desc())
    ).all()
    born_on = date.fromisoformat(patient.born_on) if patient.born_on else None
    return {
        "patient": patient,
        "name": name_of(patient),
        "born_on": f"{born_on.day} {born_on:%B %Y}" if born_on else None,
        "phone": _phone(patient),
        "is_proven": any(p.system == "phone" and p.verified_at and not p.ended_at for p in patient.contact_points),
        "standing": standings(session, [patient])[patient.id],
        "hours": ContactHours.of(patient),
        "invitations": [(one, one.ended_at is None and one.expires_at <= now()) for one in invitations],
        "consents": list(reversed(patient.consents)),
        "why_not": services.invitations.why_not(patient),
    }


def _phone(patient: Patient) -> str | None:
    point = current_phone(patient)
    return readable_phone(point.value) if point is not None else None
