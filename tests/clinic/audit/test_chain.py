"""The audit trail: sealed as it is written, and whatever is done to it behind the service's back shows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from clinic.audit.chain import ChainReport, latest_look, verify_chain
from clinic.audit.job import note_look
from clinic.audit.models import AuditEvent, AuditHead
from clinic.audit.service import clear_before, record
from clinic.clock import now
from clinic.database import Database
from clinic.encryption import configure_encryption
from clinic.outbox.models import OutboxItem
from clinic.settings import Settings
from tests.clinic.conftest import Clinic


@pytest.fixture
def trail(database: Database, tmp_path: Path) -> Database:
    """Five events, in as many transactions."""
    configure_encryption(Settings(data_keys=[Fernet.generate_key().decode()], var_folder=tmp_path))  # type: ignore[list-item]
    for number in range(1, 6):
        view(database, f"p{number}")
    return database


def view(database: Database, patient_id: str, *, actor: str = "sam") -> None:
    with database.write() as session:
        record(session, actor=actor, action="view", entity="patient", entity_id=patient_id)


def look(database: Database, *, contains: str | None = None) -> ChainReport:
    with database.read() as session:
        return verify_chain(session, contains=contains)


def positions(database: Database) -> list[int | None]:
    with database.read() as session:
        return list(session.scalars(select(AuditEvent.position).order_by(AuditEvent.id)))


def test_chain_is_whole_as_the_service_writes_it(trail: Database) -> None:
    report = look(trail)
    assert (report.is_whole, report.events, report.unprotected, len(report.head)) == (True, 5, 0, 64)
    assert positions(trail) == [1, 2, 3, 4, 5]


def _forge(session: Session) -> None:
    session.execute(insert(AuditEvent).values(at=now(), actor="eve", action="view", entity="patient", entity_id="p9"))


def _cut_and_pretend(session: Session) -> None:
    """The end is deleted and the head set back, without the seal that only the service can make."""
    session.execute(delete(AuditEvent).where(AuditEvent.position > 3))
    session.execute(update(AuditHead).values(position=3))


def _swap(session: Session) -> None:
    session.execute(text("UPDATE audit_event SET position = -1 WHERE position = 2"))
    session.execute(text("UPDATE audit_event SET position = 2 WHERE position = 3"))
    session.execute(text("UPDATE audit_event SET position = 3 WHERE position = -1"))


def _clear_by_hand(session: Session) -> None:
    """As the retention period would leave it, but for the event that says so."""
    session.execute(delete(AuditEvent).where(AuditEvent.position <= 2))
    seal = session.scalar(text("SELECT seal FROM audit_event WHERE position = 3"))
    session.execute(update(AuditHead).values(cleared_position=2, cleared_seal=seal))


@pytest.mark.parametrize(
    "tamper",
    [
        lambda session: session.execute(update(AuditEvent).where(AuditEvent.position == 2).values(actor="eve")),
        lambda session: session.execute(update(AuditEvent).where(AuditEvent.position == 2).values(action="read")),
        lambda session: session.execute(update(AuditEvent).where(AuditEvent.position == 2).values(entity_id="p9")),
        lambda session: session.execute(
            update(AuditEvent).where(AuditEvent.position == 2).values(at=now() - timedelta(days=1))
        ),
        lambda session: session.execute(update(AuditEvent).where(AuditEvent.position == 2).values(mark="0" * 64)),
        lambda session: session.execute(delete(AuditEvent).where(AuditEvent.position == 3)),
        lambda session: session.execute(delete(AuditEvent).where(AuditEvent.position == 1)),
        lambda session: session.execute(delete(AuditEvent).where(AuditEvent.position == 5)),
        lambda session: session.execute(delete(AuditEvent)),
        _forge,
        _cut_and_pretend,
        _swap,
        _clear_by_hand,
    ],
)
def test_chain_shows_tampering(trail: Database, tamper: Callable[[Session], object]) -> None:
    with trail.write() as session:
        tamper(session)
    report = look(trail)
    assert not report.is_whole and report.problems
    view(trail, "p6")
    assert not look(trail).is_whole, "going on does not heal it"


def test_chain_made_anew_without_the_key_shows(trail: Database, tmp_path: Path) -> None:
    """Whoever has the database and not the key cannot write another history."""
    other = Settings(data_keys=[Fernet.generate_key().decode()], var_folder=tmp_path)  # type: ignore[list-item]
    configure_encryption(other)
    report = look(trail)
    assert report.problem_count >= 5


def test_chain_cut_with_an_older_end_shows_against_a_seal_noted_earlier(trail: Database) -> None:
    """The one thing that the database alone cannot show: an older state of all of it, brought back."""
    with trail.read() as session:
        older = session.scalar(select(AuditEvent.seal).where(AuditEvent.position == 3))
    noted = look(trail).head
    with trail.write() as session:
        session.execute(delete(AuditEvent).where(AuditEvent.position > 3))
        session.execute(update(AuditHead).values(position=3, seal=older))
    assert look(trail).is_whole
    assert not look(trail, contains=noted).is_whole


def test_chain_transactions_that_are_undone_leave_no_gap(trail: Database) -> None:
    with pytest.raises(RuntimeError), trail.write() as session:
        record(session, actor="sam", action="view", entity="patient", entity_id="x")
        raise RuntimeError
    with trail.write() as session:
        record(session, actor="sam", action="begin", entity="course", entity_id="1")
        with pytest.raises(RuntimeError), session.begin_nested():
            record(session, actor="sam", action="move", entity="course", entity_id="1")
            raise RuntimeError
        record(session, actor="sam", action="end", entity="course", entity_id="1")
    assert look(trail).is_whole and positions(trail) == [1, 2, 3, 4, 5, 6, 7]


def test_chain_many_writers_at_once_make_one_chain(trail: Database) -> None:
    """In transactions that change other rows before and after, in opposite orders: nobody waits for ever."""
    begin = threading.Barrier(6)
    failed: list[BaseException] = []

    def write(number: int) -> None:
        begin.wait()
        try:
            for turn in range(5):
                with trail.write() as session:
                    record(session, actor=f"s{number}", action="view", entity="patient", entity_id=turn)
                    session.flush()
                    for key in ("1", "2") if number % 2 else ("2", "1"):
                        session.add(OutboxItem(channel=key, payload={}, created_at=now(), due_at=now()))
                        session.flush()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    report = look(trail)
    assert report.is_whole, report.problems
    assert report.events == 5 + 30


def test_chain_cleared_by_the_retention_period_is_whole_and_says_so(trail: Database) -> None:
    with trail.read() as session:
        limit = session.scalars(select(AuditEvent.at).where(AuditEvent.position == 3)).one()
    with trail.write() as session:
        clear_before(session, limit)
    assert positions(trail) == [3, 4, 5, 6] and look(trail).is_whole
    view(trail, "p7")
    with trail.write() as session:
        clear_before(session, now() + timedelta(days=1))
    assert positions(trail) == [8] and look(trail).is_whole
    with trail.write() as session:
        session.execute(update(AuditHead).values(cleared_seal="0" * 64))
    assert not look(trail).is_whole


async def test_chain_broken_is_told_once_a_day_and_noted(clinic: Clinic) -> None:
    database = clinic.services.database
    view(database, "p1")
    with database.write() as session:
        session.execute(update(AuditEvent).values(actor="eve"))
    for _ in range(2):
        note_look(clinic.services, look(database))
    with database.read() as session:
        told = [i for i in session.scalars(select(OutboxItem)) if (i.payload or {}).get("trouble") == "audit_broken"]
        latest = latest_look(session)
    assert len(told) == len(clinic.services.addresses.every_channel())
    assert latest.problems == 1 and latest.verified_at is not None
