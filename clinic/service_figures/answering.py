"""How many of the questionnaires that were due were filled in, by the week of the session."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.courses.due import due_every_session
from clinic.courses.models import Course, TherapySession
from clinic.patients.models import Patient
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.models import QuestionnaireResponse
from clinic.service_figures.periods import Period


@dataclass
class Answered:
    """Sessions of one week, and what was filled in for them, by questionnaire."""

    sessions: int = 0
    completed: dict[str, int] = field(default_factory=dict)
    # Begun, and not gone through to the end.
    unfinished: dict[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float | None:
        """Of all that were due, how many were filled in; None where nothing was due."""
        due = self.sessions * len(self.completed)
        return sum(self.completed.values()) / due if due else None


def answered(session: Session, period: Period, questionnaires: Questionnaires) -> dict[date, Answered]:
    """By week. Sessions that were cancelled have no questionnaire; who has not joined cannot be asked for one."""
    names = due_every_session(questionnaires)
    by_week = {week: Answered(0, dict.fromkeys(names, 0), dict.fromkeys(names, 0)) for week in period.weeks}
    held = (
        select(TherapySession.id, TherapySession.starts_at)
        .join(Course, Course.id == TherapySession.course_id)
        .join(Patient, Patient.id == Course.patient_id)
        .where(
            TherapySession.status != "cancelled",
            TherapySession.starts_at.between(period.since, period.until),
            Patient.joined_at.is_not(None),
        )
    )
    week_of = {row.id: period.week_of(row.starts_at) for row in session.execute(held)}
    for week in week_of.values():
        by_week[week].sessions += 1
    responses = session.execute(
        select(QuestionnaireResponse.session_id, QuestionnaireResponse.questionnaire, QuestionnaireResponse.status)
        .join(TherapySession, TherapySession.id == QuestionnaireResponse.session_id)
        .where(TherapySession.starts_at.between(period.since, period.until))
    )
    completed: set[tuple[int, str]] = set()
    begun: set[tuple[int, str]] = set()
    for session_id, questionnaire, status in responses:
        if session_id is not None and session_id in week_of and questionnaire in names:
            (completed if status == "completed" else begun).add((session_id, questionnaire))
    for session_id, questionnaire in completed:
        by_week[week_of[session_id]].completed[questionnaire] += 1
    for session_id, questionnaire in begun - completed:
        by_week[week_of[session_id]].unfinished[questionnaire] += 1
    return by_week
