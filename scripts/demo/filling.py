"""Fills an empty database with the made-up clinic."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import event, func, select

from clinic.clock import now
from clinic.conversations.models import Conversation
from clinic.escalations.models import Escalation
from clinic.journey.job import look_at_journeys
from clinic.operations.watching import watch
from clinic.patients.models import Patient
from clinic.services import Services
from clinic.staff.models import StaffAccount
from risk import Detector
from scripts.demo.staff import Staff
from scripts.demo.stage import Stage, load
from scripts.demo.talking import Talking
from scripts.demo.therapy import Therapy
from scripts.demo.today import Today
from scripts.demo.waiting import Person, Waiting

SEED = 16
_JOURNEYS_EVERY = timedelta(days=9)


class NotEmpty(RuntimeError):
    """There is somebody in this database already; the message says what to do."""


@dataclass(frozen=True)
class Filled:
    """What is in it now."""

    patients: int
    conversations: int
    escalations: int
    username: str
    password: str


def fill(services: Services, detector: Detector, *, seed: int = SEED, only: Collection[str] = ()) -> Filled:
    """Plays the whole story up to now. The same seed at the same moment makes the same clinic.

    Args:
        only: the given names of those who play; everybody where none is named.

    Raises:
        NotEmpty: the database holds people already; nothing was changed.
    """
    _must_be_empty(services)
    _make_haste(services)
    stage = Stage(services, detector, seed=seed, until=now())
    staff = Staff(stage)
    with services.database.write() as session:
        accounts, password = staff.make_accounts(session)
    cast = [Person(number, *row) for number, row in enumerate(load("cast.yml")["people"])]
    people = [person for person in cast if not only or person.given in only]
    talking = Talking(stage, staff)
    earliest = _plan_people(stage, people, Waiting(stage), Therapy(stage, accounts), talking)
    Today(stage, staff, talking, {person.given: person for person in people}).plan()
    _plan_jobs(stage, earliest)
    stage.after_words = staff.look
    stage.run()
    stage.carry()
    # The signs of life that a running service leaves, so that nobody reads that nobody is watching.
    services.relay.run_once()
    watch(services)
    stage.carry()
    return Filled(*_counts(services), username="wren", password=password)


def _must_be_empty(services: Services) -> None:
    with services.database.read() as session:
        for model in (Patient, Conversation, StaffAccount):
            if session.scalar(select(model).limit(1)) is not None:
                raise NotEmpty(
                    "This database is not empty, and made-up people must not be mixed with real ones. "
                    "Nothing was changed. Name an empty one, or leave the name out: make demo has its own in var/demo."
                )


def _make_haste(services: Services) -> None:
    """A file that was made up need not survive a power cut while it is being made."""
    if services.database.engine.dialect.name == "sqlite":
        event.listen(
            services.database.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF")
        )
        services.database.engine.dispose()


def _plan_people(stage: Stage, people: list[Person], waiting: Waiting, therapy: Therapy, talking: Talking) -> datetime:
    """Returns when the first of them joined."""
    earliest = stage.until
    for person in people:
        chance = stage.random_of("joins", person.number)
        joins_at = stage.until - timedelta(days=chance.randint(8, 60), hours=chance.randint(1, 9))
        if person.stage in ("in_therapy", "finished"):
            plan = therapy.plan(person)
            joins_at = plan.begun_at - timedelta(days=chance.randint(6, 50), hours=chance.randint(1, 9))
        elif person.stage in ("listed", "invited"):
            joins_at = stage.until
        waiting.plan(person, joins_at=joins_at)
        if person.has_joined:
            earliest = min(earliest, joins_at)
            if person.stage != "withdrawn":
                talking.plan(person, from_at=joins_at + timedelta(hours=1))
    return earliest


def _plan_jobs(stage: Stage, earliest: datetime) -> None:
    """What runs by the clock, as seldom as does for a story."""
    moment = earliest.replace(hour=11, minute=3)
    while moment < stage.until:
        stage.at(moment, lambda: look_at_journeys(stage.services))
        moment += _JOURNEYS_EVERY
    day = earliest.replace(hour=23, minute=59)
    while day < stage.until:
        stage.at(day, stage.carry)
        day += timedelta(days=1)


def _counts(services: Services) -> tuple[int, int, int]:
    with services.database.read() as session:
        found = [session.scalar(select(func.count()).select_from(m)) or 0 for m in (Patient, Conversation, Escalation)]
    return found[0], found[1], found[2]
