"""A timed look at the whole audit trail; what is wrong is told to every alert address."""

from __future__ import annotations

from datetime import timedelta

import structlog

from clinic.audit.chain import ChainReport, end_of_chain, latest_look, verify_chain
from clinic.clock import now
from clinic.operations.watching import tell_of_trouble
from clinic.services import Services

logger = structlog.get_logger(__name__)
_EVERY = timedelta(hours=24)


def look_at_audit_trail(services: Services) -> list[str]:
    """Once a day. Says nothing to any patient, so it returns no conversations."""
    with services.database.read() as session:
        latest = latest_look(session)
        if latest.verified_at is not None and timedelta(0) <= now() - latest.verified_at < _EVERY:
            return []
        report = verify_chain(session)
    note_look(services, report)
    return []


def note_look(services: Services, report: ChainReport) -> None:
    """Keeps what was found for the service page, and tells of it where something is wrong."""
    # An end of the chain that is logged where the database's administrator cannot reach it can be asked for later.
    logger.info("audit_trail", events=report.events, seal=report.head, problems=report.problem_count)
    with services.database.write() as session:
        head = end_of_chain(session)
        head.verified_at, head.problems = now(), report.problem_count
        if not report.is_whole:
            tell_of_trouble(services, session, "audit_broken", respond="next_working_day", every=_EVERY)
