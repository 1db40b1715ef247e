"""The patient API of the contract: conversations, messages, events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import anyio.from_thread
import anyio.to_thread
from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import SQLAlchemyError

from clinic.channels.answers import answer_error, busy, too_long, unavailable
from clinic.conversations.door import Door, EmptyText, Incoming, TooFast, TooLong
from clinic.conversations.models import Conversation
from clinic.conversations.schemas import ConversationOut, MessageOut, MessagesOut, NewConversation, NewMessage
from clinic.conversations.service import (
    NotAuthorised,
    authorised_conversation,
    current_conversation,
    messages_after,
    note_delivered,
    open_conversation,
    store_replies,
)
from clinic.conversations.typing import SHOWN_FOR_S
from clinic.services import Services

ConversationId = Annotated[str, Path(max_length=64)]
# How often an open event stream looks by itself: a ring from another process is not heard.
_LOOK_EVERY_S = 3.0
# Proxies close a connection on which nothing moves.
_HEARTBEAT_EVERY = 5


def patient_conversation(
    request: Request, conversation_id: ConversationId, authorization: Annotated[str, Header()] = ""
) -> Conversation:
    """Authenticates a patient's device by its conversation's bearer token.

    Raises:
        NotAuthorised, ConversationNotFound: turned into 401 and 404 by the app.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthorised
    services: Services = request.app.state.services
    with services.database.read() as session:
        return authorised_conversation(session, conversation_id=conversation_id, token=token.strip())


Patient = Annotated[Conversation, Depends(patient_conversation)]


def patient_router(services: Services, door: Door) -> APIRouter:
    """The routes, on these services."""
    router = APIRouter(prefix="/api/conversations", tags=["patients"])

    @router.post("", status_code=201)
    async def open_new(body: NewConversation, request: Request) -> ConversationOut:
        """Opens a conversation; needs no authentication, it makes one."""
        if not services.rate_limit.allows_conversation(request.client.host if request.client else "unknown"):
            return busy(services)  # type: ignore[return-value]
        sender = request.client.host if request.client else ""
        return await anyio.to_thread.run_sync(lambda: _open(services, body, sender))

    @router.post("/{conversation_id}/messages")
    async def send(conversation: Patient, body: NewMessage, request: Request) -> MessagesOut:
        """Takes a message and returns the replies to it."""
        sender = request.client.host if request.client else ""
        incoming = Incoming(conversation.id, body.text, body.client_message_id, sender=sender)
        services.typing.stop(conversation.id)
        try:
            stored = await door.receive(incoming)
        except EmptyText:
            return answer_error(422, "empty", services.texts.errors.empty)  # type: ignore[return-value]
        except TooFast:
            return busy(services)  # type: ignore[return-value]
        except TooLong as error:
            return too_long(services, error.replies)  # type: ignore[return-value]
        except SQLAlchemyError as error:
            return await unavailable(services, error)  # type: ignore[return-value]
        return MessagesOut(messages=[MessageOut.of(message) for message in stored])

    @router.post("/{conversation_id}/typing", status_code=204)
    async def typing(conversation: Patient) -> None:
        """Something is being written, for the member of staff who answers; forgotten after a few seconds."""
        if conversation.is_with_staff and services.typing.note(conversation.id):
            services.doorbell.ring(conversation.id)
            asyncio.get_running_loop().call_later(SHOWN_FOR_S, services.doorbell.ring, conversation.id)

    @router.get("/{conversation_id}/messages")
    def read(conversation: Patient, after: Annotated[int, Query(ge=0)] = 0) -> MessagesOut:
        """What has been said since the message with the id `after`."""
        return _said_since(services, conversation.id, after)

    @router.get("/{conversation_id}/events")
    async def events(
        conversation: Patient, request: Request, after: Annotated[int | None, Query(ge=0)] = None
    ) -> StreamingResponse:
        """The same as server-sent events, for what comes later; `Last-Event-ID` resumes."""
        resumed = request.headers.get("last-event-id", "")
        start = after if after is not None else int(resumed) if resumed.isdecimal() else None
        return StreamingResponse(
            _event_stream(services, conversation.id, start, request),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return router


def _open(services: Services, body: NewConversation, sender: str) -> ConversationOut:
    with services.database.write() as session:
        conversation, token = open_conversation(session, channel=body.channel)
        welcome = [services.texts.welcome_1.reply()]
        if body.invite:
            welcome += services.joining.begin(session, conversation, code=body.invite, sender=sender)
        else:
            welcome.append(services.texts.welcome_2.reply())
        welcome += services.crisis.nobody_watching(session, conversation.id)
        stored = store_replies(session, conversation_id=conversation.id, replies=welcome)
    return ConversationOut(id=conversation.id, token=token, messages=[MessageOut.of(message) for message in stored])


def _said_since(services: Services, conversation_id: str, after: int) -> MessagesOut:
    with services.database.read() as session:
        # An open event stream goes on where the conversation goes on.
        found = session.get(Conversation, conversation_id)  # None: erased while somebody listened
        current = current_conversation(session, found).id if found is not None else conversation_id
        said = messages_after(session, conversation_id=current, after=after)
    new = [message.id for message in said if message.sender == "staff" and message.delivered_at is None]
    if new:
        with services.database.write() as session:
            note_delivered(session, new)
        anyio.from_thread.run_sync(services.doorbell.ring, current)
    return MessagesOut(messages=[MessageOut.of(message) for message in said])


async def _event_stream(
    services: Services, conversation_id: str, start: int | None, request: Request
) -> AsyncIterator[str]:
    with services.doorbell.listen(conversation_id) as rung:
        last = start if start is not None else await _last_id(services, conversation_id)
        yield ": listening\n\n"
        quiet = 0
        while not services.closing.is_set() and not await request.is_disconnected():
            rung.clear()
            said = await anyio.to_thread.run_sync(_said_since, services, conversation_id, last)
            for message in said.messages:
                last = int(message.id)
                yield f"id: {message.id}\nevent: message\ndata: {message.model_dump_json(exclude_none=True)}\n\n"
            quiet = 0 if said.messages else quiet + 1
            if quiet and quiet % _HEARTBEAT_EVERY == 0:
                yield ": still here\n\n"
            try:
                await asyncio.wait_for(rung.wait(), timeout=_LOOK_EVERY_S)
            except TimeoutError:
                continue


async def _last_id(services: Services, conversation_id: str) -> int:
    said = await anyio.to_thread.run_sync(lambda: _said_since(services, conversation_id, 0))
    return int(said.messages[-1].id) if said.messages else 0
