"""The steps of logging in after the password: what is still to be done before the console opens.

Each step that is done begins a new session with a new token and ends the one before, so nothing that was seen or set
before is of use afterwards.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy.orm import Session

from clinic.settings import Settings
from clinic.staff.models import StaffAccount, StaffSession
from clinic.staff.second_factor import has_second_factor
from clinic.staff.sessions import OPEN, end_session, open_session

Step = Literal["second_factor", "password", "enrol", "open"]
# Where somebody goes whose session stands at a step.
PAGES: dict[str, str] = {
    "second_factor": "/console/log-in/second-factor",
    "password": "/console/log-in/new-password",
    "enrol": "/console/account/second-factor",
}
# Wrong codes until logging in begins again with the password.
MOST_FAILURES = 5


def first_step(session: Session, account: StaffAccount, settings: Settings) -> Step:
    """After the right password."""
    return "second_factor" if has_second_factor(session, account.id) else step_after_proof(session, account, settings)


def step_after_proof(session: Session, account: StaffAccount, settings: Settings) -> Step:
    """After both factors, or the only one there is."""
    if account.is_password_temporary:
        return "password"
    if settings.is_second_factor_required and account.password_hash and not has_second_factor(session, account.id):
        return "enrol"
    return OPEN  # type: ignore[return-value]


def go_on(session: Session, account: StaffAccount, *, step: Step, token: str, device: str) -> str:
    """Ends the session with `token`, and begins one at the next step. Returns its token."""
    if token:
        end_session(session, token)
    return open_session(session, account, step=step, device=device)


def failed(session: Session, found: StaffSession, token: str) -> None:
    """Counts a wrong code; after too many, logging in begins again."""
    found.failures += 1
    if found.failures >= MOST_FAILURES:
        end_session(session, token)
