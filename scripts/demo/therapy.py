"""Courses of therapy: weekly sessions, breaks, sessions that are missed or cancelled, endings and drop-outs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.audit.service import record
from clinic.courses.models import Course, TherapySession
from clinic.courses.reminding import remind
from clinic.courses.service import USUAL_SESSIONS, current_course
from clinic.courses.wall_clock import at_wall_clock, wall_day
from clinic.notes.reminding import remind_of_notes
from scripts.demo.forms import Forms
from scripts.demo.scores import ARCS, Scores
from scripts.demo.stage import Stage
from scripts.demo.waiting import Person, patient_of

THERAPISTS = ("quill", "marsh", "penny")
# A planned break comes after this many sessions, for whoever gets that far.
_BREAK_AFTER = 6
_MISSED = 0.06
_CANCELLED = 0.05


@dataclass(frozen=True)
class Plan:
    """When somebody's sessions are."""

    first: datetime
    # Planned sessions that are in the past, with the week of break in between.
    weeks: int
    break_week: int | None

    @property
    def begun_at(self) -> datetime:
        """When the course is entered."""
        return self.first - timedelta(days=12)


class Therapy:
    """Plans courses and plays their sessions."""

    def __init__(self, stage: Stage, accounts: dict[str, int]) -> None:
        self._stage = stage
        self._accounts = accounts
        self._forms = Forms(stage)
        self._zone = stage.services.settings.zone
        self._reminded: set[datetime] = set()

    def plan_of(self, person: Person) -> Plan:
        """So many sessions before now, at the person's own weekday and hour; those who have finished, weeks ago."""
        slot = self._next_slot(person)
        has_break = person.sessions > _BREAK_AFTER
        weeks = person.sessions + has_break
        ago = self._stage.random_of("ended", person.number).randint(1, 9) if person.stage == "finished" else 0
        day = wall_day(slot, self._zone) - timedelta(weeks=weeks + ago)
        first = at_wall_clock(day, slot.astimezone(self._zone).time().replace(tzinfo=None), self._zone)
        return Plan(first, weeks, _BREAK_AFTER if has_break else None)

    def plan(self, person: Person) -> Plan:
        """Puts the course, its sessions and what is filled in for them on the stage."""
        stage, plan = self._stage, self.plan_of(person)
        stage.at(plan.begun_at, lambda: self._begin(person, plan))
        scores = None
        if person.course in ARCS:
            scores = Scores(ARCS[person.course], stage.random_of("scores", person.number))
        number = 0
        # One session more than there were: what is due next may be filled in already.
        for week in range(plan.weeks + 1):
            if plan.break_week is not None and week == plan.break_week:
                continue
            number += 1
            starts_at = at_wall_clock(
                wall_day(plan.first, self._zone) + timedelta(weeks=week),
                plan.first.astimezone(self._zone).time().replace(tzinfo=None),
                self._zone,
            )
            if number <= USUAL_SESSIONS:
                self._session(person, scores, number, starts_at)
        if person.stage == "finished":
            last = plan.first + timedelta(weeks=plan.weeks - 1, hours=3)
            gone = timedelta(days=16) if person.course == "drop_out" else timedelta(0)
            stage.at(last + gone, lambda: self._end(person))
        return plan

    def _session(self, person: Person, scores: Scores | None, number: int, starts_at: datetime) -> None:
        stage, chance = self._stage, self._stage.random_of("session", person.number, number)
        fate = chance.random()
        is_first = number == 1
        status = "attended"
        if not is_first and fate < _MISSED:
            status = "missed"
        elif not is_first and fate < _MISSED + _CANCELLED:
            status = "cancelled"
        if person.course == "drop_out" and number > person.sessions - 1:
            status = "missed"
        if status == "cancelled":
            stage.at(starts_at - timedelta(hours=chance.randint(4, 40)), lambda: self._mark(person, number, status))
        else:
            stage.at(starts_at + timedelta(minutes=70), lambda: self._mark(person, number, status))
        self._plan_reminders(starts_at)
        if scores is None or status == "cancelled":
            return
        fills_in = ARCS[person.course].fills_in * (0.4 if status == "missed" else 1)
        if chance.random() < fills_in:
            place = (number - 1) / (USUAL_SESSIONS - 1)
            before = timedelta(minutes=chance.choice([25, 45, 90, 160, 400, 900, 960, 1000, 1300]))
            play = lambda: self._forms.fill_in(person, scores, number=number, place=place)  # noqa: E731
            stage.at(starts_at - before, play)

    def _plan_reminders(self, starts_at: datetime) -> None:
        """The jobs that run by the clock, at the hours at which they have something to do."""
        day = wall_day(starts_at, self._zone)
        for days, clock in ((1, time(18, 2)), (0, time(9, 2))):
            moment = at_wall_clock(day - timedelta(days=days), clock, self._zone)
            if moment not in self._reminded:
                self._reminded.add(moment)
                self._stage.at(moment, self._remind)

    def _remind(self) -> None:
        remind(self._stage.services)
        remind_of_notes(self._stage.services)

    def _begin(self, person: Person, plan: Plan) -> None:
        therapist = THERAPISTS[person.number % len(THERAPISTS)]
        breaks = []
        if plan.break_week is not None:
            monday = wall_day(plan.first, self._zone) + timedelta(weeks=plan.break_week)
            monday -= timedelta(days=monday.weekday())
            breaks = [(monday, monday + timedelta(days=6))]
        with self._stage.write() as session:
            patient = patient_of(session, person)
            patient.therapist_id = self._accounts[therapist]
            record(session, actor="clover", action="assign_therapist", entity="patient", entity_id=patient.id)
            self._stage.services.courses.begin(
                session,
                patient=patient,
                first_on=wall_day(plan.first, self._zone),
                clock=plan.first.astimezone(self._zone).time().replace(tzinfo=None),
                by=therapist,
                breaks=breaks,
            )

    def _mark(self, person: Person, number: int, status: str) -> None:
        with self._stage.write() as session:
            found = self._found(session, person, number)
            if found is not None:
                self._stage.services.courses.mark(
                    session, found, status, by=THERAPISTS[person.number % len(THERAPISTS)]
                )

    def _end(self, person: Person) -> None:
        with self._stage.write() as session:
            course = current_course(session, person.patient_id)
            if course is not None:
                self._stage.services.courses.end(session, course, by=THERAPISTS[person.number % len(THERAPISTS)])

    @staticmethod
    def _found(session: Session, person: Person, number: int) -> TherapySession | None:
        return session.scalar(
            select(TherapySession)
            .join(Course, Course.id == TherapySession.course_id)
            .where(Course.patient_id == person.patient_id, Course.ended_at.is_(None), TherapySession.number == number)
        )

    def _next_slot(self, person: Person) -> datetime:
        """The person's next weekly hour from now on."""
        now_there = self._stage.until.astimezone(self._zone)
        clock = time(9 + person.number * 3 % 8)
        day = now_there.date()
        while day.weekday() != person.number % 5 or at_wall_clock(day, clock, self._zone) <= self._stage.until:
            day += timedelta(days=1)
        return at_wall_clock(day, clock, self._zone)
