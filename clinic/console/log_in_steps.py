"""What comes after the password: the second factor, a password of one's own, and the clinic's single sign-on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from clinic.console.entering import Entering, address_of
from clinic.console.rendering import Pages
from clinic.conversations.service import hash_token
from clinic.services import Services
from clinic.staff.access import OwnSession, at_step
from clinic.staff.delays import DEVICE_COOKIE, Delays, place_of
from clinic.staff.models import StaffAccount, StaffSession
from clinic.staff.oidc import ATTEMPT_COOKIE, CALLBACK, Attempt, SingleSignOn, SsoRefused, account_for
from clinic.staff.passkeys import Site, begin_proving, check_passkey
from clinic.staff.second_factor import app_of, check_code
from clinic.staff.service import AccountError, set_password, what_is_wrong_with
from clinic.staff.sessions import OPEN
from clinic.staff.steps import failed, step_after_proof

AtSecondFactor = Annotated[OwnSession, at_step("second_factor")]
AtPassword = Annotated[OwnSession, at_step("password")]
_ATTEMPT_LASTS_S = 600
_WRONG = "This code is not right, or was used before. Wait for the next one."
_SLOWER = "Too many wrong codes. Wait a minute, then try again."


def add_log_in_step_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""
    entering, delays = Entering(services), Delays()

    def ask(request: Request, own: OwnSession, *, status: int = 200, error: str = "") -> Response:
        site = site_of(services, request)
        with services.database.write() as session:
            found = session.get_one(StaffSession, hash_token(own.token))
            options = begin_proving(session, found, site) if site is not None else None
            has_app = app_of(session, own.account_id) is not None
        return pages.page(
            request, "second_factor.html", staff=None, status=status, error=error, options=options, has_app=has_app
        )

    @router.get("/console/log-in/second-factor")
    def show_second_factor(request: Request, own: AtSecondFactor) -> Response:
        """Asks for a code or a passkey."""
        return ask(request, own)

    @router.post("/console/log-in/second-factor")
    def take_second_factor(
        request: Request,
        own: AtSecondFactor,
        code: Annotated[str, Form()] = "",
        passkey: Annotated[str, Form()] = "",
    ) -> Response:
        """Takes a code of the app, a recovery code, or what a passkey answers."""
        place = place_of(
            address=address_of(request), username=own.username, device=request.cookies.get(DEVICE_COOKIE, "")
        )
        if delays.wait_s(*place):
            return ask(request, own, status=429, error=_SLOWER)
        site = site_of(services, request)
        with services.database.write() as session:
            found = session.get_one(StaffSession, hash_token(own.token), with_for_update=True)
            account = found.account
            if passkey and site is not None:
                right = check_passkey(session, found, site, answer=passkey)
            else:
                right = check_code(session, account, code)
            if right:
                delays.forget(*place)
                return entering.enter(request, session, account, step_after_proof(session, account, services.settings))
            failed(session, found, own.token)
            is_over = found.revoked_at is not None
        delays.failed(*place)
        if is_over:
            return RedirectResponse("/console/log-in", status_code=303)
        error = "This passkey did not work. Try again, or use a code." if passkey else _WRONG
        return ask(request, own, status=401, error=error)

    @router.get("/console/log-in/new-password")
    def show_new_password(request: Request, own: AtPassword) -> Response:
        """Asks for a password that nobody else knows."""
        return pages.page(request, "new_password.html", staff=None, username=own.username)

    @router.post("/console/log-in/new-password")
    def take_new_password(
        request: Request,
        own: AtPassword,
        password: Annotated[str, Form()] = "",
        again: Annotated[str, Form()] = "",
    ) -> Response:
        """Takes it, and goes on."""
        problem = what_is_wrong_with(password, again=again)
        if problem is not None:
            return pages.page(
                request, "new_password.html", staff=None, status=422, username=own.username, error=problem
            )
        with services.database.write() as session:
            account = session.get_one(StaffAccount, own.account_id)
            set_password(session, account, password, by=account.username)
            return entering.enter(request, session, account, step_after_proof(session, account, services.settings))


def add_single_sign_on(router: APIRouter, services: Services, pages: Pages, sso: SingleSignOn) -> None:
    """Adds its two routes; without a provider they lead nowhere."""
    entering = Entering(services)

    def refused(request: Request, problem: str, *, status: int = 403) -> Response:
        response = pages.page(request, "single_sign_on.html", staff=None, status=status, problem=problem)
        response.delete_cookie(ATTEMPT_COOKIE, path="/console/log-in")
        return response

    @router.get("/console/log-in/single-sign-on")
    def begin(request: Request, next: str = "") -> Response:
        """Sends somebody to the provider. Public."""
        if not sso.is_on:
            return refused(request, "This clinic has no single sign-on.", status=404)
        try:
            address, attempt = sso.begin(next)
        except SsoRefused as error:
            return refused(request, str(error), status=502)
        response = RedirectResponse(address, status_code=303)
        entering.set_cookie(
            response, ATTEMPT_COOKIE, attempt.sealed(), seconds=_ATTEMPT_LASTS_S, path="/console/log-in"
        )
        return response

    @router.get(CALLBACK)
    def finish(request: Request, state: str = "", code: str = "", iss: str = "", error: str = "") -> Response:
        """Where the provider sends them back to. Public: what it proves is checked here."""
        attempt = Attempt.opened(request.cookies.get(ATTEMPT_COOKIE, "")) if sso.is_on else None
        if attempt is None:
            return refused(request, "This log-in was not begun here, or took too long. Try again.")
        if error:
            return refused(request, "The single sign-on did not let you in.")
        try:
            person = sso.finish(attempt, state=state, code=code, issuer=iss)
            with services.database.write() as session:
                account = account_for(session, person)
                # The provider asks for its own second factor.
                response = entering.enter(request, session, account, OPEN, attempt.next_page)  # type: ignore[arg-type]
        except (SsoRefused, AccountError) as problem:
            return refused(request, str(problem))
        response.delete_cookie(ATTEMPT_COOKIE, path="/console/log-in")
        return response


def site_of(services: Services, request: Request) -> Site | None:
    """The site that passkeys belong to, as this request came to it."""
    return Site.of(services.settings, f"{request.url.scheme}://{request.headers.get('host', '')}")


def session_row(session: Session, own: OwnSession) -> StaffSession:
    """The row of somebody's own session, for a change."""
    return session.get_one(StaffSession, hash_token(own.token), with_for_update=True)
