"""Names of staff, where a record holds the user name."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.services import Services
from clinic.staff.access import StaffUser
from clinic.staff.models import StaffAccount


def names_of_staff(session: Session) -> dict[str, str]:
    """User name to name, for everybody who ever had an account."""
    rows = session.execute(select(StaffAccount.username, StaffAccount.name))
    return {username: name for username, name in rows}


def name_to_patients(services: Services, staff: StaffUser) -> str:
    """How patients know who writes to them, as the clinic has set it (STAFF_SHOWN_AS)."""
    if services.settings.staff_shown_as == "role":
        return services.texts.staff_roles.get(staff.role, staff.name)
    return staff.name
