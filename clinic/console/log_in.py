"""Logging in with a password, and logging out."""

from __future__ import annotations

import secrets
import threading
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from clinic.audit.service import record
from clinic.console.entering import Entering, address_of
from clinic.console.rendering import Pages
from clinic.services import Services
from clinic.staff.access import COOKIE, Staff
from clinic.staff.delays import DEVICE_COOKIE, Delays, is_known, place_of
from clinic.staff.models import StaffAccount
from clinic.staff.oidc import SingleSignOn
from clinic.staff.service import check_password
from clinic.staff.sessions import end_session
from clinic.staff.steps import first_step

_PER_ADDRESS = RateLimitItemPerMinute(20)
# Checking a password takes 0.1 s and 64 MB of memory: more at once would take the threads that answer patients.
_CHECKED_AT_ONCE = 3


class LogInLimit:
    """Slows guessing. A browser that has opened the account before is slowed by its own mistakes only."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._delays = Delays()

    def allows(self, *, username: str, address: str, device: str = "") -> bool:
        """Whether another attempt is looked at now."""
        if not is_known(device, username) and not self._limiter.hit(_PER_ADDRESS, "log_in", address):
            return False
        return self._delays.wait_s(*place_of(address=address, username=username, device=device)) == 0

    def failed(self, *, username: str, address: str, device: str = "") -> None:
        """Counts a wrong password."""
        self._delays.failed(*place_of(address=address, username=username, device=device))

    def forget(self, *, username: str, address: str, device: str = "") -> None:
        """After a right password, earlier mistakes no longer count."""
        self._delays.forget(*place_of(address=address, username=username, device=device))


def add_log_in_pages(router: APIRouter, services: Services, pages: Pages, sso: SingleSignOn) -> None:
    """Adds the routes, on these services."""
    limit = LogInLimit()
    checking = threading.BoundedSemaphore(_CHECKED_AT_ONCE)
    entering = Entering(services)
    sso_name = services.settings.oidc_name if sso.is_on else ""

    def form(request: Request, *, status: int = 200, **context: str) -> Response:
        return pages.page(
            request, "log_in.html", staff=None, status=status, failed=status != 200, sso_name=sso_name, **context
        )

    @router.get("/console/log-in")
    def show_log_in(request: Request, next: str = "") -> Response:
        """The log-in page. Public."""
        return form(request, next_page=next)

    @router.post("/console/log-in")
    def check_log_in(
        request: Request,
        username: Annotated[str, Form()] = "",
        password: Annotated[str, Form()] = "",
        next: Annotated[str, Form()] = "",
        csrftoken: Annotated[str, Form()] = "",
    ) -> Response:
        """Takes name and password. Every failure looks the same: which names exist is not told. Public."""
        # PostgreSQL refuses a NUL in a text, and no name holds one.
        username = username.replace("\0", "")
        place = {
            "username": username,
            "address": address_of(request),
            "device": request.cookies.get(DEVICE_COOKIE, ""),
        }
        # asgi-csrf lets a request without any cookie pass; log-in is the one form that matters then.
        if not secrets.compare_digest(csrftoken.encode(), request.scope["csrftoken"]().encode()):
            return form(request, next_page=next, status=403, username=username)
        if not limit.allows(**place) or not checking.acquire(blocking=False):
            return form(request, next_page=next, status=429, username=username)
        try:
            # Checked in a session that only reads: 0.1 s is too long to hold the write lock.
            with services.database.read() as session:
                account = check_password(session, username=username, password=password)
        finally:
            checking.release()
        if account is None:
            limit.failed(**place)
            return form(request, next_page=next, status=401, username=username)
        limit.forget(**place)
        with services.database.write() as session:
            account = session.get_one(StaffAccount, account.id)
            step = first_step(session, account, services.settings)
            return entering.enter(request, session, account, step, next)

    @router.post("/console/log-out")
    def log_out(request: Request, staff: Staff) -> Response:
        """Ends the session; the cookie that a copy might hold opens nothing any more."""
        with services.database.write() as session:
            end_session(session, request.cookies.get(COOKIE, ""))
            record(session, actor=staff.username, action="log_out", entity="staff_account", entity_id=staff.account_id)
        response = RedirectResponse("/console/log-in", status_code=303)
        response.delete_cookie(COOKIE, path="/")
        return response
