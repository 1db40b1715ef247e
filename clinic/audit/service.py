"""Writing the audit trail."""

from __future__ import annotations

from sqlalchemy.orm import Session

from clinic.audit.models import AuditEvent
from clinic.clock import now


def record(session: Session, *, actor: str, action: str, entity: str, entity_id: object) -> None:
    """Adds an audit event to the caller's transaction: what happened and its record commit together."""
    session.add(AuditEvent(at=now(), actor=actor, action=action, entity=entity, entity_id=str(entity_id)))
