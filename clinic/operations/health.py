"""Alive, ready, and metrics. Health is proven by traffic, not by state."""

from __future__ import annotations

import anyio.to_thread
from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from clinic.operations.parts import detector_flags, rasa_answers
from clinic.outbox.path import RELAY, silent_parts
from clinic.services import Services


def health_router(services: Services) -> APIRouter:
    """The routes, on these services. Public: they say nothing about anybody."""
    router = APIRouter(tags=["operations"])

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """This process answers."""
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        """Database, Rasa, detector, relay and alert channels did their work lately; says which did not."""
        database_ok, silent = await anyio.to_thread.run_sync(lambda: _database_and_silence(services))
        parts = {
            "database": database_ok,
            "relay": database_ok and RELAY not in silent,
            "alerts": database_ok and "alerts" not in silent,
            "detector": await detector_flags(services),
            "rasa": await rasa_answers(services),
        }
        ready = all(parts.values())
        return JSONResponse({"ready": ready, **parts}, status_code=200 if ready else 503)

    @router.get("/metrics")
    async def metrics() -> Response:
        """Counts and durations for Prometheus."""
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def _database_and_silence(services: Services) -> tuple[bool, list[str]]:
    try:
        with services.database.read() as session:
            session.execute(text("SELECT 1"))
            return True, silent_parts(session)
    except SQLAlchemyError:
        return False, []
