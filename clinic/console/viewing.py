"""Keeping a record of who looked at whose words."""

from __future__ import annotations

from clinic.audit.service import record
from clinic.services import Services
from clinic.staff.access import StaffUser


def record_view(services: Services, staff: StaffUser, *, entity: str, entity_id: object) -> None:
    """Commits the audit event before anything is shown; without it, nothing is."""
    with services.database.write() as session:
        record(session, actor=staff.username, action="view", entity=entity, entity_id=entity_id)
