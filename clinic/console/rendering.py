"""Turning templates into pages, and into the parts of pages that update by themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader
from markupsafe import Markup

from clinic.clock import now
from clinic.console import STATIC, highlights, wording
from clinic.console.times import ClinicTimes, ago, lasted
from clinic.courses.wall_clock import in_words
from clinic.escalations.models import Escalation
from clinic.services import Services
from clinic.staff.access import StaffUser

# Pages hold people's words: no copy stays in the browser's cache after log-out.
_NOT_KEPT = {"Cache-Control": "no-store"}
_VERSION = '<input type="hidden" id="live-version" name="version" value="{}">'


class Pages:
    """The console's templates, with everything that each of them uses."""

    def __init__(self, services: Services) -> None:
        self._templates = Environment(
            # ChainableUndefined is what the NHS macros are written for.
            undefined=ChainableUndefined,
            loader=ChoiceLoader(
                [FileSystemLoader(Path(__file__).parent / "templates"), PackageLoader("nhsuk_frontend_jinja")]
            ),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )

        def reasons(escalation: Escalation) -> list[str]:
            return wording.reasons_in_words(
                escalation.reasons, escalation.message.verdict, services.questionnaires.questionnaires
            )

        outcomes, zone = services.escalations.outcomes, services.settings.zone
        times = ClinicTimes(zone)
        self._templates.filters.update(
            at=times.at,
            ago=ago,
            clock_time=times.clock_time,
            day=times.day,
            lasted=lasted,
            reasons=reasons,
            session_time=lambda moment: in_words(moment, zone),
            session_short=times.short,
            session_day=times.short_day,
            respond=wording.respond_in_words,
            excerpt=lambda message: highlights.excerpt(message.text, highlights.phrases_of(message.verdict)),
            pieces=lambda message: highlights.pieces(message.text, highlights.phrases_of(message.verdict)),
            earlier_phrases=lambda message: highlights.not_in(message.text, highlights.phrases_of(message.verdict)),
        )
        self._templates.globals.update(
            clinic_name=services.settings.clinic_name,
            outcomes=outcomes.labels,
            why_labels=outcomes.why_labels,
            time_zone=zone.key,
            # Text messages can be switched off.
            can_text=services.inviting.can_text,
            static=_addresses_of_static_files().__getitem__,
        )

    def add_filters(self, **filters: Callable[..., str]) -> None:
        """What the templates of one capability alone use."""
        self._templates.filters.update(filters)

    def page(
        self, request: Request, template: str, *, staff: StaffUser | None, status: int = 200, **context: Any
    ) -> HTMLResponse:
        """A whole page, never cached."""
        html = self._render(template, staff=staff, csrf_token=request.scope["csrftoken"], **context)
        return HTMLResponse(html, status_code=status, headers=_NOT_KEPT)

    def not_found(self, request: Request, *, staff: StaffUser) -> HTMLResponse:
        """The page for an address that leads nowhere."""
        return self.page(request, "not_found.html", staff=staff, status=404)

    def fragment(self, template: str, *, staff: StaffUser, **context: Any) -> HTMLResponse:
        """A part of a page that is asked for anew each time."""
        return HTMLResponse(self._render(template, staff=staff, **context), headers=_NOT_KEPT)

    def part(self, request: Request, template: str, *, staff: StaffUser, **context: Any) -> Markup:
        """The part of a page that updates by itself, with a fingerprint of what it shows."""
        return _with_version(self._render(template, staff=staff, csrf_token=request.scope["csrftoken"], **context))

    def part_if_changed(self, request: Request, template: str, *, staff: StaffUser, **context: Any) -> Response:
        """The part again, or 204 when the browser shows exactly this already."""
        html = self._render(template, staff=staff, csrf_token=request.scope["csrftoken"], **context)
        if request.query_params.get("version") == _version(html):
            return Response(status_code=204, headers=_NOT_KEPT)
        return HTMLResponse(_with_version(html), headers=_NOT_KEPT)

    def _render(self, template: str, **context: Any) -> str:
        return self._templates.get_template(template).render(moment=now(), **context)


def _with_version(html: str) -> Markup:
    # What a template rendered is markup; the fingerprint travels in it and comes back with the next look.
    return Markup(html) + Markup(_VERSION).format(_version(html))  # nosec B704


def _version(html: str) -> str:
    return hashlib.sha256(html.encode()).hexdigest()


def _addresses_of_static_files() -> dict[str, str]:
    """By file name; with a fingerprint, so that a browser never mixes old files with new pages."""
    return {
        path.relative_to(STATIC).as_posix(): (
            f"/static/console/{path.relative_to(STATIC).as_posix()}"
            f"?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        )
        for path in STATIC.rglob("*")
        if path.is_file()
    }
