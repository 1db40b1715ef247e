"""The staff API of the contract (JSON)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import anyio.to_thread
from fastapi import APIRouter, HTTPException, Path
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from clinic.console.names import name_to_patients
from clinic.console.patient_access import in_own_conversation, sees_conversation
from clinic.conversations.models import Conversation
from clinic.conversations.schemas import MAX_CHARACTERS, MessageOut, MessagesOut
from clinic.conversations.service import current_conversation
from clinic.escalations.models import Escalation
from clinic.escalations.service import EscalationStateError
from clinic.escalations.views import acknowledge, hand_back, list_escalations, write_as_staff
from clinic.services import Services
from clinic.staff.access import StaffUser, requires

Seeing = Annotated[StaffUser, requires("see_escalations")]
Answering = Annotated[StaffUser, requires("answer_escalations")]
Writing = Annotated[StaffUser, requires("write_to_patients")]
EscalationId = Annotated[int, Path(ge=1, le=2**31 - 1)]
ConversationId = Annotated[str, Path(max_length=64)]


class EscalationOut(BaseModel):
    """An escalation in the contract's shape."""

    id: str
    conversation_id: str
    message_id: str
    reasons: list[str]
    respond: str
    text: str
    status: str
    created_at: datetime
    acknowledged_at: datetime | None

    @classmethod
    def of(cls, escalation: Escalation) -> EscalationOut:
        """The stored escalation, with the person's words."""
        return cls(
            id=str(escalation.id),
            conversation_id=escalation.conversation_id,
            message_id=str(escalation.message_id),
            reasons=escalation.reasons,
            respond=escalation.respond,
            text=escalation.message.text,
            status=escalation.status,
            created_at=escalation.created_at,
            acknowledged_at=escalation.acknowledged_at,
        )


class CloseIn(BaseModel):
    """How an escalation was dealt with."""

    outcome: str
    why: str | None = Field(None, max_length=64)
    note: str | None = Field(None, max_length=4000)


class StaffMessageIn(BaseModel):
    """What a member of staff writes to the person."""

    text: str = Field(min_length=1, max_length=MAX_CHARACTERS, pattern=r"\S")


def staff_api_router(services: Services) -> APIRouter:
    """The routes, on these services."""
    router = APIRouter(prefix="/api/staff", tags=["staff"])

    @router.get("/escalations")
    def escalations(staff: Seeing, status: Literal["new", "acknowledged", "closed"] = "new") -> list[EscalationOut]:
        """Escalations in one status, the most pressing first."""
        own = in_own_conversation(Escalation.conversation_id, staff)
        with services.database.read() as session:
            return [EscalationOut.of(found) for found in list_escalations(session, statuses=[status], among=own)]

    @router.post("/escalations/{escalation_id}/acknowledge")
    async def acknowledge_one(staff: Answering, escalation_id: EscalationId) -> EscalationOut:
        """A person has seen it, and the one who wrote it is told so."""
        answer = await anyio.to_thread.run_sync(_acknowledged, services, staff, escalation_id)
        services.doorbell.ring(answer.conversation_id)
        return answer

    @router.post("/escalations/{escalation_id}/close")
    def close_one(staff: Answering, escalation_id: EscalationId, body: CloseIn) -> EscalationOut:
        """It was dealt with."""
        with services.database.write() as session:
            found = _escalation(session, escalation_id, staff)
            try:
                services.escalations.close(
                    session, found, by=staff.username, outcome=body.outcome, why=body.why, note=body.note
                )
            except EscalationStateError as error:
                raise HTTPException(409, str(error)) from error
            return EscalationOut.of(found)

    @router.post("/conversations/{conversation_id}/messages")
    async def write(staff: Writing, conversation_id: ConversationId, body: StaffMessageIn) -> MessagesOut:
        """Writes to the person and takes the conversation over."""
        written = await anyio.to_thread.run_sync(_written, services, staff, conversation_id, body.text)
        services.doorbell.ring(conversation_id)
        return written

    @router.post("/conversations/{conversation_id}/hand_back")
    async def give_back(staff: Writing, conversation_id: ConversationId) -> MessagesOut:
        """Gives the conversation back to the assistant."""
        given = await anyio.to_thread.run_sync(_given_back, services, staff, conversation_id)
        services.doorbell.ring(conversation_id)
        return given

    return router


def _acknowledged(services: Services, staff: StaffUser, escalation_id: int) -> EscalationOut:
    with services.database.write() as session:
        found = _escalation(session, escalation_id, staff)
        try:
            acknowledge(session, found, by=staff.username, escalations=services.escalations, crisis=services.crisis)
        except EscalationStateError as error:
            raise HTTPException(409, str(error)) from error
        return EscalationOut.of(found)


def _written(services: Services, staff: StaffUser, conversation_id: str, text: str) -> MessagesOut:
    name = name_to_patients(services, staff)
    with services.database.write() as session:
        try:
            stored = write_as_staff(
                session,
                _conversation(session, conversation_id, staff),
                escalations=services.escalations,
                text=text,
                name=name,
                username=staff.username,
                account_id=staff.account_id,
                joined_text=services.texts.staff_joined.text.format(name=name),
            )
        except EscalationStateError as error:
            raise HTTPException(409, str(error)) from error
        return MessagesOut(messages=[MessageOut.of(message) for message in stored])


def _given_back(services: Services, staff: StaffUser, conversation_id: str) -> MessagesOut:
    with services.database.write() as session:
        conversation = _conversation(session, conversation_id, staff)
        left = services.texts.staff_left.text.format(name=conversation.assignee_name or staff.name)
        message = hand_back(session, conversation, by=staff.username, left_text=left)
        return MessagesOut(messages=[MessageOut.of(message)] if message is not None else [])


def _escalation(session: Session, escalation_id: int, staff: StaffUser) -> Escalation:
    found = session.get(Escalation, escalation_id, with_for_update={"of": Escalation})
    if found is None or not sees_conversation(session, staff, found.conversation_id):
        raise HTTPException(404, "there is no such escalation")
    return found


def _conversation(session: Session, conversation_id: str, staff: StaffUser) -> Conversation:
    # Locked: two people who take over at the same moment must not both succeed.
    found = session.get(Conversation, conversation_id)
    if found is None or not sees_conversation(session, staff, conversation_id):
        raise HTTPException(404, "there is no such conversation")
    found = current_conversation(session, found)
    session.refresh(found, with_for_update=True)
    return found
