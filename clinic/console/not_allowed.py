"""What is answered to somebody who is logged in and whose role may not do what they asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from clinic.channels.answers import answer_error
from clinic.console.rendering import Pages
from clinic.services import Services
from clinic.staff.access import PermissionMissing
from clinic.staff.roles import ROLE_NAMES, RULES, home_of


def not_allowed(services: Services) -> Callable[[Request, PermissionMissing], Awaitable[Response]]:
    """The handler: a page for people, JSON for programs, both 403. /console leads to their own first page."""
    pages = Pages(services)

    async def answer(request: Request, error: PermissionMissing) -> Response:
        staff = error.staff
        if not request.url.path.startswith("/console"):
            return answer_error(403, "not_allowed", "This account may not do this.")
        if request.url.path == "/console" and home_of(staff.role) != "/console":
            return RedirectResponse(home_of(staff.role), status_code=303)
        return pages.page(
            request,
            "not_allowed.html",
            staff=staff,
            status=403,
            what=RULES[error.permission].meaning,
            role=ROLE_NAMES.get(staff.role, staff.role),
        )

    return answer
