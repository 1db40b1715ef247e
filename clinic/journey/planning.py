"""What is due to a person now, from what the database says about them. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.content.service_texts import Spoken
from clinic.conversations.replies import Reply
from clinic.courses.models import Course, TherapySession
from clinic.courses.service import is_in_break
from clinic.courses.wall_clock import in_words, wall_day
from clinic.crisis.contacts import Contacts
from clinic.journey.clinic_facts import ClinicFacts
from clinic.journey.messages import JourneyTexts
from clinic.patients.models import Patient

# What was missed for longer (the service stood still, a number was wrong) is not made up for: it would be out of place.
_NOT_LATER_THAN = timedelta(days=6)
_AFTER_NOT_LATER_THAN_DAYS = 21
# One message a day at most, whatever is due.
QUIET_BETWEEN = timedelta(hours=20)


@dataclass(frozen=True)
class Due:
    """One message, and the occasion by which it is known to have been said."""

    occasion: str
    reply: Reply


@dataclass(frozen=True)
class Standing:
    """What is known about one person. `sent`: by occasion, when it was said."""

    patient: Patient
    course: Course | None
    sent: Mapping[str, datetime]


class Planner:
    """The rules of data/journey."""

    def __init__(
        self,
        *,
        texts: JourneyTexts,
        facts: ClinicFacts,
        answers: Mapping[str, Reply],
        contacts: Contacts,
        zone: ZoneInfo,
    ) -> None:
        self.texts = texts
        self._facts = facts
        self._answers = answers
        self._contacts = contacts
        self._zone = zone

    def due(self, standing: Standing, moment: datetime) -> Due | None:
        """The one message that should go out now, the most pressing first."""
        if standing.sent and moment - max(standing.sent.values()) < QUIET_BETWEEN:
            return None
        today = wall_day(moment, self._zone)
        course = standing.course
        if course is not None and is_in_break(course, today):
            return None
        for due in self._all(standing, moment, today):
            if due.occasion not in standing.sent:
                return due
        return None

    def _all(self, standing: Standing, moment: datetime, today: date) -> Iterator[Due]:
        patient, course = standing.patient, standing.course
        if course is not None and course.ended_at is None:
            yield from self._first_session(patient, course, moment, today)
            yield from self._break(patient, course, today)
            if patient.wants_weekly_topic:
                yield from self._stage(course, moment)
        is_over = patient.status == "finished" or (course is not None and course.ended_at is not None)
        if is_over and course is not None:
            yield from self._after(patient, course, today)
        elif patient.status == "waiting" and not _has_begun(course, moment):
            yield from self._waiting(standing, today)

    def _first_session(self, patient: Patient, course: Course, moment: datetime, today: date) -> Iterator[Due]:
        first = next((session for session in course.sessions if session.number == 1), None)
        if first is None or first.status != "planned" or first.starts_at <= moment:
            return
        texts = self.texts.first_session
        day = wall_day(first.starts_at, self._zone)
        # A date that was moved is told anew.
        yield self._say(
            f"course:{course.id}:first:{day}", texts.date_set, patient, when=in_words(first.starts_at, self._zone)
        )
        if patient.wants_weekly_topic:
            for before in texts.topics:
                if (day - today).days == before.days_before:
                    yield self._topic(f"course:{course.id}:before:{before.topic}", before.topic)

    def _break(self, patient: Patient, course: Course, today: date) -> Iterator[Due]:
        texts = self.texts.break_
        for pause in course.breaks:
            if 0 < (pause.from_on - today).days <= texts.days_before:
                occasion = f"course:{course.id}:break:{pause.from_on}"
                yield self._say(
                    occasion, texts.text, patient, from_day=_day(pause.from_on), until_day=_day(pause.until_on)
                )
                if patient.wants_weekly_topic:
                    yield self._topic(f"{occasion}:topic", texts.topic)

    def _stage(self, course: Course, moment: datetime) -> Iterator[Due]:
        held = [session for session in course.sessions if _was_held(session, moment)]
        if not held:
            return
        last = max(held, key=lambda session: session.starts_at)
        is_next_day = wall_day(last.starts_at, self._zone) < wall_day(moment, self._zone)
        if not is_next_day or moment - last.starts_at > _NOT_LATER_THAN:
            return
        # The number of a session counts, not how many were held: the stage is that of the agreed sixteen.
        for after in self.texts.sessions:
            if after.after_session == last.number:
                yield self._topic(f"course:{course.id}:session:{last.number}", after.topic)

    def _waiting(self, standing: Standing, today: date) -> Iterator[Due]:
        patient = standing.patient
        if patient.joined_at is None:
            return
        days = (today - wall_day(patient.joined_at, self._zone)).days
        for text in self.texts.waiting.first:
            if days >= text.after_days:
                yield self._say(f"waiting:{text.id}", text, patient)
        rhythm = self._facts.in_touch_every_days
        turn = days // rhythm
        if turn >= 1:
            texts = self.texts.waiting.in_touch
            yield self._say(f"in_touch:{turn}", texts[(turn - 1) % len(texts)], patient)
        if patient.wants_weekly_topic:
            yield from self._weekly_topic(standing, today)

    def _weekly_topic(self, standing: Standing, today: date) -> Iterator[Due]:
        said = {name: at for name, at in standing.sent.items() if name.startswith("topic:")}
        if said:
            since = today - wall_day(max(said.values()), self._zone)
            if since.days < self.texts.topics.every_days:
                return
        following = next((topic for topic in self.texts.topics.order if f"topic:{topic}" not in said), None)
        if following is not None:
            yield self._topic(f"topic:{following}", following)

    def _after(self, patient: Patient, course: Course, today: date) -> Iterator[Due]:
        if course.ended_at is None:
            return
        days = (today - wall_day(course.ended_at, self._zone)).days
        for text in self.texts.after:
            if text.after_days <= days <= _AFTER_NOT_LATER_THAN_DAYS:
                yield self._say(f"course:{course.id}:after:{text.id}", text, patient)

    def _say(self, occasion: str, text: Spoken, patient: Patient, **values: object) -> Due:
        spoken = text.reply(
            details=None,
            name=patient.given_name,
            likely_wait=self._facts.likely_wait,
            progress=self._facts.progress,
            first_appointment=self._facts.first_appointment,
            numbers=self._contacts.main_lines,
            **values,
        )
        return Due(occasion, spoken)

    def _topic(self, occasion: str, topic: str) -> Due:
        return Due(occasion, self._answers[topic])


def _has_begun(course: Course | None, moment: datetime) -> bool:
    return course is not None and any(_was_held(session, moment) for session in course.sessions)


def _was_held(session: TherapySession, moment: datetime) -> bool:
    return session.starts_at < moment and session.status in ("planned", "attended")


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"
