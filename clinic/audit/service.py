"""Writing the audit trail, and clearing away what is old."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from clinic.audit.chain import CLEARED, end_of_chain, seal_at_commit
from clinic.audit.models import AuditEvent
from clinic.clock import now


def record(session: Session, *, actor: str, action: str, entity: str, entity_id: object) -> None:
    """Adds an audit event to the caller's transaction: what happened and its record commit together."""
    new = AuditEvent(at=now(), actor=actor, action=action, entity=entity, entity_id=str(entity_id))
    session.add(new)
    seal_at_commit(session, new)


def clear_before(session: Session, limit: datetime) -> None:
    """Deletes events older than `limit`. Up to which one stands in the trail, so that the chain stays verifiable."""
    session.execute(delete(AuditEvent).where(AuditEvent.at < limit, AuditEvent.position.is_(None)))
    last = session.scalar(
        select(AuditEvent)
        .where(AuditEvent.at < limit, AuditEvent.position.is_not(None))
        .order_by(AuditEvent.position.desc())
        .limit(1)
    )
    if last is None:
        return
    head = end_of_chain(session)
    head.cleared_position, head.cleared_seal = last.position or 0, last.seal or ""
    record(session, actor="settings", action=CLEARED, entity="audit_event", entity_id=last.position)
    session.execute(delete(AuditEvent).where(AuditEvent.position <= head.cleared_position))
