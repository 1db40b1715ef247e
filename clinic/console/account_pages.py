"""Somebody's own account: password, second factor, and where they are logged in."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from clinic.console.log_in_steps import site_of
from clinic.console.rendering import Pages
from clinic.conversations.service import hash_token
from clinic.services import Services
from clinic.staff.access import COOKIE, Staff, StaffUser
from clinic.staff.delays import Delays
from clinic.staff.models import StaffAccount
from clinic.staff.passkeys import passkeys_of
from clinic.staff.roles import ROLE_NAMES
from clinic.staff.second_factor import app_of, new_recovery_codes, recovery_codes_left, remove_app, remove_passkey
from clinic.staff.service import check_password, set_password, what_is_wrong_with
from clinic.staff.sessions import Limits, end_sessions, live_sessions

ACCOUNT = "/console/account"
_LARGEST_ID = 2**31 - 1
_SAID = {
    "password": "Your password is changed. You are logged out everywhere else.",
    "sessions": "That session is ended.",
    "app": "Your authenticator app is set up.",
    "passkey": "Your passkey is set up.",
    "removed": "It is removed.",
}
_WRONG_PASSWORD = "This is not your password."  # nosec B105


def add_account_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""
    limits, delays = Limits.of(services.settings), Delays()

    def show(request: Request, staff: StaffUser, *, status: int = 200, **more: Any) -> Response:
        with services.database.read() as session:
            account = _account(session, staff)
            if account is None:
                return pages.not_found(request, staff=staff)
            context = {
                "account": account,
                "role": ROLE_NAMES.get(account.role, account.role),
                "sessions": live_sessions(session, account.id, limits),
                "own_hash": hash_token(request.cookies.get(COOKIE, "")),
                "app": app_of(session, account.id),
                "passkeys": passkeys_of(session, account.id),
                "can_have_passkeys": site_of(services, request) is not None,
                "codes_left": recovery_codes_left(session, account.id),
                "is_required": services.settings.is_second_factor_required,
                "limits": limits,
            }
        return pages.page(request, "account.html", staff=staff, status=status, **context, **more)

    def proved(staff: StaffUser, password: str) -> str | None:
        """Whoever finds a screen unlocked must not be able to take the account over. Returns what is wrong."""
        place = ("own", str(staff.account_id))
        if delays.wait_s(*place):
            return "Too many wrong passwords. Wait a minute, then try again."
        with services.database.read() as session:
            if check_password(session, username=staff.username, password=password) is not None:
                delays.forget(*place)
                return None
        delays.failed(*place)
        return _WRONG_PASSWORD

    @router.get(ACCOUNT)
    def show_account(request: Request, staff: Staff, said: str = "") -> Response:
        """The page."""
        return show(request, staff, said=_SAID.get(said))

    @router.post(f"{ACCOUNT}/password")
    def change_password(
        request: Request,
        staff: Staff,
        current: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
    ) -> Response:
        """Changes the password; every other session ends."""
        errors = {}
        problem = what_is_wrong_with(password, again=again)
        if problem is not None:
            errors["password"] = problem.capitalize()
        wrong = proved(staff, current)
        if wrong is not None:
            errors["current"] = wrong
        if errors:
            return show(request, staff, status=422, errors=errors)
        with services.database.write() as session:
            account = session.get_one(StaffAccount, staff.account_id)
            set_password(session, account, password, by=staff.username, keep=request.cookies.get(COOKIE, ""))
        return RedirectResponse(f"{ACCOUNT}?said=password", status_code=303)

    @router.post(f"{ACCOUNT}/sessions/end")
    def end_one(request: Request, staff: Staff, which: Annotated[str, Form()] = "") -> Response:
        """Ends one of their own sessions."""
        if staff.account_id is None:
            return pages.not_found(request, staff=staff)
        with services.database.write() as session:
            end_sessions(session, staff.account_id, by=staff.username, only=which.replace("\0", ""))
        return RedirectResponse(f"{ACCOUNT}?said=sessions", status_code=303)

    @router.post(f"{ACCOUNT}/sessions/end-all")
    def end_all(request: Request, staff: Staff) -> Response:
        """Logs out everywhere, here too."""
        if staff.account_id is None:
            return pages.not_found(request, staff=staff)
        with services.database.write() as session:
            end_sessions(session, staff.account_id, by=staff.username)
        response = RedirectResponse("/console/log-in", status_code=303)
        response.delete_cookie(COOKIE, path="/")
        return response

    @router.post(f"{ACCOUNT}/second-factor/remove")
    def remove_factor(
        request: Request,
        staff: Staff,
        current: Annotated[str, Form()] = "",
        passkey: Annotated[str, Form()] = "",
    ) -> Response:
        """Removes the app, or one passkey; where a second factor is required, not the last one."""
        wrong = proved(staff, current)
        if wrong is not None:
            return show(request, staff, status=422, errors={"remove": wrong})
        with services.database.write() as session:
            account = session.get_one(StaffAccount, staff.account_id)
            factors = len(passkeys_of(session, account.id)) + (app_of(session, account.id) is not None)
            if services.settings.is_second_factor_required and factors < 2:
                is_last = True
            else:
                is_last = False
                if passkey.isdecimal() and int(passkey) <= _LARGEST_ID:
                    remove_passkey(session, account, int(passkey), by=staff.username)
                else:
                    remove_app(session, account, by=staff.username)
        if is_last:
            problem = "Your clinic asks for a second factor: set another one up before you remove this one."
            return show(request, staff, status=409, errors={"remove": problem})
        return RedirectResponse(f"{ACCOUNT}?said=removed", status_code=303)

    @router.post(f"{ACCOUNT}/recovery-codes")
    def make_codes(request: Request, staff: Staff, current: Annotated[str, Form()] = "") -> Response:
        """A new list in place of the old one, shown this once."""
        wrong = proved(staff, current)
        if wrong is not None:
            return show(request, staff, status=422, errors={"codes": wrong})
        with services.database.write() as session:
            codes = new_recovery_codes(session, session.get_one(StaffAccount, staff.account_id))
        return pages.page(request, "recovery_codes.html", staff=staff, codes=codes, go_on=ACCOUNT)


def _account(session: Session, staff: StaffUser) -> StaffAccount | None:
    return session.get(StaffAccount, staff.account_id) if staff.account_id is not None else None
