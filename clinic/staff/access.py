"""Who is asking: a staff session's cookie, or the machine token where one is set."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, HTTPException, Request

from clinic.services import Services
from clinic.staff.service import account_of_session, note_seen

COOKIE = "staff_session"


class StaffNotAuthorised(Exception):
    """Nobody is logged in."""


@dataclass(frozen=True)
class StaffUser:
    """The member of staff (or machine) behind a request."""

    username: str
    name: str
    role: str
    account_id: int | None


def current_staff(request: Request) -> StaffUser:
    """The member of staff behind a request.

    Raises:
        StaffNotAuthorised: turned into 401 (API) or the log-in page (console) by the app.
    """
    services: Services = request.app.state.services
    machine = services.settings.staff_api_token
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if machine is not None and scheme.lower() == "bearer":
        if hmac.compare_digest(token.strip().encode(), machine.get_secret_value().encode()):
            return StaffUser(username="staff-api", name="Someone", role="duty", account_id=None)
        raise StaffNotAuthorised
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise StaffNotAuthorised
    # Read first: a write lock for each look at a list that refreshes itself would hold up patients' messages.
    with services.database.read() as session:
        account, is_seen_due = account_of_session(session, cookie)
        if account is None:
            raise StaffNotAuthorised
        if is_seen_due:
            with services.database.write() as writing:
                note_seen(writing, cookie)
        return StaffUser(username=account.username, name=account.name, role=account.role, account_id=account.id)


def writing_staff(staff: Annotated[StaffUser, Depends(current_staff)]) -> StaffUser:
    """The member of staff behind a request that changes something.

    Raises:
        HTTPException: 403, the role may only read.
    """
    if staff.role == "read_only":
        raise HTTPException(403, "This account may read only.")
    return staff


Staff = Annotated[StaffUser, Depends(current_staff)]
WritingStaff = Annotated[StaffUser, Depends(writing_staff)]
