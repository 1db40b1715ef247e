"""Where providers call: incoming messages, and what became of outgoing ones. Nothing unsigned is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import parse_qsl

import anyio.to_thread
import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError
from twilio.twiml.messaging_response import MessagingResponse  # type: ignore[import-untyped]

from clinic.channels.answers import answer_error, unavailable
from clinic.channels.sms import notify_adapter, twilio_adapter
from clinic.channels.sms.inbox import Inbox
from clinic.channels.sms.notify_adapter import Notify
from clinic.channels.sms.providers import MalformedWebhook, StatusReport
from clinic.channels.sms.reports import note_report
from clinic.channels.sms.twilio_adapter import Pairs, Twilio
from clinic.operations.metrics import SMS_REFUSED
from clinic.services import Services

logger = structlog.get_logger(__name__)


class NotGenuine(Exception):
    """The call does not come from the provider: no signature, a wrong one, or that of another provider."""


@dataclass(frozen=True)
class _Form:
    pairs: Pairs


async def signed_by_twilio(request: Request) -> _Form:
    """Authenticates Twilio by the signature of the call as it would be for the public address.

    Raises:
        NotGenuine: turned into 403 by the app.
    """
    services: Services = request.app.state.services
    provider = services.sms.provider
    body = (await request.body()).decode("utf-8", "replace")
    pairs = parse_qsl(body, keep_blank_values=True, errors="replace")
    if not isinstance(provider, Twilio) or not provider.is_genuine(
        path=request.url.path,
        query=request.url.query,
        fields=pairs,
        signature=request.headers.get("x-twilio-signature", ""),
    ):
        raise NotGenuine
    return _Form(pairs)


async def token_of_notify(request: Request) -> Any:
    """Authenticates GOV.UK Notify by the token that was entered there; returns the body.

    Raises:
        NotGenuine: turned into 403 by the app.
    """
    services: Services = request.app.state.services
    provider = services.sms.provider
    if not isinstance(provider, Notify) or not provider.is_genuine(request.headers.get("authorization", "")):
        raise NotGenuine
    try:
        return json.loads(await request.body())
    except ValueError:
        return None


SignedForm = Annotated[_Form, Depends(signed_by_twilio)]
NotifyBody = Annotated[Any, Depends(token_of_notify)]


def sms_router(services: Services, inbox: Inbox) -> APIRouter:
    """The routes, on these services."""
    router = APIRouter(prefix="/sms", tags=["sms"])

    @router.post("/twilio")
    async def twilio_message(form: SignedForm) -> Response:
        """An incoming message. Accepted means stored; the answer to the person comes on its own way."""
        try:
            await inbox.take("twilio", twilio_adapter.inbound_text(form.pairs))
        except MalformedWebhook as error:
            return _malformed("twilio", error)
        except SQLAlchemyError as error:
            # Twilio does not try again. The person is told at once that nobody has it, and so is the clinic.
            await unavailable(services, error)
            return _twiml(services.texts.not_stored(services.contacts.main_lines))
        return _twiml()

    @router.post("/twilio/status")
    async def twilio_status(form: SignedForm, delivery: str = "") -> Response:
        """What became of an outgoing message."""
        return (
            await _take_report("twilio", lambda: twilio_adapter.status_report(form.pairs, delivery=delivery))
            or _twiml()
        )

    @router.post("/notify")
    async def notify_message(body: NotifyBody) -> Response:
        """A received text message. Notify tries again when it is not answered with success."""
        try:
            await inbox.take("notify", notify_adapter.inbound_text(body))
        except MalformedWebhook as error:
            return _malformed("notify", error)
        except SQLAlchemyError as error:
            return await unavailable(services, error)
        return Response(status_code=204)

    @router.post("/notify/status")
    async def notify_status(body: NotifyBody) -> Response:
        """What became of an outgoing message."""
        return await _take_report("notify", lambda: notify_adapter.status_report(body)) or Response(status_code=204)

    async def _take_report(provider: str, read: Callable[[], StatusReport | None]) -> Response | None:
        try:
            report = read()
        except MalformedWebhook as error:
            return _malformed(provider, error)
        if report is not None:
            await anyio.to_thread.run_sync(lambda: _note(report))
            services.relay.wake()
        return None

    def _note(report: StatusReport) -> None:
        with services.database.write() as session:
            note_report(session, report, escalations=services.escalations)

    return router


def _malformed(provider: str, error: MalformedWebhook) -> Response:
    SMS_REFUSED.labels("malformed").inc()
    # The field, never what stood in it.
    logger.warning("sms_webhook_malformed", provider=provider, field=str(error))
    return answer_error(422, "malformed", f"{error}: missing or not usable")


def _twiml(message: str | None = None) -> Response:
    answer = MessagingResponse()
    if message is not None:
        answer.message(message)
    return Response(str(answer), media_type="application/xml")


def not_genuine() -> Response:
    """403, the same whatever is wrong."""
    SMS_REFUSED.labels("not_genuine").inc()
    logger.warning("sms_webhook_not_genuine")
    return answer_error(403, "not_genuine", "This call is not signed by the provider of this clinic.")
