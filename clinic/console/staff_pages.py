"""The accounts of the clinic, for administrators: who is logged in where, ending sessions, closing accounts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from clinic.console.rendering import Pages
from clinic.services import Services
from clinic.staff.access import StaffUser, requires
from clinic.staff.models import StaffAccount
from clinic.staff.roles import ROLE_NAMES
from clinic.staff.second_factor import has_second_factor
from clinic.staff.service import AccountError, disable, enable
from clinic.staff.sessions import Limits, end_sessions, live_sessions

Managing = Annotated[StaffUser, requires("manage_staff")]
STAFF = "/console/staff"
_LARGEST_ID = 2**31 - 1


def add_staff_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""
    limits = Limits.of(services.settings)

    def show(request: Request, staff: StaffUser, *, status: int = 200, error: str = "") -> Response:
        with services.database.read() as session:
            accounts = session.scalars(
                select(StaffAccount).order_by(StaffAccount.disabled_at.is_not(None), StaffAccount.name)
            ).all()
            rows = [
                {
                    "account": one,
                    "role": ROLE_NAMES.get(one.role, one.role),
                    "has_second_factor": has_second_factor(session, one.id),
                    "sessions": live_sessions(session, one.id, limits),
                }
                for one in accounts
            ]
        return pages.page(request, "staff.html", staff=staff, status=status, rows=rows, error=error)

    @router.get(STAFF)
    def show_staff(request: Request, staff: Managing) -> Response:
        """Everybody who has an account."""
        return show(request, staff)

    @router.post(STAFF + "/{account_id:int}/{change}")
    def change_account(request: Request, staff: Managing, account_id: int, change: str) -> Response:
        """Ends somebody's sessions, closes an account, opens it again."""
        with services.database.write() as session:
            account = session.get(StaffAccount, account_id) if account_id <= _LARGEST_ID else None
            if account is None or change not in ("end-sessions", "close", "open"):
                return pages.not_found(request, staff=staff)
            try:
                if change == "end-sessions":
                    end_sessions(session, account.id, by=staff.username)
                elif change == "close":
                    disable(session, account, by=staff.username)
                else:
                    enable(session, account, by=staff.username)
                problem = ""
            except AccountError as error:
                problem = str(error)
        return show(request, staff, status=409, error=problem) if problem else RedirectResponse(STAFF, status_code=303)
