"""The clinic service as one ASGI application."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import quote, urlsplit

import anyio.to_thread
import structlog
from asgi_csrf import asgi_csrf
from fastapi import APIRouter, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp

from actions import all_actions
from actions.endpoint import action_router
from clinic.audit.job import look_at_audit_trail
from clinic.channels.answers import answer_error, unavailable
from clinic.channels.api import patient_router
from clinic.channels.body_limit import BodyLimit
from clinic.channels.own_answers import own_answers_router
from clinic.channels.reminder_hour import reminder_hour_router
from clinic.channels.security import SecurityHeaders
from clinic.channels.sms.emulator.pages import STATIC as EMULATOR_STATIC
from clinic.channels.sms.emulator.pages import emulator_router
from clinic.channels.sms.inbox import Inbox
from clinic.channels.sms.receiving import Receiving
from clinic.channels.sms.webhooks import NotGenuine, not_genuine, sms_router
from clinic.channels.web.pages import STATIC as WEB_STATIC
from clinic.channels.web.pages import web_router
from clinic.console import STATIC as CONSOLE_STATIC
from clinic.console.api import staff_api_router
from clinic.console.failed import failed_page
from clinic.console.form_refused import form_refused
from clinic.console.import_pages import UPLOAD_PATH
from clinic.console.live import watch_inbox
from clinic.console.not_allowed import not_allowed
from clinic.console.pages import console_router
from clinic.conversations.before_rasa import InOrder
from clinic.conversations.door import Door
from clinic.conversations.door_rules import DoorRules
from clinic.conversations.service import ConversationNotFound, NotAuthorised
from clinic.conversations.stuck import answer_stuck
from clinic.courses.reminding import remind
from clinic.encryption import derived_secret
from clinic.escalations.addresses import LOG_CHANNEL
from clinic.escalations.climbing import climb
from clinic.escalations.left_alone import look_after_left_alone
from clinic.journey.job import look_at_journeys
from clinic.notes.reminding import remind_of_notes
from clinic.operations.health import health_router
from clinic.operations.jobs import keep_running, run_every
from clinic.operations.watching import watch
from clinic.rights.retention import keep_to_retention
from clinic.services import Services
from clinic.staff.access import LogInUnfinished, PermissionMissing, StaffNotAuthorised
from clinic.staff.steps import PAGES
from clinic.waiting_list.job import look_for_imports

logger = structlog.get_logger(__name__)


def create_app(services: Services) -> ASGIApp:
    """The application on these services."""
    rules = DoorRules(escalations=services.escalations, crisis=services.crisis, texts=services.texts)
    door = Door(
        database=services.database,
        screening=services.screening,
        rasa=services.rasa,
        rules=rules,
        languages=services.languages,
        rate_limit=services.rate_limit,
        before_rasa=InOrder([services.improvement_dialogue, services.joining]),
        doorbell=services.doorbell,
        on_commit=services.relay.wake,
    )
    receiving = Receiving(services=services, door=door, rules=rules, texts=services.sms.texts)
    inbox = Inbox(database=services.database, receiving=receiving)
    app = FastAPI(title="Interlude", lifespan=_lifespan(services, rules, inbox), docs_url=None, redoc_url=None)
    app.state.services = services
    app.state.sms_inbox = inbox
    for router in routers(services, door, inbox):
        app.include_router(router)
    app.mount("/static/web", StaticFiles(directory=WEB_STATIC), name="web")
    app.mount("/static/emulator", StaticFiles(directory=EMULATOR_STATIC), name="emulator")
    app.mount("/static/console", StaticFiles(directory=CONSOLE_STATIC), name="console")
    _handle_errors(app, services)
    if services.settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=services.settings.allowed_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
        )
    # Leaves event streams alone: they must not be held back.
    app.add_middleware(GZipMiddleware, minimum_size=2000)
    protected = asgi_csrf(
        app,
        # The same after a restart: a form that a clinician is filling in stays good.
        signing_secret=derived_secret("csrf"),
        always_set_cookie=False,
        cookie_secure=services.settings.base_url.startswith("https"),
        # It cannot read forms that carry a file; that one route checks its form's token by itself.
        skip_if_scope=lambda scope: scope["path"] == UPLOAD_PATH,
        send_csrf_failed=form_refused(services),
    )
    return SecurityHeaders(BodyLimit(protected))


def routers(services: Services, door: Door, inbox: Inbox) -> list[APIRouter]:
    """Every route of the service; a test holds that each declares who may use it."""
    token = services.settings.internal_token.get_secret_value() or secrets.token_urlsafe(32)
    return [
        patient_router(services, door),
        own_answers_router(services),
        reminder_hour_router(services),
        staff_api_router(services),
        health_router(services),
        web_router(services),
        console_router(services),
        action_router(all_actions(services), internal_token=token),
        sms_router(services, inbox),
        emulator_router(services.settings),
    ]


def _jobs(services: Services, rules: DoorRules) -> dict[str, tuple[float, Callable[[], Iterable[str]]]]:
    """What runs by the clock: every so many seconds, what."""
    database, escalations, crisis = services.database, services.escalations, services.crisis
    return {
        "stuck": (15.0, lambda: answer_stuck(services, rules)),
        "climbing": (5.0, lambda: climb(database, escalations, crisis)),
        "watching": (15.0, lambda: watch(services)),
        "left_alone": (15.0, lambda: look_after_left_alone(database, escalations, crisis)),
        "retention": (3600.0, lambda: keep_to_retention(services)),
        "notes": (60.0, lambda: remind_of_notes(services)),
        "reminders": (60.0, lambda: remind(services)),
        "audit": (3600.0, lambda: look_at_audit_trail(services)),
        "journey": (300.0, lambda: look_at_journeys(services)),
    }


def _running(services: Services, inbox: Inbox) -> dict[str, Callable[[], Awaitable[None]]]:
    """What runs until the service stops."""
    return {
        "relay": services.relay.run_forever,
        "sms_relay": services.sms.relay.run_forever,
        "sms_inbox": inbox.run_forever,
        "imports": lambda: look_for_imports(services),
        "inbox": lambda: watch_inbox(services),
    }


def _first_signs_of_life(services: Services) -> None:
    """Before the first patient: after a night without the service, its old signs of life would count as silence."""
    try:
        services.relay.run_once(LOG_CHANNEL)
        watch(services)
    except SQLAlchemyError as error:
        logger.error("database_unavailable_at_start", error=type(error).__name__)


def _lifespan(services: Services, rules: DoorRules, inbox: Inbox) -> Any:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await anyio.to_thread.run_sync(lambda: _first_signs_of_life(services))
        jobs = [
            *(
                asyncio.create_task(run_every(seconds, work, name=name, services=services), name=name)
                for name, (seconds, work) in _jobs(services, rules).items()
            ),
            *(
                asyncio.create_task(keep_running(job, name=name), name=name)
                for name, job in _running(services, inbox).items()
            ),
        ]
        yield
        services.closing.set()
        for job in jobs:
            job.cancel()
        for job in jobs:
            with suppress(asyncio.CancelledError):
                await job
        await services.rasa.close()
        services.screening.close()
        services.database.dispose()

    return lifespan


def _page_of(request: Request) -> str:
    """The console page that somebody wanted; a fragment belongs to the page that it is part of."""
    current = request.headers.get("hx-current-url")
    return urlsplit(current).path if current else request.url.path


def _handle_errors(app: FastAPI, services: Services) -> None:
    page_or = failed_page(services)

    @app.exception_handler(NotAuthorised)
    async def not_authorised(request: Request, error: Exception) -> Response:
        return answer_error(401, "not_authorised", "This chat can't be opened from here. Please start a new one.")

    @app.exception_handler(ConversationNotFound)
    async def not_found(request: Request, error: Exception) -> Response:
        return answer_error(404, "not_found", "There is no such chat.")

    @app.exception_handler(StaffNotAuthorised)
    async def staff_not_authorised(request: Request, error: StaffNotAuthorised) -> Response:
        if isinstance(error, LogInUnfinished) and request.url.path.startswith("/console"):
            return RedirectResponse(PAGES.get(error.step, "/console"), status_code=303)
        if request.url.path.startswith("/console"):
            # A fragment that a page asks for by itself must not be replaced by a log-in page.
            page = quote(_page_of(request), safe="/")
            if "hx-request" in request.headers:
                return Response(status_code=401, headers={"HX-Redirect": f"/console/log-in?next={page}"})
            return RedirectResponse(f"/console/log-in?next={page}", status_code=303)
        return answer_error(401, "not_authorised", "Log in, or give the staff API token.")

    app.add_exception_handler(PermissionMissing, not_allowed(services))  # type: ignore[arg-type]

    @app.exception_handler(NotGenuine)
    async def refused_webhook(request: Request, error: Exception) -> Response:
        return not_genuine()

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        return answer_error(error.status_code, "refused", str(error.detail))

    @app.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> Response:
        # Where and what is wrong, never the value: it may be somebody's words.
        problems = "; ".join(f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors())
        return page_or(request, 422, answer_error(422, "malformed", problems))

    @app.exception_handler(SQLAlchemyError)
    async def database_away(request: Request, error: Exception) -> Response:
        return page_or(request, 503, await unavailable(services, error))

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        # The class only: an error's text can repeat what a person wrote.
        logger.error(
            "unexpected_error",
            error=type(error).__name__,
            path=request.scope["route"].path if "route" in request.scope else "unknown",
        )
        said = answer_error(500, "unexpected", services.texts.not_stored(services.contacts.main_lines))
        return page_or(request, 500, said)
