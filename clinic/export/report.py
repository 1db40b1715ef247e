"""CSV for the service's own reporting: one row a response, and one row a course with its change."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.courses.models import Course
from clinic.courses.progress import progress_of
from clinic.export.responses import Exported
from clinic.patients.models import Patient
from clinic.questionnaires.change import ChangeRule, counted, is_case
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.service import current_answers

# A spreadsheet runs what begins like this.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def score_rows(exported: Iterable[Exported], questionnaires: Questionnaires) -> Iterator[list[str]]:
    """A heading, then a row for each response, without names."""
    most = max((len(one.items) for one in questionnaires), default=0)
    yield [
        "patient", "session", "session_starts_at", "session_status", "questionnaire", "version", "status",
        "started_at", "completed_at", "total", "is_case", *(f"item_{number}" for number in range(1, most + 1)),
    ]  # fmt: skip
    for one in exported:
        response, found = one.response, one.therapy_session
        answers = current_answers(response)
        case = is_case(one.questionnaire, response.total) if response.total is not None else None
        yield [
            _key(one.patient),
            _text(found.number if found is not None else None),
            _text(found.starts_at.isoformat() if found is not None else None),
            _text(found.status if found is not None else None),
            response.questionnaire,
            response.version,
            response.status,
            response.started_at.isoformat(timespec="seconds"),
            _text(response.completed_at.isoformat(timespec="seconds") if response.completed_at else None),
            _text(response.total),
            _yes(case),
            *(_text(answers.get(number)) for number in range(1, most + 1)),
        ]


def course_rows(session: Session, questionnaires: Questionnaires, *, rule: ChangeRule) -> Iterator[list[str]]:
    """A heading, then a row for each course: sessions, first and last scores, change and recovery."""
    names = counted(questionnaires)
    yield [
        "patient", "course",
        "sessions_attended", "sessions_missed", "sessions_cancelled", "sessions_planned", "ended_at",
        *(f"{one.id}_{what}" for one in names for what in ("scores", "first", "last")),
        "was_case", "is_case", "reliable_improvement", "reliable_deterioration", "recovery", "reliable_recovery",
    ]  # fmt: skip
    for course, patient in session.execute(
        select(Course, Patient).join(Patient, Patient.id == Course.patient_id).order_by(Course.id)
    ).all():
        progress = progress_of(session, patient.id, questionnaires, course=course, rule=rule)
        change, scores = progress.change(), progress.scores()
        statuses = [one.status for one in course.sessions]
        yield [
            _key(patient),
            str(course.id),
            *(str(statuses.count(status)) for status in ("attended", "missed", "cancelled", "planned")),
            _text(course.ended_at.isoformat(timespec="seconds") if course.ended_at else None),
            *(
                value
                for one in names
                for value in (
                    str(len(progress.with_total(one.id))),
                    _text(scores[one.id].first if one.id in scores else None),
                    _text(scores[one.id].last if one.id in scores else None),
                )
            ),
            *(
                _yes(value)
                for value in (
                    (None,) * 6
                    if change is None
                    else (
                        change.was_case,
                        change.is_case,
                        change.is_reliable_improvement,
                        change.is_reliable_deterioration,
                        change.is_recovery,
                        change.is_reliable_recovery,
                    )
                )
            ),
        ]


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The rows as CSV, line by line. What a spreadsheet would run is made text."""
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
        yield line.getvalue()


def _key(patient: Patient) -> str:
    """The clinic's own number for the person, else ours."""
    return patient.reference or patient.id


def _text(value: object | None) -> str:
    return "" if value is None else str(value)


def _yes(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"
