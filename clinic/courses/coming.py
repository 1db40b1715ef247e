"""The sessions that are about to come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from clinic.courses.models import Course, TherapySession
from clinic.courses.reminders import LOOK_AHEAD
from clinic.courses.service import is_in_break
from clinic.courses.wall_clock import wall_day


def coming_sessions(session: Session, moment: datetime) -> Sequence[int]:
    """The ids of planned sessions that may have a reminder due, soonest first."""
    return session.scalars(
        select(TherapySession.id)
        .join(Course, Course.id == TherapySession.course_id)
        .where(
            TherapySession.status == "planned",
            TherapySession.starts_at > moment,
            TherapySession.starts_at <= moment + LOOK_AHEAD,
            Course.ended_at.is_(None),
        )
        .order_by(TherapySession.starts_at)
    ).all()


def next_sessions(session: Session, patient_ids: Sequence[str], moment: datetime) -> dict[str, TherapySession]:
    """By patient, the session that comes next in the course that goes on; one query for all of them."""
    ahead = (
        Course.ended_at.is_(None),
        Course.patient_id.in_(patient_ids),
        TherapySession.status == "planned",
        TherapySession.starts_at > moment,
    )
    soonest = (
        select(Course.patient_id, func.min(TherapySession.starts_at).label("starts_at"))
        .join(TherapySession, TherapySession.course_id == Course.id)
        .where(*ahead)
        .group_by(Course.patient_id)
        .subquery()
    )
    rows = session.execute(
        select(Course.patient_id, TherapySession)
        .join(TherapySession, TherapySession.course_id == Course.id)
        .join(
            soonest,
            and_(soonest.c.patient_id == Course.patient_id, soonest.c.starts_at == TherapySession.starts_at),
        )
        .where(*ahead)
    )
    return {patient_id: found for patient_id, found in rows}


def is_expected(found: TherapySession, moment: datetime, zone: ZoneInfo) -> bool:
    """Whether the session will take place as far as is known, and today is no day of a break."""
    if found.status != "planned" or found.course.ended_at is not None:
        return False
    return not any(is_in_break(found.course, day) for day in (wall_day(found.starts_at, zone), wall_day(moment, zone)))
