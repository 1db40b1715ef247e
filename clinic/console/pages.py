"""The console's pages under one roof."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from clinic.console.conversation_pages import conversation_router
from clinic.console.escalation_pages import escalation_router
from clinic.console.log_in import log_in_router
from clinic.console.rendering import Pages
from clinic.services import Services
from clinic.staff.access import Staff


def console_router(services: Services) -> APIRouter:
    """The routes, all under /console, on these services. All but log-in need a member of staff."""
    pages = Pages(services)
    router = APIRouter(include_in_schema=False)
    router.include_router(log_in_router(services, pages))
    router.include_router(escalation_router(services, pages))
    router.include_router(conversation_router(services, pages))

    @router.get("/console/{rest:path}")
    def show_nothing(request: Request, staff: Staff, rest: str) -> Response:
        """Any other address under /console."""
        return pages.not_found(request, staff=staff)

    return router
