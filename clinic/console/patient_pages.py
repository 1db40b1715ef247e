"""The list of patients, one patient's scores over the sessions, and the page to print before a session."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.console.charts import chart_of
from clinic.console.patient_access import name_of, only_own, patient_for
from clinic.console.progress_tables import answered, change_lines, item_histories, score_cell
from clinic.console.rendering import Pages
from clinic.console.viewing import record_view
from clinic.conversations.models import Conversation
from clinic.courses.coming import next_sessions
from clinic.courses.due import completed_for, due_every_session
from clinic.courses.progress import progress_of
from clinic.courses.service import courses_of
from clinic.notes.service import shared_notes
from clinic.patients.models import Patient
from clinic.services import Services
from clinic.staff.access import StaffUser, requires
from clinic.staff.models import StaffAccount

Seeing = Annotated[StaffUser, requires("see_patients")]
Status = Literal["in_therapy", "waiting", "finished"]
STATUSES: dict[str, str] = {"in_therapy": "In therapy", "waiting": "Waiting", "finished": "Finished"}
_MOST = 500
# What fits beside each other on a sheet of paper.
_PRINTED_OCCASIONS = 6


def add_patient_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""

    @router.get("/console/patients")
    def show_all(request: Request, staff: Seeing, status: Status = "in_therapy") -> Response:
        """Patients in one status, whose session comes first; a therapist sees their own."""
        with services.database.read() as session:
            rows = _rows(services, session, only_own(select(Patient).where(Patient.status == status), staff))
        record_view(services, staff, entity="patient_list", entity_id=status)
        return pages.page(
            request, "patients.html", staff=staff, rows=rows, chosen=status, statuses=STATUSES, most=_MOST
        )

    @router.get("/console/patients/{patient_id}")
    def show_one(request: Request, staff: Seeing, patient_id: str, course: int | None = None) -> Response:
        """One patient: change, charts, tables, and the answers that were told to a person."""
        with services.database.read() as session:
            context = _progress(services, session, staff, patient_id, course_id=course)
        if context is None:
            return pages.not_found(request, staff=staff)
        record_view(services, staff, entity="patient", entity_id=patient_id)
        return pages.page(request, "patient.html", staff=staff, **context)

    @router.get("/console/patients/{patient_id}/before-session")
    def show_to_print(request: Request, staff: Seeing, patient_id: str) -> Response:
        """The same on one sheet of paper, to read before the session."""
        with services.database.read() as session:
            context = _progress(services, session, staff, patient_id, course_id=None)
        if context is None:
            return pages.not_found(request, staff=staff)
        record_view(services, staff, entity="patient", entity_id=patient_id)
        return pages.page(request, "before_session.html", staff=staff, printed=_PRINTED_OCCASIONS, **context)


def _rows(services: Services, session: Session, query: Any) -> list[dict[str, Any]]:
    """Everybody, with the session that comes next and what is left to fill in; as many queries for many as for few."""
    moment = now()
    patients = session.scalars(query.limit(_MOST)).all()
    coming = next_sessions(session, [patient.id for patient in patients], moment)
    done = completed_for(session, [found.id for found in coming.values()])
    due = due_every_session(services.questionnaires.questionnaires)
    rows = []
    for patient in patients:
        found = coming.get(patient.id)
        left = [name for name in due if name not in done[found.id]] if found is not None else []
        rows.append({"patient": patient, "name": name_of(patient), "next": found, "left": left})
    return sorted(
        rows, key=lambda row: (row["next"] is None, row["next"].starts_at if row["next"] else moment, row["name"])
    )


def _progress(
    services: Services, session: Session, staff: StaffUser, patient_id: str, *, course_id: int | None
) -> dict[str, Any] | None:
    """Everything about one patient that the pages show; None where this member of staff sees no such patient."""
    patient = patient_for(session, staff, patient_id)
    if patient is None:
        return None
    courses = courses_of(session, patient_id)
    chosen = next((one for one in courses if one.id == course_id), None)
    if course_id is not None and chosen is None:
        return None
    moment = now()
    questionnaires = services.questionnaires.questionnaires
    progress = progress_of(
        session, patient_id, questionnaires, course=chosen, rule=services.settings.reliable_change_rule
    )
    shown = progress.past(moment)
    conversations = session.scalars(
        select(Conversation)
        .where(Conversation.patient_id == patient_id, Conversation.merged_into_id.is_(None))
        .order_by(Conversation.created_at.desc())
    ).all()
    therapist = session.get(StaffAccount, patient.therapist_id) if patient.therapist_id is not None else None
    return {
        "patient": patient,
        "name": name_of(patient),
        "status_in_words": STATUSES.get(patient.status, patient.status),
        "therapist": therapist,
        "courses": courses,
        "progress": progress,
        "coming": next_sessions(session, [patient_id], moment).get(patient_id),
        "charts": [chart_of(progress, one, moment) for one in progress.questionnaires],
        "changes": change_lines(progress),
        "change": progress.change(),
        "occasions": shown,
        "cells": {
            (place, one.id): score_cell(occasion, one, moment)
            for place, occasion in enumerate(shown)
            for one in progress.questionnaires
        },
        "answered": {one.id: answered(progress, one) for one in progress.questionnaires},
        "histories": item_histories(progress),
        # What a person wrote is not for every role.
        "conversations": conversations if staff.may("see_conversations") else [],
        "shared_notes": shared_notes(session, patient_id) if staff.may("see_conversations") else [],
    }
