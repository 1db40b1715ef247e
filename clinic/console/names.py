"""Names of staff, where a record holds the user name."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.staff.models import StaffAccount


def names_of_staff(session: Session) -> dict[str, str]:
    """User name to name, for everybody who ever had an account."""
    rows = session.execute(select(StaffAccount.username, StaffAccount.name))
    return {username: name for username, name in rows}
