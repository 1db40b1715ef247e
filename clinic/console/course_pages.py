"""A course of therapy: seeing it, beginning it, and changing its sessions and breaks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from clinic.clock import now
from clinic.console.patient_access import name_of, patient_for
from clinic.console.rendering import Pages
from clinic.console.therapist_pages import therapists
from clinic.console.viewing import record_view
from clinic.courses.due import completed_for, due_every_session
from clinic.courses.models import Course, TherapySession
from clinic.courses.service import USUAL_SESSIONS, CourseError, courses_of, current_course
from clinic.courses.wall_clock import wall_day, wall_time
from clinic.patients.contact import ContactHours, may_be_contacted
from clinic.patients.models import Patient
from clinic.reminder_wishes.service import choose_hour
from clinic.services import Services
from clinic.staff.access import StaffUser, requires

_LARGEST_ID = 2**31 - 1
_Text = Annotated[str, Form()]
Seeing = Annotated[StaffUser, requires("see_patients")]
Managing = Annotated[StaffUser, requires("manage_courses")]
_WHEN = "Give the day and the time, for example 24/11/2026 and 10:00."
_DAYS = "Give the first and the last day of the break."


def add_course_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""

    def changed(
        request: Request,
        staff: StaffUser,
        patient_id: str,
        change: Callable[[Session, Patient, Course | None], str],
        **form: str,
    ) -> Response:
        """Makes one change and goes to the page that it names, or shows the course again with what is wrong."""
        problem = None
        with services.database.write() as session:
            patient = patient_for(session, staff, patient_id)
            if patient is None:
                return pages.not_found(request, staff=staff)
            try:
                # What was begun before the refusal is undone, what is said about it is not.
                with session.begin_nested():
                    said = change(session, patient, current_course(session, patient_id))
            except CourseError as error:
                problem = str(error)
        if problem is None:
            return RedirectResponse(f"/console/patients/{patient_id}/course?said={said}", status_code=303)
        with services.database.read() as session:
            patient = session.get_one(Patient, patient_id)
            context = _course(services, session, patient)
        return pages.page(request, "course.html", staff=staff, status=422, error=problem, form=form, **context)

    @router.get("/console/patients/{patient_id}/course")
    def show(request: Request, staff: Seeing, patient_id: str, said: str = "") -> Response:
        """The course: sessions, breaks, reminders."""
        with services.database.read() as session:
            patient = patient_for(session, staff, patient_id)
            if patient is None:
                return pages.not_found(request, staff=staff)
            context = _course(services, session, patient)
        record_view(services, staff, entity="patient", entity_id=patient_id)
        return pages.page(request, "course.html", staff=staff, said=_SAID.get(said), form={}, **context)

    @router.post("/console/patients/{patient_id}/course/begin")
    def begin(
        request: Request, staff: Managing, patient_id: str, day: _Text = "", clock: _Text = "", sessions: _Text = ""
    ) -> Response:
        """Begins a course of weekly sessions."""

        def change(session: Session, patient: Patient, course: Course | None) -> str:
            count = int(sessions) if sessions.isascii() and sessions.isdecimal() and len(sessions) < 4 else 0
            services.courses.begin(
                session,
                patient=patient,
                first_on=_day(day, _WHEN),
                clock=_clock(clock),
                sessions=count,
                therapist_id=staff.account_id if staff.role == "therapist" else None,
                by=staff.username,
            )
            return "begun"

        return changed(request, staff, patient_id, change, day=day, clock=clock, sessions=sessions)

    @router.post("/console/patients/{patient_id}/course/sessions")
    def add_session(request: Request, staff: Managing, patient_id: str, day: _Text = "", clock: _Text = "") -> Response:
        """Adds one session."""

        def change(session: Session, patient: Patient, course: Course | None) -> str:
            services.courses.add_session(
                session, _going_on(course), day=_day(day, _WHEN), clock=_clock(clock), by=staff.username
            )
            return "added"

        return changed(request, staff, patient_id, change, add_day=day, add_clock=clock)

    @router.post("/console/patients/{patient_id}/course/breaks")
    def add_break(
        request: Request, staff: Managing, patient_id: str, from_on: _Text = "", until_on: _Text = ""
    ) -> Response:
        """Plans a break; sessions in it and after it move on."""

        def change(session: Session, patient: Patient, course: Course | None) -> str:
            first, last = _day(from_on, _DAYS), _day(until_on, _DAYS)
            services.courses.add_break(session, _going_on(course), from_on=first, until_on=last, by=staff.username)
            return "break"

        return changed(request, staff, patient_id, change, from_on=from_on, until_on=until_on)

    @router.post("/console/patients/{patient_id}/course/breaks/{break_id:int}/remove")
    def remove_break(request: Request, staff: Managing, patient_id: str, break_id: int) -> Response:
        """Takes a break back; sessions stay where they are."""

        def change(session: Session, patient: Patient, course: Course | None) -> str:
            found = next((one for one in _going_on(course).breaks if one.id == break_id), None)
            if found is None:
                raise CourseError("This break was taken back in the meantime.")
            services.courses.remove_break(session, found, by=staff.username)
            return "no_break"

        return changed(request, staff, patient_id, change)

    @router.post("/console/patients/{patient_id}/course/end")
    def end(request: Request, staff: Managing, patient_id: str) -> Response:
        """Ends the course."""

        def change(session: Session, patient: Patient, course: Course | None) -> str:
            services.courses.end(session, _going_on(course), by=staff.username)
            return "ended"

        return changed(request, staff, patient_id, change)

    @router.post("/console/patients/{patient_id}/course/reminder")
    def choose_reminder_hour(request: Request, staff: Managing, patient_id: str, hour: _Text = "") -> Response:
        """The hour of the reminder, as the patient wishes; empty: the clinic's usual hour."""

        def change(session: Session, patient: Patient, course: Course | None) -> str:
            if hour and not (hour.isascii() and hour.isdecimal() and len(hour) < 3 and int(hour) in _hours(patient)):
                raise CourseError("Choose one of the hours.")
            choose_hour(session, patient, int(hour) if hour else None, by=staff.username)
            return "hour"

        return changed(request, staff, patient_id, change)

    @router.get("/console/patients/{patient_id}/course/sessions/{session_id:int}")
    def show_session(request: Request, staff: Seeing, patient_id: str, session_id: int) -> Response:
        """One session, to say what became of it or to move it."""
        with services.database.read() as session:
            patient = patient_for(session, staff, patient_id)
            found = _session(session, patient, session_id)
            if patient is None or found is None:
                return pages.not_found(request, staff=staff)
            context = _one_session(services, patient, found)
        record_view(services, staff, entity="patient", entity_id=patient_id)
        return pages.page(request, "therapy_session.html", staff=staff, form={}, **context)

    @router.post("/console/patients/{patient_id}/course/sessions/{session_id:int}")
    def change_session(
        request: Request,
        staff: Managing,
        patient_id: str,
        session_id: int,
        status: _Text = "",
        day: _Text = "",
        clock: _Text = "",
    ) -> Response:
        """Marks a session (with `status`), or moves it (with `day` and `clock`)."""
        with services.database.write() as session:
            patient = patient_for(session, staff, patient_id)
            found = _session(session, patient, session_id)
            if patient is None or found is None:
                return pages.not_found(request, staff=staff)
            try:
                if status:
                    services.courses.mark(session, found, status, by=staff.username)
                else:
                    when = {"day": _day(day, _WHEN), "clock": _clock(clock)}
                    services.courses.move(session, found, by=staff.username, **when)  # type: ignore[arg-type]
            except CourseError as error:
                context = _one_session(services, patient, found)
                form = {"status": status, "day": day, "clock": clock}
                return pages.page(
                    request, "therapy_session.html", staff=staff, status=422, error=str(error), form=form, **context
                )
        said = "marked" if status else "moved"
        return RedirectResponse(f"/console/patients/{patient_id}/course?said={said}", status_code=303)


# What is said after a change; the address holds the key only.
_SAID = {
    "begun": "The course is planned.",
    "added": "The session is added.",
    "break": "The break is planned. Sessions in it, and those after it, were moved on.",
    "no_break": "The break is taken back. The sessions stay where they are.",
    "ended": "The course has ended.",
    "therapist": "The therapist is changed.",
    "hour": "The hour of the reminder is changed.",
    "marked": "The session is changed.",
    "moved": "The session is moved.",
}


def _course(services: Services, session: Session, patient: Patient) -> dict[str, Any]:
    courses = courses_of(session, patient.id)
    current = courses[-1] if courses else None
    sessions = sorted(current.sessions, key=lambda one: one.starts_at) if current is not None else []
    questionnaires = services.questionnaires.questionnaires
    titles = [(name, questionnaires.get(name).title) for name in due_every_session(questionnaires)]
    done = completed_for(session, [one.id for one in sessions])
    return {
        "patient": patient,
        "name": name_of(patient),
        "course": current,
        "sessions": sessions,
        "breaks": list(current.breaks) if current is not None else [],
        "filled_in": {one.id: [title for name, title in titles if name in done[one.id]] for one in sessions},
        "therapists": therapists(session),
        "usual_sessions": USUAL_SESSIONS,
        "hours": _hours(patient),
        "usual_hour": services.settings.reminder_hour,
        "may_be_contacted": may_be_contacted(session, patient),
        "today": wall_day(now(), services.courses.zone),
    }


def _one_session(services: Services, patient: Patient, found: TherapySession) -> dict[str, Any]:
    zone = services.courses.zone
    return {
        "patient": patient,
        "name": name_of(patient),
        "found": found,
        "day": wall_day(found.starts_at, zone).isoformat(),
        "clock": f"{wall_time(found.starts_at, zone):%H:%M}",
        "is_to_come": wall_day(found.starts_at, zone) > wall_day(now(), zone),
        "has_ended": found.course.ended_at is not None,
    }


def _session(session: Session, patient: Patient | None, session_id: int) -> TherapySession | None:
    """The session, if it is one of this patient's."""
    if patient is None or session_id > _LARGEST_ID:
        return None
    found = session.get(TherapySession, session_id)
    return found if found is not None and found.course.patient_id == patient.id else None


def _going_on(course: Course | None) -> Course:
    if course is None:
        raise CourseError("There is no course that goes on.")
    return course


def _hours(patient: Patient) -> list[int]:
    hours = ContactHours.of(patient)
    return list(range(hours.from_hour, hours.until_hour))


def _day(text: str, problem: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CourseError(problem) from error


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError as error:
        raise CourseError(_WHEN) from error
