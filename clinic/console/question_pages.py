"""What the leaflet leaves open: questions that were not answered, without names, for whoever looks after the texts."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from clinic.clock import now
from clinic.console.rendering import Pages
from clinic.console.viewing import record_view
from clinic.questions.service import WHYS, counts, latest
from clinic.services import Services
from clinic.staff.access import StaffUser, requires

Seeing = Annotated[StaffUser, requires("see_questions")]
DAYS = 90
_SHOWN = 200


def add_question_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the route, on these services."""

    @router.get("/console/questions")
    def show_questions(request: Request, staff: Seeing) -> Response:
        """The questions of the last 90 days by reason; the look is recorded."""
        since = now() - timedelta(days=DAYS)
        with services.database.read() as session:
            number = counts(session, since=since)
            groups = [
                {
                    "why": why,
                    "number": number.get(why, 0),
                    "questions": latest(session, why=why, since=since, limit=_SHOWN),
                }
                for why in WHYS
            ]
        record_view(services, staff, entity="open_questions", entity_id="all")
        return pages.page(request, "questions.html", staff=staff, groups=groups, days=DAYS, shown=_SHOWN)
