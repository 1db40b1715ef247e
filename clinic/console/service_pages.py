"""How the service does: figures of a period, each table as CSV, and the state of every part."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from clinic.clock import now
from clinic.console.rendering import Pages
from clinic.console.service_tables import NAMES, Name, table
from clinic.console.viewing import record_view
from clinic.export.report import csv_lines
from clinic.operations.parts import state_of_parts
from clinic.service_figures.periods import DAYS, Days, Period
from clinic.services import Services
from clinic.staff.access import StaffUser, requires

Seeing = Annotated[StaffUser, requires("see_service")]
# The page waits no longer for a part that does not answer.
_PART_LIMIT_S = 4.0


def add_service_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""

    @router.get("/console/service")
    def show(request: Request, staff: Seeing, days: Days = "30") -> Response:
        """Every figure of the last 7, 30 or 90 days; the look is recorded."""
        period = _period(days)
        with services.database.read() as session:
            tables = [table(name, services, session, period) for name in NAMES]
        record_view(services, staff, entity="service_figures", entity_id=f"{days} days")
        return pages.page(
            request, "service.html", staff=staff, tables={one.name: one for one in tables}, period=period, choices=DAYS
        )

    @router.get("/console/service/{name}.csv")
    def download(staff: Seeing, name: Name, days: Days = "30") -> StreamingResponse:
        """One table as a file; the download is recorded."""
        with services.database.read() as session:
            found = table(name, services, session, _period(days))
        record_view(services, staff, entity="service_figures", entity_id=f"{name}, {days} days")
        return StreamingResponse(
            csv_lines([found.columns, *found.rows]),
            media_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}-{days}-days.csv"',
                "Cache-Control": "no-store",
            },
        )

    @router.get("/console/service/parts")
    async def show_parts(request: Request, staff: Seeing) -> Response:
        """Every part, asked now: a page of its own for whoever has no JavaScript."""
        parts = await state_of_parts(services, limit_s=_PART_LIMIT_S)
        return pages.page(request, "service_parts.html", staff=staff, parts=parts)

    @router.get("/console/live/service/parts")
    async def update_parts(request: Request, staff: Seeing) -> HTMLResponse:
        """The same for the page of figures, which asks when it is open."""
        parts = await state_of_parts(services, limit_s=_PART_LIMIT_S)
        return pages.fragment("parts/service_parts.html", staff=staff, parts=parts)

    def _period(days: Days) -> Period:
        return Period(int(days), now(), services.settings.zone)
