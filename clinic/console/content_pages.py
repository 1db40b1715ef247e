"""The texts that patients read: how easy each is, who reviewed it and until when, how often it is given."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response

from clinic.clock import now
from clinic.console.rendering import Pages
from clinic.content_review.service import given_after_an_offer, given_since
from clinic.courses.wall_clock import wall_day
from clinic.service_figures.small_numbers import guarded
from clinic.services import Services
from clinic.staff.access import StaffUser, requires

Seeing = Annotated[StaffUser, requires("see_content")]
DAYS = 90


def add_content_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""

    @router.get("/console/content")
    def show_all(request: Request, staff: Seeing) -> Response:
        """Every topic and every other file of texts, with the state of its review."""
        today = wall_day(now(), services.settings.zone)
        with services.database.read() as session:
            given = given_since(session, now() - timedelta(days=DAYS))
        return pages.page(
            request,
            "content.html",
            staff=staff,
            topics=services.content.topics(today),
            files=services.content.files(today),
            given=given,
            days=DAYS,
        )

    @router.get("/console/content/{topic}")
    def show_one(request: Request, staff: Seeing, topic: str) -> Response:
        """The texts of one topic."""
        found = services.content.topic(topic, wall_day(now(), services.settings.zone))
        if found is None:
            return pages.not_found(request, staff=staff)
        since = now() - timedelta(days=DAYS)
        with services.database.read() as session:
            given = given_since(session, since).get(topic)
            offered = given_after_an_offer(session, topic, since)
        return pages.page(
            request, "content_topic.html", staff=staff, one=found, given=given, offered=offered, days=DAYS
        )

    pages.add_filters(guarded=lambda count: "1 to 4" if guarded(count) is None else str(count))
