"""A person's scores over the sessions of a course; a session without a score is there too, as one without a score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from clinic.conversations.models import Conversation
from clinic.courses.models import Course, TherapySession
from clinic.courses.service import courses_of
from clinic.questionnaires.change import ChangeRule, CourseChange, Scores, counted, course_change
from clinic.questionnaires.definitions import Questionnaire, Questionnaires
from clinic.questionnaires.models import QuestionnaireResponse
from clinic.questionnaires.service import current_answers


@dataclass(frozen=True)
class Filled:
    """One filling-in of one questionnaire. `total` is None while any answer is missing: there is no score then."""

    response: QuestionnaireResponse
    answers: dict[int, int]
    total: int | None
    at: datetime

    @classmethod
    def of(cls, response: QuestionnaireResponse) -> Filled:
        """The response as it stands now."""
        at = response.completed_at or response.started_at
        return cls(response, current_answers(response), response.total, at)


@dataclass(frozen=True)
class Occasion:
    """One session, or one time between sessions at which something was filled in."""

    therapy_session: TherapySession | None
    at: datetime
    filled: dict[str, Filled] = field(default_factory=dict)

    @property
    def number(self) -> int | None:
        """The session's number, from 1; None between sessions."""
        return self.therapy_session.number if self.therapy_session is not None else None

    @property
    def is_cancelled(self) -> bool:
        """Whether nothing is expected, because the session does not take place."""
        return self.therapy_session is not None and self.therapy_session.status == "cancelled"

    def total(self, questionnaire_id: str) -> int | None:
        """The score, if every question was answered."""
        found = self.filled.get(questionnaire_id)
        return found.total if found is not None else None

    def is_missing(self, questionnaire_id: str, moment: datetime) -> bool:
        """Whether a score should be there and is not."""
        if self.total(questionnaire_id) is not None or self.is_cancelled:
            return False
        return self.therapy_session is not None and self.at <= moment


@dataclass(frozen=True)
class Progress:
    """Everything that was filled in during a course (or without one), in the order of time."""

    course: Course | None
    questionnaires: list[Questionnaire]
    occasions: list[Occasion]
    # Filled in with words of another version, or a questionnaire that the clinic has no more: not comparable.
    not_comparable: int
    rule: ChangeRule

    def with_total(self, questionnaire_id: str) -> list[Occasion]:
        """The occasions that have a score of this questionnaire."""
        return [one for one in self.occasions if one.total(questionnaire_id) is not None]

    def scores(self) -> dict[str, Scores]:
        """First and last total of each questionnaire that was filled in at least twice."""
        found = {}
        for questionnaire in self.questionnaires:
            totals = [one.filled[questionnaire.id].total for one in self.with_total(questionnaire.id)]
            if len(totals) > 1 and totals[0] is not None and totals[-1] is not None:
                found[questionnaire.id] = Scores(totals[0], totals[-1])
        return found

    def change(self) -> CourseChange | None:
        """Reliable change and recovery; None while a first or a last score is missing."""
        return course_change(self.questionnaires, self.scores(), rule=self.rule)

    def past(self, moment: datetime) -> list[Occasion]:
        """What has been, and what was filled in for a session that is still to come."""
        return [one for one in self.occasions if one.at <= moment or one.filled]


def progress_of(
    session: Session,
    patient_id: str,
    questionnaires: Questionnaires,
    *,
    course: Course | None = None,
    rule: ChangeRule = "none_against",
) -> Progress:
    """The progress of a course; without one, of the latest course, or of everything where there never was any."""
    courses = courses_of(session, patient_id)
    if course is None and courses:
        course = courses[-1]
    known = {one.id: one for one in questionnaires}
    responses = _responses(session, patient_id)
    usable = [
        one for one in responses if one.questionnaire in known and known[one.questionnaire].version == one.version
    ]
    belongs = _own(course, courses)
    occasions = [Occasion(found, found.starts_at) for found in course.sessions] if course is not None else []
    by_session = {one.therapy_session.id: one for one in occasions if one.therapy_session is not None}
    loose: list[Occasion] = []
    for response in usable:
        filled = Filled.of(response)
        if response.session_id is not None:
            if response.session_id in by_session:
                _keep(by_session[response.session_id], filled)
        elif belongs(filled.at) and filled.answers:
            _put(loose, filled)
    everything = sorted([*occasions, *loose], key=lambda one: one.at)
    shown = [known[name] for name in _order(everything, questionnaires)]
    return Progress(course, shown, everything, len(responses) - len(usable), rule)


def _responses(session: Session, patient_id: str) -> Sequence[QuestionnaireResponse]:
    """Of the person's own conversations too: what was filled in before the clinic knew who it was."""
    return session.scalars(
        select(QuestionnaireResponse)
        .options(selectinload(QuestionnaireResponse.answers))
        .join(Conversation, Conversation.id == QuestionnaireResponse.conversation_id)
        .where(or_(QuestionnaireResponse.patient_id == patient_id, Conversation.patient_id == patient_id))
        .order_by(QuestionnaireResponse.id)
    ).all()


class _Own:
    """Whether a moment belongs to a course: after the one before it ended, and before it ended itself."""

    def __init__(self, after: datetime | None, until: datetime | None) -> None:
        self._after, self._until = after, until

    def __call__(self, at: datetime) -> bool:
        return (self._after is None or at > self._after) and (self._until is None or at <= self._until)


def _own(course: Course | None, courses: Sequence[Course]) -> _Own:
    if course is None:
        return _Own(None, None)
    earlier = [one.ended_at for one in courses if one.id < course.id and one.ended_at is not None]
    later = any(one.id > course.id for one in courses)
    return _Own(max(earlier, default=None), course.ended_at if later else None)


def _keep(occasion: Occasion, filled: Filled) -> None:
    """Of several for one session, the last complete one counts; while none is complete, the fullest."""
    name = filled.response.questionnaire
    before = occasion.filled.get(name)
    if before is None or _rank(filled) >= _rank(before):
        occasion.filled[name] = filled


def _rank(filled: Filled) -> tuple[bool, int]:
    return filled.total is not None, len(filled.answers) if filled.total is None else 0


def _put(loose: list[Occasion], filled: Filled) -> None:
    """Questionnaires filled in one after the other, on one day, stand together."""
    name = filled.response.questionnaire
    latest = loose[-1] if loose else None
    if latest is not None and latest.at.date() == filled.at.date() and name not in latest.filled:
        latest.filled[name] = filled
    else:
        loose.append(Occasion(None, filled.at, {name: filled}))


def _order(occasions: Iterable[Occasion], questionnaires: Questionnaires) -> list[str]:
    """Those that count for change always, others when they were filled in; in the clinic's order."""
    seen = {name for one in occasions for name in one.filled}
    always = {one.id for one in counted(questionnaires)}
    names = [one.id for one in questionnaires if one.id in seen or one.id in always]
    # The one that is asked first stands first.
    followers = {one.next for one in questionnaires}
    return sorted(names, key=lambda name: name in followers)
