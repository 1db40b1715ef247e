"""Setting a second factor up: an app or a passkey. Also the last step of logging in, where one is required."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup
from sqlalchemy.orm import Session

from clinic.console.entering import Entering
from clinic.console.log_in_steps import session_row, site_of
from clinic.console.rendering import Pages
from clinic.services import Services
from clinic.staff.access import OwnSession, StaffUser, at_step
from clinic.staff.models import StaffAccount
from clinic.staff.passkeys import PasskeyRefused, add_passkey, begin_adding
from clinic.staff.second_factor import (
    app_of,
    begin_app,
    confirm_app,
    new_recovery_codes,
    qr_code,
    recovery_codes_left,
)
from clinic.staff.sessions import OPEN

SET_UP = "/console/account/second-factor"
Own = Annotated[OwnSession, at_step("enrol", "open")]


def add_second_factor_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""
    entering = Entering(services)

    def show(request: Request, own: OwnSession, *, status: int = 200, **more: Any) -> Response:
        site = site_of(services, request)
        with services.database.write() as session:
            found = session_row(session, own)
            account = found.account
            has_app = app_of(session, account.id) is not None
            secret = "" if has_app else begin_app(session, account)
            options = (
                begin_adding(session, found, site, clinic_name=services.settings.clinic_name)
                if site is not None
                else None
            )
            qr = Markup(qr_code(account, secret, clinic_name=services.settings.clinic_name)) if secret else ""  # nosec B704
        grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
        return pages.page(
            request,
            "set_up_second_factor.html",
            staff=_user(account, own),
            status=status,
            is_required=not own.is_open,
            has_app=has_app,
            qr=qr,
            secret=grouped,
            options=options,
            **more,
        )

    def done(request: Request, session: Session, own: OwnSession, said: str) -> Response:
        """A first factor comes with recovery codes, shown once; and logging in goes on."""
        account = session.get_one(StaffAccount, own.account_id)
        codes = [] if recovery_codes_left(session, account.id) else new_recovery_codes(session, account)
        if own.is_open:
            on: Response = RedirectResponse(f"/console/account?said={said}", status_code=303)
        else:
            on = entering.enter(request, session, account, OPEN)  # type: ignore[arg-type]
        if not codes:
            return on
        user = StaffUser(username=account.username, name=account.name, role=account.role, account_id=account.id)
        shown = pages.page(request, "recovery_codes.html", staff=user, codes=codes, go_on=on.headers["location"])
        shown.raw_headers.extend(header for header in on.raw_headers if header[0] == b"set-cookie")
        return shown

    @router.get(SET_UP)
    def show_set_up(request: Request, own: Own) -> Response:
        """The ways there are; the key of an app is the same until its first code is taken."""
        return show(request, own)

    @router.post(f"{SET_UP}/app")
    def take_first_code(request: Request, own: Own, code: Annotated[str, Form()] = "") -> Response:
        """Takes the first code of an app."""
        with services.database.write() as session:
            if confirm_app(session, session.get_one(StaffAccount, own.account_id), code):
                return done(request, session, own, "app")
        error = "This code is not right. Check that the clock of your phone is right, and type the code shown now."
        return show(request, own, status=422, errors={"code": error})

    @router.post(f"{SET_UP}/passkey")
    def take_passkey(
        request: Request, own: Own, passkey: Annotated[str, Form()] = "", name: Annotated[str, Form()] = ""
    ) -> Response:
        """Takes a passkey that the browser has made."""
        site = site_of(services, request)
        problem = "Passkeys do not work at this address."
        if site is not None:
            try:
                with services.database.write() as session:
                    add_passkey(session, session_row(session, own), site, answer=passkey, name=name.replace("\0", ""))
                    return done(request, session, own, "passkey")
            except PasskeyRefused as error:
                problem = str(error)
        return show(request, own, status=422, errors={"passkey-name": problem})


def _user(account: StaffAccount, own: OwnSession) -> StaffUser | None:
    """For the head of the page; before the console is open it has no links."""
    if not own.is_open:
        return None
    return StaffUser(username=account.username, name=account.name, role=account.role, account_id=account.id)
