"""Courses: weekly by the clock on the wall, breaks that lose no session, changes that are refused when they make none."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from clinic.audit.models import AuditEvent
from clinic.courses.models import Course, TherapySession
from clinic.courses.service import CourseError, Courses, current_course, is_in_break
from clinic.courses.wall_clock import at_wall_clock, in_words, wall_day, wall_time, weeks_later
from clinic.patients.models import Patient
from tests.clinic.courses.conftest import LONDON, CourseMaker, london

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
TIMES = st.times().map(lambda clock: clock.replace(second=0, microsecond=0))


@given(day=DAYS, clock=TIMES, weeks=st.integers(0, 60))
@example(day=date(2026, 10, 19), clock=time(10), weeks=1)
@example(day=date(2026, 3, 22), clock=time(1, 30), weeks=1)
def test_wall_clock_stays_the_same_week_after_week(day: date, clock: time, weeks: int) -> None:
    later = weeks_later(at_wall_clock(day, clock, LONDON), weeks, LONDON)
    assert wall_day(later, LONDON) == day + timedelta(weeks=weeks)
    # Between one and two in a night of March there is no such time: an hour later is as near as can be.
    if not (later.astimezone(LONDON).month == 3 and clock.hour in (1, 2)):
        assert wall_time(later, LONDON) == clock


@pytest.mark.parametrize(
    ("day", "clock", "utc_hour"), [(date(2026, 10, 19), time(10), 9), (date(2026, 10, 26), time(10), 10)]
)
def test_wall_clock_is_another_hour_of_utc_after_a_change(day: date, clock: time, utc_hour: int) -> None:
    assert at_wall_clock(day, clock, LONDON).hour == utc_hour


def test_wall_clock_in_words() -> None:
    assert in_words(at_wall_clock(date(2026, 7, 7), time(9, 30), LONDON), LONDON) == "Tuesday 7 July at 09:30"


@time_machine.travel(london(2026, 9, 1, 12), tick=False)
def test_courses_begin_with_sixteen_weekly_sessions_at_the_same_hour(maker: CourseMaker) -> None:
    patient = maker.patient()
    with maker.database.write() as session:
        course = maker.begin(session, patient, date(2026, 9, 7), time(10))
        starts = [found.starts_at.astimezone(LONDON) for found in course.sessions]
        assert [found.number for found in course.sessions] == list(range(1, 17))
        assert {(start.weekday(), start.hour, start.minute) for start in starts} == {(0, 10, 0)}
        assert [start.date() for start in starts] == [date(2026, 9, 7) + timedelta(weeks=week) for week in range(16)]
        # Summer time ends within the course: the moment is another, the hour is not.
        assert {start.utcoffset() for start in starts} == {timedelta(hours=1), timedelta(0)}
        assert session.get_one(Patient, patient).status == "in_therapy"
        assert [e.action for e in session.query(AuditEvent).filter_by(entity="course", actor="sam")] == ["begin"]


@time_machine.travel(london(2026, 9, 1, 12), tick=False)
def test_courses_leave_planned_breaks_out_from_the_beginning(maker: CourseMaker) -> None:
    patient = maker.patient()
    with maker.database.write() as session:
        course = maker.begin(
            session, patient, date(2026, 9, 7), sessions=4, breaks=[(date(2026, 9, 14), date(2026, 9, 20))]
        )
        days = [wall_day(found.starts_at, LONDON) for found in course.sessions]
    assert days == [date(2026, 9, 7), date(2026, 9, 21), date(2026, 9, 28), date(2026, 10, 5)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    first=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    breaks=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 40)), max_size=4),
    sessions=st.integers(1, 20),
)
def test_courses_no_session_ever_lies_in_a_break_and_none_is_lost(
    first: date, breaks: list[tuple[int, int]], sessions: int
) -> None:
    courses = Courses(zone=LONDON)
    course = Course(id=1, sessions=[], breaks=[])
    for number in range(sessions):
        starts_at = at_wall_clock(first + timedelta(weeks=number), time(9), LONDON)
        course.sessions.append(TherapySession(number=number + 1, starts_at=starts_at, status="planned"))
    for offset, length in breaks:
        from_on = first + timedelta(days=offset)
        course.breaks.append(courses._break(from_on, from_on + timedelta(days=length)))
        courses._move_out_of_breaks(course)
    days = [wall_day(found.starts_at, LONDON) for found in course.sessions]
    assert len(days) == sessions and days == sorted(set(days))
    assert [day for day in days if is_in_break(course, day)] == []
    assert {day.weekday() for day in days} == {first.weekday()}
    assert {wall_time(found.starts_at, LONDON) for found in course.sessions} == {time(9)}


@time_machine.travel(london(2026, 9, 22, 12), tick=False)
def test_courses_a_break_moves_what_is_planned_and_leaves_what_was(maker: CourseMaker) -> None:
    course_id = maker.course(maker.patient(), date(2026, 9, 7), sessions=5)
    with maker.database.write() as session:
        course = session.get_one(Course, course_id)
        for found in course.sessions[:3]:
            maker.courses.mark(session, found, "attended", by="sam")
        moved = maker.courses.add_break(
            session, course, from_on=date(2026, 9, 21), until_on=date(2026, 10, 4), by="sam"
        )
        days = [wall_day(found.starts_at, LONDON) for found in course.sessions]
    assert moved == 2
    assert days == [date(2026, 9, 7), date(2026, 9, 14), date(2026, 9, 21), date(2026, 10, 5), date(2026, 10, 12)]


@time_machine.travel(london(2026, 9, 22, 12), tick=False)
def test_courses_removing_a_break_moves_nothing(maker: CourseMaker) -> None:
    course_id = maker.course(maker.patient(), date(2026, 9, 28), breaks=[(date(2026, 10, 5), date(2026, 10, 9))])
    with maker.database.write() as session:
        course = session.get_one(Course, course_id)
        before = [found.starts_at for found in course.sessions]
        maker.courses.remove_break(session, course.breaks[0], by="sam")
    with maker.database.read() as session:
        course = session.get_one(Course, course_id)
        assert course.breaks == [] and [found.starts_at for found in course.sessions] == before


@time_machine.travel(london(2026, 9, 22, 12), tick=False)
def test_courses_move_cancel_add_and_end(maker: CourseMaker) -> None:
    patient = maker.patient()
    course_id = maker.course(patient, date(2026, 9, 21), sessions=3)
    with maker.database.write() as session:
        course = session.get_one(Course, course_id)
        first, second, _third = course.sessions
        maker.courses.mark(session, first, "missed", by="sam")
        maker.courses.move(session, second, day=date(2026, 9, 30), clock=time(15, 30), by="sam")
        assert second.starts_at == london(2026, 9, 30, 15, 30)
        maker.courses.mark(session, second, "cancelled", by="sam")
        added = maker.courses.add_session(session, course, day=date(2026, 10, 12), clock=time(10), by="sam")
        assert added.number == 4
        maker.courses.end(session, course, by="sam")
        assert [found.status for found in course.sessions] == ["missed", "cancelled", "cancelled", "cancelled"]
        assert current_course(session, patient) is None
        assert session.get_one(Patient, patient).status == "finished"


def refused_second_course(maker, session, course):
    maker.begin(session, course.patient_id, date(2026, 10, 1))


def refused_move_of_the_past(maker, session, course):
    maker.courses.mark(session, course.sessions[0], "attended", by="sam")
    maker.courses.move(session, course.sessions[0], day=date(2026, 10, 1), clock=time(9), by="sam")


def refused_move_into_a_break(maker, session, course):
    maker.courses.add_break(session, course, from_on=date(2027, 3, 1), until_on=date(2027, 3, 5), by="sam")
    maker.courses.move(session, course.sessions[1], day=date(2027, 3, 2), clock=time(9), by="sam")


def refused_session_in_a_break(maker, session, course):
    maker.courses.add_break(session, course, from_on=date(2027, 3, 1), until_on=date(2027, 3, 5), by="sam")
    maker.courses.add_session(session, course, day=date(2027, 3, 2), clock=time(9), by="sam")


def refused_attended_before_it_was(maker, session, course):
    maker.courses.mark(session, course.sessions[2], "attended", by="sam")


def refused_unknown_word(maker, session, course):
    maker.courses.mark(session, course.sessions[0], "done", by="sam")


def refused_break_backwards(maker, session, course):
    maker.courses.add_break(session, course, from_on=date(2026, 12, 5), until_on=date(2026, 12, 1), by="sam")


def refused_break_without_end(maker, session, course):
    maker.courses.add_break(session, course, from_on=date(2026, 12, 5), until_on=date(2027, 12, 1), by="sam")


def refused_overlapping_breaks(maker, session, course):
    maker.courses.add_break(session, course, from_on=date(2026, 12, 1), until_on=date(2026, 12, 5), by="sam")
    maker.courses.add_break(session, course, from_on=date(2026, 12, 5), until_on=date(2026, 12, 9), by="sam")


def refused_change_after_the_end(maker, session, course):
    maker.courses.end(session, course, by="sam")
    maker.courses.add_session(session, course, day=date(2026, 12, 1), clock=time(9), by="sam")


def refused_wrong_year(maker, session, course):
    maker.courses.move(session, course.sessions[1], day=date(2206, 10, 1), clock=time(9), by="sam")


REFUSED = [value for name, value in list(globals().items()) if name.startswith("refused_")]


@pytest.mark.parametrize("change", REFUSED, ids=[change.__name__ for change in REFUSED])
@time_machine.travel(london(2026, 9, 22, 12), tick=False)
def test_courses_refuse_what_makes_no_sense(maker: CourseMaker, change) -> None:
    course_id = maker.course(maker.patient(), date(2026, 9, 21), sessions=4)
    with maker.database.write() as session, pytest.raises(CourseError, match=r"\.$"):
        change(maker, session, session.get_one(Course, course_id))
