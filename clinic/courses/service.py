"""Making and changing a course of therapy. Every function works in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.clock import now
from clinic.courses.models import Course, CourseBreak, TherapySession
from clinic.courses.wall_clock import at_wall_clock, wall_day, weeks_later
from clinic.patients.models import Patient

# The patient leaflet: 16 sessions, usually one a week.
USUAL_SESSIONS = 16
_MOST_SESSIONS = 60
_LONGEST_BREAK = timedelta(days=180)
# Nobody plans further ahead than this, and a year typed wrongly shows.
_FURTHEST = timedelta(days=3 * 366)
Attendance = Literal["planned", "attended", "missed", "cancelled"]
ATTENDANCE: tuple[str, ...] = get_args(Attendance)


class CourseError(ValueError):
    """The course cannot be changed as asked; the message says why, in words for staff."""


class Courses:
    """Courses, their sessions and their breaks, in the clinic's time zone."""

    def __init__(self, *, zone: ZoneInfo) -> None:
        self.zone = zone

    def begin(
        self,
        session: Session,
        *,
        patient: Patient,
        first_on: date,
        clock: time,
        by: str,
        sessions: int = USUAL_SESSIONS,
        therapist_id: int | None = None,
        breaks: Iterable[tuple[date, date]] = (),
    ) -> Course:
        """Makes a course of weekly sessions, at the same wall-clock time, that leaves the breaks out.

        Raises:
            CourseError: the person has a course that goes on, or the figures make no sense.
        """
        if current_course(session, patient.id) is not None:
            raise CourseError("This person has a course already. End it before you begin another.")
        if not 1 <= sessions <= _MOST_SESSIONS:
            raise CourseError(f"A course has 1 to {_MOST_SESSIONS} sessions.")
        first = at_wall_clock(first_on, clock, self.zone)
        self._check_moment(first)
        course = Course(
            patient_id=patient.id,
            therapist_id=therapist_id if therapist_id is not None else patient.therapist_id,
            planned_sessions=sessions,
            created_at=now(),
            sessions=[],
            breaks=[self._break(from_on, until_on) for from_on, until_on in breaks],
        )
        week = 0
        for number in range(1, sessions + 1):
            while self._in_break(course, weeks_later(first, week, self.zone)):
                week += 1
            course.sessions.append(
                TherapySession(number=number, starts_at=weeks_later(first, week, self.zone), status="planned")
            )
            week += 1
        patient.status = "in_therapy"
        session.add(course)
        session.flush()
        record(session, actor=by, action="begin", entity="course", entity_id=course.id)
        return course

    def move(self, session: Session, found: TherapySession, *, day: date, clock: time, by: str) -> None:
        """Moves one session; the others stay where they are.

        Raises:
            CourseError: it has taken place or is cancelled, or the new time falls into a planned break.
        """
        self._must_be_planned(found)
        moment = at_wall_clock(day, clock, self.zone)
        self._check_moment(moment)
        if self._in_break(found.course, moment):
            raise CourseError("That day is in a planned break.")
        found.starts_at = moment
        session.flush()
        record(session, actor=by, action="move", entity="therapy_session", entity_id=found.id)

    def add_session(self, session: Session, course: Course, *, day: date, clock: time, by: str) -> TherapySession:
        """Adds one session, for example in place of a cancelled one. It gets the next number.

        Raises:
            CourseError: the course has ended or is full, or the day is in a planned break.
        """
        self._must_go_on(course)
        if len(course.sessions) >= _MOST_SESSIONS:
            raise CourseError(f"A course has at most {_MOST_SESSIONS} sessions.")
        moment = at_wall_clock(day, clock, self.zone)
        self._check_moment(moment)
        if self._in_break(course, moment):
            raise CourseError("That day is in a planned break.")
        number = max((one.number for one in course.sessions), default=0) + 1
        added = TherapySession(number=number, starts_at=moment, status="planned")
        course.sessions.append(added)
        session.flush()
        record(session, actor=by, action="add", entity="therapy_session", entity_id=added.id)
        return added

    def mark(self, session: Session, found: TherapySession, status: str, *, by: str) -> None:
        """Says what became of a session: attended, missed, cancelled, or planned again.

        Raises:
            CourseError: there is no such word, or a session that has not begun cannot have been attended or missed.
        """
        if status not in ATTENDANCE:
            raise CourseError(f"A session is one of: {', '.join(ATTENDANCE)}.")
        self._must_go_on(found.course)
        # From the session's own day on: a clinician may say before the hour that somebody has called in sick.
        if status in ("attended", "missed") and wall_day(found.starts_at, self.zone) > wall_day(now(), self.zone):
            raise CourseError("This session is still to come: cancel or move it instead.")
        if status == "planned" and self._in_break(found.course, found.starts_at):
            raise CourseError("That day is in a planned break. Move the session instead.")
        found.status = status
        session.flush()
        record(session, actor=by, action=f"mark_{status}", entity="therapy_session", entity_id=found.id)

    def add_break(self, session: Session, course: Course, *, from_on: date, until_on: date, by: str) -> int:
        """Plans a break. Sessions that fall into it, and all after them, move on by whole weeks; none is lost.

        Returns:
            How many sessions were moved.

        Raises:
            CourseError: the break ends before it begins, is longer than half a year, or overlaps another.
        """
        self._must_go_on(course)
        added = self._break(from_on, until_on)
        if any(one.from_on <= until_on and from_on <= one.until_on for one in course.breaks):
            raise CourseError("This break overlaps one that is planned already.")
        course.breaks.append(added)
        moved = self._move_out_of_breaks(course)
        session.flush()
        record(session, actor=by, action="add", entity="course_break", entity_id=added.id)
        return moved

    def remove_break(self, session: Session, found: CourseBreak, *, by: str) -> None:
        """Takes a break back. Sessions stay where they are: people have them in their diaries."""
        record(session, actor=by, action="remove", entity="course_break", entity_id=found.id)
        session.delete(found)
        session.flush()
        session.expire(session.get_one(Course, found.course_id), ["breaks"])

    def end(self, session: Session, course: Course, *, by: str) -> None:
        """Ends a course: nothing is due any more, and planned sessions that are still to come are cancelled.

        Raises:
            CourseError: it has ended already.
        """
        self._must_go_on(course)
        moment = now()
        for found in course.sessions:
            if found.status == "planned" and found.starts_at > moment:
                found.status = "cancelled"
        course.ended_at = moment
        patient = session.get_one(Patient, course.patient_id)
        patient.status = "finished"
        session.flush()
        record(session, actor=by, action="end", entity="course", entity_id=course.id)

    def _move_out_of_breaks(self, course: Course) -> int:
        weeks = moved = 0
        for found in sorted(course.sessions, key=lambda one: one.starts_at):
            if found.status != "planned":
                continue
            while self._in_break(course, weeks_later(found.starts_at, weeks, self.zone)):
                weeks += 1
            if weeks:
                found.starts_at = weeks_later(found.starts_at, weeks, self.zone)
                moved += 1
        return moved

    def _in_break(self, course: Course, moment: datetime) -> bool:
        return is_in_break(course, wall_day(moment, self.zone))

    @staticmethod
    def _break(from_on: date, until_on: date) -> CourseBreak:
        if until_on < from_on:
            raise CourseError("The break ends before it begins.")
        if until_on - from_on > _LONGEST_BREAK:
            raise CourseError("A break is at most half a year long. End the course instead.")
        return CourseBreak(from_on=from_on, until_on=until_on)

    @staticmethod
    def _check_moment(moment: datetime) -> None:
        if abs(moment - now()) > _FURTHEST:
            raise CourseError("That date is years away. Check the year.")

    @staticmethod
    def _must_go_on(course: Course) -> None:
        if course.ended_at is not None:
            raise CourseError("This course has ended.")

    def _must_be_planned(self, found: TherapySession) -> None:
        self._must_go_on(found.course)
        if found.status != "planned":
            raise CourseError(f"This session is {found.status} and cannot be moved.")


def is_in_break(course: Course, day: date) -> bool:
    """Whether the day belongs to a planned break of the course."""
    return any(one.from_on <= day <= one.until_on for one in course.breaks)


def current_course(session: Session, patient_id: str) -> Course | None:
    """The person's course that has not ended."""
    return session.scalar(
        select(Course)
        .where(Course.patient_id == patient_id, Course.ended_at.is_(None))
        .order_by(Course.id.desc())
        .limit(1)
    )


def courses_of(session: Session, patient_id: str) -> list[Course]:
    """Every course of a person, the first one first."""
    return list(session.scalars(select(Course).where(Course.patient_id == patient_id).order_by(Course.id)))
