"""Refusals: each says what is wrong, in words for the person and a code for the program."""

from __future__ import annotations

from collections.abc import Sequence

import anyio.to_thread
import structlog
from fastapi.responses import JSONResponse

from clinic.conversations.models import Message
from clinic.conversations.schemas import ErrorDetail, ErrorOut, MessageOut
from clinic.services import Services

logger = structlog.get_logger(__name__)


def answer_error(status: int, code: str, message: str, replies: Sequence[MessageOut] = ()) -> JSONResponse:
    """An error body of the contract."""
    body = ErrorOut(error=ErrorDetail(code=code, message=message), messages=list(replies))
    return JSONResponse(body.model_dump(mode="json", exclude_none=True), status_code=status)


def busy(services: Services) -> JSONResponse:
    """429: slower, please. Whatever may mean danger never gets this answer."""
    return answer_error(429, "too_fast", services.texts.errors.busy)


def too_long(services: Services, replies: Sequence[Message]) -> JSONResponse:
    """413; with the crisis text where the message may mean danger."""
    errors = services.texts.errors
    text = errors.too_long_stored if replies else errors.too_long
    return answer_error(413, "too_long", text, [MessageOut.of(message) for message in replies])


async def unavailable(services: Services, error: Exception) -> JSONResponse:
    """503: the database is away. The person gets the numbers, and a person at the clinic hears of it directly."""
    logger.error("database_unavailable", error=type(error).__name__)
    await anyio.to_thread.run_sync(services.emergency.database_unavailable)
    return answer_error(503, "unavailable", services.texts.not_stored(services.contacts.main_lines))
