"""One conversation as a whole: reading it, writing to the person, handing back to the assistant."""

from __future__ import annotations

import re
from typing import Annotated, Any

import anyio.from_thread
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from clinic.channels.sms.overview import held_back, stopped, texted
from clinic.console.answer_sheets import answer_sheets
from clinic.console.live import INBOX
from clinic.console.names import name_to_patients, names_of_staff
from clinic.console.patient_access import sees_conversation
from clinic.console.rendering import Pages
from clinic.console.viewing import record_view
from clinic.conversations.models import Conversation, Message
from clinic.conversations.schemas import MAX_CHARACTERS
from clinic.conversations.service import current_conversation
from clinic.escalations.models import Escalation
from clinic.escalations.views import TakenOver, hand_back, take_over, write_as_staff
from clinic.services import Services
from clinic.staff.access import StaffUser, requires

Reading = Annotated[StaffUser, requires("see_conversations")]
Writing = Annotated[StaffUser, requires("write_to_patients")]
_MESSAGES_A_PAGE = 200
_ID = re.compile(r"[0-9a-f]{32}")
_LARGEST_ID = 2**31 - 1


def add_conversation_pages(router: APIRouter, services: Services, pages: Pages) -> None:
    """Adds the routes, on these services."""

    @router.get("/console/conversations/{conversation_id}")
    def show(request: Request, staff: Reading, conversation_id: str, before: int | None = None) -> Response:
        """What was said, by whom and when; with `before`, what was said before that message."""
        with services.database.read() as session:
            found = _conversation(session, staff, conversation_id)
            if found is None:
                return pages.not_found(request, staff=staff)
            context = _said(session, found, before=before)
        record_view(services, staff, entity="conversation", entity_id=conversation_id)
        return _page(request, staff, context)

    @router.get("/console/live/conversations/{conversation_id}")
    def update(request: Request, staff: Reading, conversation_id: str) -> Response:
        """The same, for the page that is open already: not another view."""
        with services.database.read() as session:
            found = _conversation(session, staff, conversation_id)
            if found is None:
                return pages.not_found(request, staff=staff)
            context = _said(session, found)
        context = {**context, "my_name": name_to_patients(services, staff)}
        return pages.part_if_changed(request, "parts/conversation.html", staff=staff, **context)

    @router.post("/console/conversations/{conversation_id}/messages")
    def write(request: Request, staff: Writing, conversation_id: str, text: Annotated[str, Form()] = "") -> Response:
        """Writes to the person; the first message takes the conversation over. What is not sent stays in the form."""
        # A browser sends line ends as two characters.
        text = text.replace("\r\n", "\n").strip()
        with services.database.write() as session:
            found = _conversation(session, staff, conversation_id, for_change=True)
            if found is None:
                return pages.not_found(request, staff=staff)
            problem = _what_is_wrong(text)
            if problem is not None:
                return _page(request, staff, _said(session, found), status=422, error=problem, text=text)
            try:
                write_as_staff(session, found, text=text, **_as_staff(staff))
            except TakenOver:
                problem = f"{found.assignee_to_staff} is in this conversation. Your message was not sent."
                return _page(request, staff, _said(session, found), status=409, error=problem, text=text)
        return _changed(conversation_id)

    @router.post("/console/conversations/{conversation_id}/take_over")
    def take(request: Request, staff: Writing, conversation_id: str) -> Response:
        """Takes the conversation over before anything is written: the assistant is silent while somebody thinks."""
        with services.database.write() as session:
            found = _conversation(session, staff, conversation_id, for_change=True)
            if found is None:
                return pages.not_found(request, staff=staff)
            try:
                take_over(session, found, **_as_staff(staff))
            except TakenOver:
                problem = f"{found.assignee_to_staff} is in this conversation already."
                return _page(request, staff, _said(session, found), status=409, error=problem)
        return _changed(conversation_id)

    @router.post("/console/conversations/{conversation_id}/hand_back")
    def give_back(request: Request, staff: Writing, conversation_id: str) -> Response:
        """Gives the conversation back to the assistant, whoever of the clinic was in it."""
        with services.database.write() as session:
            found = _conversation(session, staff, conversation_id, for_change=True)
            if found is None:
                return pages.not_found(request, staff=staff)
            # The person is told who left: whoever was in the conversation, not whoever presses the button.
            left = services.texts.staff_left.text.format(name=found.assignee_name)
            hand_back(session, found, by=staff.username, left_text=left)
        return _changed(conversation_id)

    def _as_staff(staff: StaffUser) -> dict[str, Any]:
        name = name_to_patients(services, staff)
        return {
            "escalations": services.escalations,
            "name": name,
            "username": staff.username,
            "account_id": staff.account_id,
            "joined_text": services.texts.staff_joined.text.format(name=name),
        }

    def _changed(conversation_id: str) -> Response:
        for name in (conversation_id, INBOX):
            anyio.from_thread.run_sync(services.doorbell.ring, name)
        return RedirectResponse(f"/console/conversations/{conversation_id}#write", status_code=303)

    def _said(session: Session, conversation: Conversation, *, before: int | None = None) -> dict[str, Any]:
        said = _messages(session, conversation.id, before=before)
        return {
            "conversation": conversation,
            **said,
            "texted": texted(session, [message.id for message in said["messages"]]),
            "stopped": stopped(session, conversation.id),
            "held_back": held_back(session, conversation),
            "escalations": _escalations(session, conversation.id),
            "sheets": answer_sheets(session, conversation.id, services.questionnaires.questionnaires),
            "names": names_of_staff(session),
            "is_typing": services.typing.is_typing(conversation.id),
        }

    def _page(
        request: Request, staff: StaffUser, context: dict[str, Any], *, status: int = 200, **form: Any
    ) -> Response:
        context = {**context, "my_name": name_to_patients(services, staff)}
        part = pages.part(request, "parts/conversation.html", staff=staff, **context)
        return pages.page(request, "conversation.html", staff=staff, status=status, part=part, **context, **form)


def _conversation(
    session: Session, staff: StaffUser, conversation_id: str, *, for_change: bool = False
) -> Conversation | None:
    """The conversation; `for_change` makes a second clinician wait, so that two never take it over at once."""
    if not _ID.fullmatch(conversation_id) or not sees_conversation(session, staff, conversation_id):
        return None
    found = session.get(Conversation, conversation_id)
    if found is None:
        return None
    # What was said here may have moved to the person's one conversation.
    current = current_conversation(session, found)
    if for_change:
        session.refresh(current, with_for_update=True)
    return current


def _messages(session: Session, conversation_id: str, *, before: int | None) -> dict[str, Any]:
    """The newest messages (before the one with the id `before`), oldest first, and whether there are earlier ones."""
    said = select(Message).where(Message.conversation_id == conversation_id)
    if before is not None:
        said = said.where(Message.id < min(before, _LARGEST_ID))
    newest = session.scalars(said.order_by(Message.id.desc()).limit(_MESSAGES_A_PAGE + 1)).all()
    return {
        "messages": list(reversed(newest[:_MESSAGES_A_PAGE])),
        "has_earlier": len(newest) > _MESSAGES_A_PAGE,
        "before": before,
    }


def _escalations(session: Session, conversation_id: str) -> dict[int, Escalation]:
    """The conversation's escalations by the message that caused them."""
    found = session.scalars(
        select(Escalation).where(Escalation.conversation_id == conversation_id).order_by(Escalation.id)
    )
    return {escalation.message_id: escalation for escalation in found}


def _what_is_wrong(text: str) -> str | None:
    if not text:
        return "Write a message first"
    if len(text) > MAX_CHARACTERS:
        return f"The message must be {MAX_CHARACTERS:,} characters or fewer; it has {len(text):,}"
    return None
