"""The door, killed by SIGKILL before and after every commit and every send: nothing is lost, and what is double is harmless.

One story is told again and again: a patient writes, a risky message among it, asks for help, is looked after by staff who
then leave them alone, and the clock moves on. Each time the process dies at another step and is started again; the
patient's device and the clinician try again, as they would. A few steps in every run; `FAULTS=all` kills at every passing
of every step, and `FAULT_COUNTS` names a file for the table (docs/measurements/faults.md).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, text

from clinic.database import Base, Database
from clinic.encryption import configure_encryption
from clinic.settings import Settings
from tests.faults.counts import Counts
from tests.faults.plan import Plan, free_port
from tests.faults.service import Service
from tests.faults.story import Story, check

pytestmark = [pytest.mark.system, pytest.mark.timeout(4 * 60 * 60)]
Step = tuple[str, int]
ALL = os.environ.get("FAULTS") == "all"
# In every run: the risky message being stored, its reply, its alert being claimed, sent and noted, climbing, left alone.
SAMPLE = {
    "sqlite": (
        ("before commit: conversations.door._store_and_escalate", 2),
        ("after commit: conversations.door._store_and_escalate", 2),
        ("after send: alert:1", 1),
        ("after commit: escalations.left_alone.look_after_left_alone", 1),
    ),
    "postgresql": (
        ("before commit: conversations.door._conclude", 2),
        ("after commit: outbox.relay.run_once", 2),
        ("before send: alert:1", 1),
        ("before commit: escalations.climbing.climb", 1),
    ),
}


@dataclass
class Teller:
    """Tells the story on an empty database, with a process that dies at the given step."""

    backend: str
    folder: Path
    template: Path | None
    url: str
    told: int = 0

    def tell(self, kill_at: Step | None) -> Story:
        """The story when it is over, with the process that was in it."""
        own = self.folder / str(self.told)
        own.mkdir()
        self.told += 1
        url = self.url
        if self.template is not None:
            (own / "interlude.db").write_bytes(self.template.read_bytes())
            url = f"sqlite:///{own / 'interlude.db'}"
        else:
            _empty(url)
        # The same key for all: encryption is configured once for this process, too.
        (own / "data.key").write_bytes((self.folder / "data.key").read_bytes())
        configure_encryption(Settings(_env_file=None, var_folder=own, database_url=url))
        service = Service(Plan(folder=own, database_url=url, port=free_port(), kill_at=kill_at))
        story = Story(service, Database(url))
        try:
            story.tell()
        except AssertionError as error:
            raise AssertionError(f"killed at {kill_at}: {error}") from error
        finally:
            service.stop()
        return story


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def teller(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teller]:
    folder = tmp_path_factory.mktemp("killed")
    (folder / "data.key").write_bytes(Fernet.generate_key())
    template = request.getfixturevalue("migrated_sqlite") if request.param == "sqlite" else None
    url = request.getfixturevalue("migrated_postgres") if request.param == "postgresql" else ""
    yield Teller(request.param, folder, template, url)


@pytest.mark.skipif(ALL, reason="FAULTS=all kills at these steps too")
def test_killed_at_a_few_steps_nothing_is_lost(teller: Teller, counts: Counts) -> None:
    for step in SAMPLE[teller.backend]:
        _killed_at(step, teller, counts)
    _is_well(counts, teller.backend, at_least=len(SAMPLE[teller.backend]))


@pytest.mark.skipif(not ALL, reason="an hour: FAULTS=all (docs/testing.md)")
def test_killed_at_every_step_nothing_is_lost(teller: Teller, counts: Counts) -> None:
    whole = teller.tell(None)
    check(whole, counts.of(f"killed, {teller.backend}"))
    assert whole.service.kills == 0
    # The first passing of every step first: a run that is cut short has seen each kind.
    steps = sorted(dict.fromkeys(whole.service.plan.steps_passed()), key=lambda step: step[1])
    counts.of(f"killed, {teller.backend}")["steps there are"] = len(steps)
    for step in steps:
        _killed_at(step, teller, counts)
        counts.write()
    _is_well(counts, teller.backend, at_least=60)


def _killed_at(step: Step, teller: Teller, counts: Counts) -> None:
    count, story = counts.of(f"killed, {teller.backend}"), teller.tell(step)
    count["steps killed"] += story.service.kills
    # What the clock alone brings about may come in another order; then the step was not reached this time.
    count["steps not reached"] += not story.service.kills
    check(story, count)
    story.database.dispose()


def _is_well(counts: Counts, backend: str, *, at_least: int) -> None:
    count = counts.of(f"killed, {backend}")
    assert count["messages lost"] == count["escalations lost"] == count["alerts lost"] == 0, count
    assert count["steps killed"] >= at_least, count


def _empty(url: str) -> None:
    engine = create_engine(url)
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    engine.dispose()
