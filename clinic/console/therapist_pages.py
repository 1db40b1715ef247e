"""Whose patient somebody is: a therapist sees their own patients only, so somebody else says whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.console.patient_access import patient_for
from clinic.console.rendering import Pages
from clinic.courses.service import current_course
from clinic.services import Services
from clinic.staff.access import StaffUser, requires
from clinic.staff.models import StaffAccount

Assigning = Annotated[StaffUser, requires("assign_therapists")]


def add_therapist_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the route, on these services."""

    @router.post("/console/patients/{patient_id}/therapist")
    def assign(request: Request, staff: Assigning, patient_id: str, therapist: Annotated[str, Form()] = "") -> Response:
        """Says whose patient somebody is, and who leads the course that goes on; empty: nobody's yet."""
        with services.database.write() as session:
            patient = patient_for(session, staff, patient_id)
            if patient is None:
                return pages.not_found(request, staff=staff)
            chosen = next((one for one in therapists(session) if str(one.id) == therapist), None)
            if therapist and chosen is None:
                raise HTTPException(422, "There is no such therapist.")
            patient.therapist_id = chosen.id if chosen is not None else None
            course = current_course(session, patient_id)
            if course is not None:
                course.therapist_id = patient.therapist_id
            record(session, actor=staff.username, action="assign_therapist", entity="patient", entity_id=patient_id)
        return RedirectResponse(f"/console/patients/{patient_id}/course?said=therapist", status_code=303)


def therapists(session: Session) -> Sequence[StaffAccount]:
    """Everybody who can have patients, by name."""
    return session.scalars(
        select(StaffAccount)
        .where(StaffAccount.role == "therapist", StaffAccount.disabled_at.is_(None))
        .order_by(StaffAccount.name)
    ).all()
