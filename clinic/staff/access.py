"""Who is asking, and may they: a staff session's cookie, or the machine token where one is set."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from fastapi import Depends, Request

from clinic.services import Services
from clinic.staff.models import StaffSession
from clinic.staff.roles import Permission, may
from clinic.staff.sessions import OPEN, Limits, note_seen, session_of
from clinic.staff.steps import Step

COOKIE = "staff_session"


class StaffNotAuthorised(Exception):
    """Nobody is logged in."""


class LogInUnfinished(StaffNotAuthorised):
    """Somebody has begun to log in; `step` says what is still to be done (clinic.staff.steps)."""

    def __init__(self, step: str) -> None:
        super().__init__(step)
        self.step = step


class PermissionMissing(Exception):
    """Somebody is logged in whose role may not do this."""

    def __init__(self, staff: StaffUser, permission: Permission) -> None:
        super().__init__(permission)
        self.staff = staff
        self.permission = permission


@dataclass(frozen=True)
class StaffUser:
    """The member of staff (or machine) behind a request."""

    username: str
    name: str
    role: str
    account_id: int | None

    def may(self, permission: Permission) -> bool:
        """Whether their role has this permission (clinic.staff.roles)."""
        return may(self.role, permission)


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
    found = _session_behind(services, cookie)
    if found.step != OPEN:
        raise LogInUnfinished(found.step)
    account = found.account
    return StaffUser(username=account.username, name=account.name, role=account.role, account_id=account.id)


@dataclass(frozen=True)
class OwnSession:
    """Somebody's own session, at whatever step of logging in."""

    account_id: int
    username: str
    step: str
    token: str

    @property
    def is_open(self) -> bool:
        """Whether logging in is done."""
        return self.step == OPEN


def at_step(*steps: Step) -> Any:
    """A route's dependency: the session of somebody who stands at one of these steps of logging in."""
    return Depends(_step_check(steps))


@cache
def _step_check(steps: tuple[Step, ...]) -> Callable[..., OwnSession]:
    def own_session(request: Request) -> OwnSession:
        cookie = request.cookies.get(COOKIE)
        if not cookie:
            raise StaffNotAuthorised
        found = _session_behind(request.app.state.services, cookie)
        if found.step not in steps:
            raise LogInUnfinished(found.step)
        return OwnSession(account_id=found.account_id, username=found.account.username, step=found.step, token=cookie)

    own_session.steps = steps  # type: ignore[attr-defined]
    return own_session


def _session_behind(services: Services, cookie: str) -> StaffSession:
    # Read first: a write lock for each look at a list that refreshes itself would hold up patients' messages.
    with services.database.read() as session:
        found, is_seen_due = session_of(session, cookie, Limits.of(services.settings))
        if found is None:
            raise StaffNotAuthorised
        if is_seen_due:
            with services.database.write() as writing:
                note_seen(writing, cookie)
        session.expunge_all()
        return found


def requires(permission: Permission) -> Any:
    """A route's dependency: the member of staff behind the request, who may do this.

    `staff: Annotated[StaffUser, requires("see_patients")]`. Without the permission the app answers 403.
    """
    return Depends(check_of(permission))


@cache
def check_of(permission: Permission) -> Callable[..., StaffUser]:
    """The function behind `requires`, one for each permission; a guard test reads its `permission`."""

    def check(staff: Annotated[StaffUser, Depends(current_staff)]) -> StaffUser:
        if not staff.may(permission):
            raise PermissionMissing(staff, permission)
        return staff

    check.permission = permission  # type: ignore[attr-defined]
    return check


# Everybody who is logged in.
Staff = Annotated[StaffUser, requires("use_console")]
