"""The file for improving the detector, for administrators; and marking a message that the detector missed."""

from __future__ import annotations

from typing import Annotated, get_args

import anyio.from_thread
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from clinic.audit.service import record
from clinic.console.live import INBOX
from clinic.console.patient_access import sees_conversation
from clinic.console.rendering import Pages
from clinic.conversations.models import Message
from clinic.escalations.policy import Respond
from clinic.improvement.missed import AlreadyTold, mark_missed
from clinic.services import Services
from clinic.staff.access import StaffUser, requires

Exporting = Annotated[StaffUser, requires("export_improvement")]
Answering = Annotated[StaffUser, requires("answer_escalations")]
_FILE = {"Content-Disposition": 'attachment; filename="detector-feedback.jsonl"', "Cache-Control": "no-store"}
_LARGEST_ID = 2**31 - 1


def add_improvement_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""

    @router.get("/console/improvement")
    def show(request: Request, staff: Exporting) -> Response:
        """How many messages there are, and what has been taken out of them. No words."""
        with services.database.read() as session:
            _, count = services.improvement.as_jsonl(session)
        return pages.page(request, "improvement.html", staff=staff, count=count)

    @router.get("/console/improvement/messages.jsonl")
    def download(staff: Exporting) -> Response:
        """The file."""
        with services.database.write() as session:
            content, count = services.improvement.as_jsonl(session)
            record(session, actor=staff.username, action="export", entity="detector_feedback", entity_id=count)
        return Response(content, media_type="application/x-ndjson", headers=_FILE)

    @router.post("/console/conversations/{conversation_id}/missed")
    def mark(
        request: Request,
        staff: Answering,
        conversation_id: str,
        message: Annotated[str, Form()] = "",
        respond: Annotated[str, Form()] = "",
    ) -> Response:
        """The detector should have noticed this message: it becomes an escalation, seen and had by who found it."""
        number = int(message) if message.isascii() and message.isdecimal() and int(message) <= _LARGEST_ID else 0
        with services.database.write() as session:
            found = session.get(Message, number)
            is_theirs = found is not None and found.conversation_id == conversation_id
            if not is_theirs or not sees_conversation(session, staff, conversation_id):
                return pages.not_found(request, staff=staff)
            assert found is not None
            if found.direction != "incoming" or respond not in get_args(Respond):
                return pages.not_found(request, staff=staff)
            try:
                escalation = mark_missed(
                    session,
                    found,
                    respond=respond,  # type: ignore[arg-type]
                    by=staff.username,
                    escalations=services.escalations,
                )
            except AlreadyTold:
                return RedirectResponse(f"/console/conversations/{conversation_id}#message-{number}", status_code=303)
        for name in (conversation_id, INBOX):
            anyio.from_thread.run_sync(services.doorbell.ring, name)
        return RedirectResponse(f"/console/escalations/{escalation.id}", status_code=303)
