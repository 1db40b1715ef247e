"""Telling open pages of the console that something has changed (server-sent events). What changed, they fetch."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from sqlalchemy import true

from clinic.console.patient_access import in_own_conversation, sees_conversation
from clinic.escalations.inbox import InboxState, inbox_state
from clinic.escalations.models import Escalation
from clinic.services import Services
from clinic.staff.access import StaffNotAuthorised, StaffUser, current_staff, requires

Seeing = Annotated[StaffUser, requires("see_escalations")]
# What pages listen to beside a conversation; no conversation has this id.
INBOX = "inbox"
# Another process, or a job, may change something without a ring: the database is looked at this often.
_LOOK_EVERY_S = 1.0
# A page that hears nothing for longer than twice this says that it is not connected.
_ALIVE_EVERY_S = 5.0
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


async def watch_inbox(services: Services) -> None:
    """Until the service stops, once for all open pages: rings when the inbox has changed, whoever changed it."""
    shown: InboxState | None = None
    while not services.closing.is_set():
        if services.doorbell.is_heard(INBOX):
            state = await anyio.to_thread.run_sync(_state, services, None)
            if state != shown:
                shown = state
                services.doorbell.ring(INBOX)
        await asyncio.sleep(_LOOK_EVERY_S)


def add_live_pages(router: APIRouter, services: Services) -> None:
    """Adds the route, on these services."""

    @router.get("/console/live/events")
    async def events(request: Request, staff: Seeing, conversation: str = "") -> StreamingResponse:
        """`changed` with how many wait and since when, at once and at each change; `alive` in between; no words.

        `conversation` is listened to as well.
        """
        names = await anyio.to_thread.run_sync(_heard, services, staff, conversation)
        return StreamingResponse(
            _events(services, request, staff, names), media_type="text/event-stream", headers=_HEADERS
        )


def _heard(services: Services, staff: StaffUser, conversation: str) -> list[str]:
    """When somebody writes is told only to whoever may see that conversation."""
    with services.database.read() as session:
        may_hear = "\0" not in conversation and sees_conversation(session, staff, conversation)
    return [INBOX, conversation] if may_hear else [INBOX]


async def _events(services: Services, request: Request, staff: StaffUser, names: list[str]) -> AsyncIterator[str]:
    with services.doorbell.listen(*names) as rung:
        # A browser that has lost the connection comes back after this many milliseconds.
        yield "retry: 2000\n\n"
        yield _event("changed", await anyio.to_thread.run_sync(_state, services, staff))
        alive_at = time.monotonic()
        while not services.closing.is_set() and not await request.is_disconnected():
            try:
                await asyncio.wait_for(rung.wait(), timeout=max(0.0, alive_at + _ALIVE_EVERY_S - time.monotonic()))
                rung.clear()
                name = "changed"
            except TimeoutError:
                alive_at = time.monotonic()
                name = "alive"
                try:
                    # A stream must not outlive the session that opened it.
                    await anyio.to_thread.run_sync(current_staff, request)
                except StaffNotAuthorised:
                    yield "event: ended\ndata: {}\n\n"
                    return
            yield _event(name, await anyio.to_thread.run_sync(_state, services, staff))


def _state(services: Services, staff: StaffUser | None) -> InboxState:
    """Of what they may see; None: of everything."""
    among = in_own_conversation(Escalation.conversation_id, staff) if staff is not None else true()
    with services.database.read() as session:
        return inbox_state(session, among=among)


def _event(name: str, state: InboxState) -> str:
    arrived = state.arrived_at.isoformat() if state.arrived_at is not None else ""
    return f"event: {name}\ndata: {json.dumps({'new': state.new, 'arrived': arrived})}\n\n"
