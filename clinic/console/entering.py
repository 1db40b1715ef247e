"""What every way of logging in does at its end: a new session, its cookie, and the page to go on to."""

from __future__ import annotations

import re

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from clinic.services import Services
from clinic.staff.access import COOKIE
from clinic.staff.delays import DEVICE_COOKIE, DEVICE_LASTS, is_known, new_device
from clinic.staff.models import StaffAccount
from clinic.staff.roles import home_of
from clinic.staff.sessions import OPEN, device_in_words
from clinic.staff.steps import PAGES, Step, go_on

_NEXT_COOKIE = "staff_next"
_NEXT_LASTS_S = 1800
# Where log-in may lead: a page of the console, and nothing that a link from outside could smuggle in.
_PAGES = re.compile(r"/console(/closed|/(escalations|conversations|patients)/[0-9a-f]{1,32})?")


class Entering:
    """Opens the door for those who have proved who they are."""

    def __init__(self, services: Services) -> None:
        self._hours = services.settings.staff_session_hours
        self._settings = services.settings

    def enter(
        self, request: Request, session: Session, account: StaffAccount, step: Step, next_page: str = ""
    ) -> Response:
        """Begins the session at `step`, ends the one before, and leads to its page, or to the console."""
        device = device_in_words(request.headers.get("user-agent", ""))
        token = go_on(session, account, step=step, token=request.cookies.get(COOKIE, ""), device=device)
        wanted = next_page or request.cookies.get(_NEXT_COOKIE, "")
        is_page = bool(_PAGES.fullmatch(wanted))
        is_in = step == OPEN
        response = RedirectResponse(
            PAGES[step] if not is_in else wanted if is_page else home_of(account.role), status_code=303
        )
        self.set_cookie(response, COOKIE, token, seconds=self._hours * 3600)
        if is_in:
            response.delete_cookie(_NEXT_COOKIE, path="/console")
            if not is_known(request.cookies.get(DEVICE_COOKIE, ""), account.username):
                lasts = int(DEVICE_LASTS.total_seconds())
                self.set_cookie(
                    response, DEVICE_COOKIE, new_device(account.username), seconds=lasts, path="/console/log-in"
                )
        elif is_page:
            self.set_cookie(response, _NEXT_COOKIE, wanted, seconds=_NEXT_LASTS_S, path="/console")
        return response

    def set_cookie(self, response: Response, name: str, value: str, *, seconds: int, path: str = "/") -> None:
        """A cookie that no script reads and no other site sends along."""
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path=path,
            httponly=True,
            samesite="lax",
            secure=self._settings.base_url.startswith("https:"),
        )


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client is not None else "unknown"
