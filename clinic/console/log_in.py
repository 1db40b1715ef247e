"""Logging in and out."""

from __future__ import annotations

import re
import secrets
import threading
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from clinic.audit.service import record
from clinic.console.rendering import Pages
from clinic.services import Services
from clinic.staff.access import COOKIE, Staff
from clinic.staff.roles import home_of
from clinic.staff.service import ABSOLUTE_LIMIT, check_password, log_out, open_session

# Where log-in may lead: a page of the console, and nothing that a link from outside could smuggle in.
_PAGES = re.compile(r"/console(/closed|/(escalations|conversations)/[0-9a-f]{1,32})?")
_PER_NAME_AND_ADDRESS = RateLimitItemPerMinute(5)
_PER_ADDRESS = RateLimitItemPerMinute(20)
# Checking a password takes 0.1 s and 64 MB of memory: more at once would take the threads that answer patients.
_CHECKED_AT_ONCE = 3


class LogInLimit:
    """Slows guessing from one address. Nobody can lock somebody else out: another address is not slowed."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def allows(self, *, username: str, address: str) -> bool:
        """Whether another attempt may be made now; counts it."""
        return self._limiter.hit(_PER_ADDRESS, "log_in", address) and self._limiter.hit(
            _PER_NAME_AND_ADDRESS, "log_in", address, _name(username)
        )

    def forget(self, *, username: str, address: str) -> None:
        """After a right password, earlier mistakes no longer count."""
        self._limiter.clear(_PER_NAME_AND_ADDRESS, "log_in", address, _name(username))


def add_log_in_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""
    limit = LogInLimit()
    checking = threading.BoundedSemaphore(_CHECKED_AT_ONCE)

    def form(request: Request, *, status: int = 200, **context: str) -> Response:
        return pages.page(request, "log_in.html", staff=None, status=status, failed=status != 200, **context)

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
        """Opens a session. Every failure looks the same: which names exist is not told. Public."""
        address = request.client.host if request.client is not None else "unknown"
        # asgi-csrf lets a request without any cookie pass; log-in is the one form that matters then.
        if not secrets.compare_digest(csrftoken.encode(), request.scope["csrftoken"]().encode()):
            return form(request, next_page=next, status=403, username=username)
        if not limit.allows(username=username, address=address) or not checking.acquire(blocking=False):
            return form(request, next_page=next, status=429, username=username)
        try:
            # Checked in a session that only reads: 0.1 s is too long to hold the write lock.
            with services.database.read() as session:
                # PostgreSQL refuses a NUL in a text, and no name holds one.
                account = check_password(session, username=username.replace("\0", ""), password=password)
        finally:
            checking.release()
        if account is None:
            return form(request, next_page=next, status=401, username=username)
        with services.database.write() as session:
            if COOKIE in request.cookies:
                log_out(session, request.cookies[COOKIE])
            token = open_session(session, account)
        limit.forget(username=username, address=address)
        response = RedirectResponse(next if _PAGES.fullmatch(next) else home_of(account.role), status_code=303)
        response.set_cookie(
            COOKIE,
            token,
            max_age=int(ABSOLUTE_LIMIT.total_seconds()),
            path="/",
            httponly=True,
            samesite="lax",
            secure=services.settings.base_url.startswith("https:"),
        )
        return response

    @router.post("/console/log-out")
    def end_session(request: Request, staff: Staff) -> Response:
        """Ends the session; the cookie that a copy might hold opens nothing any more."""
        with services.database.write() as session:
            log_out(session, request.cookies.get(COOKIE, ""))
            record(session, actor=staff.username, action="log_out", entity="staff_account", entity_id=staff.account_id)
        response = RedirectResponse("/console/log-in", status_code=303)
        response.delete_cookie(COOKIE, path="/")
        return response


def _name(username: str) -> str:
    return username.strip().lower()[:120]
