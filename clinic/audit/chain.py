"""The chain of the audit trail: each event is sealed over itself and the seal before it, so that tampering shows.

A seal is a keyed hash (HMAC under DATA_KEYS): who can write to the database and does not have the key can make none. It
covers a keyed hash of the record's id, not the id, so that an erasure may take the id away. Events are sealed when
their transaction ends, last of all: until it commits, whoever else writes an event waits, and nobody who waits there
holds up anything that the one in front still needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import event, func, inspect, select, text
from sqlalchemy.orm import Session

from clinic.audit.models import AuditEvent, AuditHead
from clinic.encryption import blind_index

CLEARED = "clear_audit"
_NEW = "audit_events_to_seal"
_HEAD = 1
_MOST_PROBLEMS = 20


@dataclass(frozen=True)
class Look:
    """The last look at the whole chain: when (None: none yet), and how many problems it found."""

    verified_at: datetime | None
    problems: int | None


@dataclass
class ChainReport:
    """What a look at the whole chain found."""

    events: int = 0
    # Written before there was a chain: nothing protects them.
    unprotected: int = 0
    head: str = ""
    # How many there are, and the first of them in words.
    problem_count: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was changed, added or taken away behind the service's back."""
        return self.problem_count == 0

    def add(self, problem: str) -> None:
        """Counts a problem, and keeps it while there are few."""
        self.problem_count += 1
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(problem)


def seal_at_commit(session: Session, new: AuditEvent) -> None:
    """Lets an event be sealed when the transaction that it belongs to commits."""
    session.info.setdefault(_NEW, []).append(new)


@event.listens_for(Session, "before_commit")
def _seal(session: Session) -> None:
    # A savepoint's end is not the transaction's.
    if session.in_nested_transaction() or _NEW not in session.info:
        return
    session.flush()
    # What a savepoint took back is in no table.
    new = [one for one in session.info.pop(_NEW) if inspect(one).persistent]
    if not new:
        return
    head = end_of_chain(session)
    for one in new:
        one.position = head.position + 1
        one.mark = _mark(one)
        one.seal = _seal_of(one, head.seal)
        head.position, head.seal = one.position, one.seal


def end_of_chain(session: Session) -> AuditHead:
    """The end of the chain, for whoever is about to change it; others wait."""
    head = session.get(AuditHead, _HEAD, with_for_update=True, populate_existing=True)
    if head is not None:
        return head
    # The first two events of a database may come at the same moment: one row all the same, and neither of them fails.
    session.execute(
        text(
            "INSERT INTO audit_head (id, position, seal, cleared_position, cleared_seal) VALUES (:id, 0, '', 0, '') "
            "ON CONFLICT DO NOTHING"
        ),
        {"id": _HEAD},
    )
    return session.get_one(AuditHead, _HEAD, with_for_update=True, populate_existing=True)


def latest_look(session: Session) -> Look:
    """What the daily look found (clinic.audit.job): cheap, for pages."""
    head = session.get(AuditHead, _HEAD)
    return Look(verified_at=head.verified_at, problems=head.problems) if head is not None else Look(None, None)


def verify_chain(session: Session, *, contains: str | None = None) -> ChainReport:
    """Looks at every event. `contains` is a seal that was noted earlier: the chain must still hold it.

    Takes about a second for 50,000 events: for a command or a timed job, not for a page.
    """
    report = ChainReport()
    erased = _erasures(session)
    head = session.get(AuditHead, _HEAD) or AuditHead(position=0, seal="", cleared_position=0, cleared_seal="")
    seal, expected, is_contained = head.cleared_seal, head.cleared_position + 1, contains is None
    if head.cleared_position != _cleared_up_to(session):
        report.add(f"events up to {head.cleared_position} are gone, and the retention period did not take them all")
    query = select(AuditEvent).where(AuditEvent.position.is_not(None)).order_by(AuditEvent.position)
    first_id = session.scalar(select(func.min(AuditEvent.id)).where(AuditEvent.position.is_not(None)))
    for one in session.scalars(query.execution_options(yield_per=1000)):
        report.events += 1
        assert one.position is not None
        if one.position != expected:
            report.add(f"events {expected} to {one.position - 1} are missing")
        elif one.seal != _seal_of(one, seal):
            report.add(f"event {one.position} is not what was written")
        if one.mark != _mark(one) and one.entity_id not in erased:
            report.add(f"event {one.position} names another record than when it was written")
        seal, expected = one.seal or "", one.position + 1
        is_contained = is_contained or one.seal == contains
    report.head = head.seal
    if (head.position, head.seal) != (expected - 1, seal):
        report.add(f"the trail ends at event {expected - 1}, and should end at {head.position}")
    if not is_contained:
        report.add("the seal that was noted earlier is not in the trail")
    _count_unsealed(session, report, first_id)
    return report


def _count_unsealed(session: Session, report: ChainReport, first_id: int | None) -> None:
    unsealed = select(func.count()).select_from(AuditEvent).where(AuditEvent.position.is_(None))
    report.unprotected = session.scalar(unsealed.where(AuditEvent.id < first_id) if first_id else unsealed) or 0
    foreign = (session.scalar(unsealed) or 0) - report.unprotected
    if foreign:
        report.add(f"{foreign} events were added without a seal")


def _erasures(session: Session) -> set[str]:
    """References that may stand where an id stood: an event of the chain says that the erasure was done."""
    done = select(AuditEvent).where(
        AuditEvent.action == "erase", AuditEvent.entity == "erasure", AuditEvent.position.is_not(None)
    )
    return {one.entity_id for one in session.scalars(done) if one.mark == _mark(one)}


def _cleared_up_to(session: Session) -> int:
    """The last position that the retention period has taken away, as an event of the chain says."""
    cleared = select(AuditEvent).where(AuditEvent.action == CLEARED, AuditEvent.position.is_not(None))
    return max((int(one.entity_id) for one in session.scalars(cleared) if one.mark == _mark(one)), default=0)


def _mark(one: AuditEvent) -> str:
    return blind_index(one.entity_id, "audit_mark")


def _seal_of(one: AuditEvent, before: str) -> str:
    parts = (before, str(one.position), one.at.isoformat(), one.actor, one.action, one.entity, one.mark or "")
    return blind_index("\0".join(parts), "audit_seal")
