"""The one wire from the clinic service to Rasa."""

from __future__ import annotations

import hmac
import logging
from typing import Any, Awaitable, Callable

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from assistant.action_answers import check_answers_once

logger = logging.getLogger(__name__)
# The kind of utter_default, which Rasa says where an action failed or no rule fits.
FAILURE = "failure"


class ReplyCollector(CollectingOutputChannel):
    """Collects whole responses: text, buttons and the metadata that names kind, topic and source."""

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        self.messages.append(
            {
                "text": message.get("text") or "",
                "buttons": [
                    {"title": button["title"], "payload": button["payload"]} for button in message.get("buttons") or []
                ],
                "metadata": {**(message.get("metadata") or {}), **(message.get("custom") or {})},
            }
        )


class ClinicChannel(InputChannel):
    """Answers POST /webhooks/clinic/webhook with the replies, or with an error status when handling failed.

    Rasa's own REST channel answers 200 with an empty list after an exception and logs the patient's text; here a
    failure is a failure, and only its class is logged.
    """

    def __init__(self, token: str = "") -> None:
        self._token = token

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        return cls(**(credentials or {}))

    @classmethod
    def name(cls) -> str:
        return "clinic"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[None]]) -> Blueprint:
        check_answers_once()
        webhook = Blueprint("clinic_webhook", "clinic_webhook")

        @webhook.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @webhook.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            body = request.json
            collector = ReplyCollector()
            message = UserMessage(
                body["message"],
                collector,
                body["sender"],
                # Response variations for SMS are chosen by this name.
                input_channel=body["channel"],
                metadata=body["metadata"],
            )
            try:
                await on_new_message(message)
            except Exception as error:  # whatever fails in a turn, the door must hear of it as a failure
                logger.error("clinic channel: a turn failed with %s", type(error).__name__)
                await forget(request, message.sender_id)
                return response.json({"error": type(error).__name__}, status=500)
            if not collector.messages or any(said["metadata"].get("kind") == FAILURE for said in collector.messages):
                # Rasa has caught a failure itself and goes on as if nothing had happened, or says nothing for ever.
                logger.error("clinic channel: a turn ended without an answer")
                await forget(request, message.sender_id)
                return response.json({"error": "no answer"}, status=500)
            return response.json({"messages": collector.messages})

        @webhook.route("/forget", methods=["POST"])
        async def forget_conversation(request: Request) -> HTTPResponse:
            """Rasa 3.6.21 has no way to delete a tracker: erasing somebody needs one."""
            given = request.headers.get("authorization", "")
            if not self._token or not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
                return response.json({"error": "INTERNAL_TOKEN does not fit"}, status=403)
            agent, sender_id = request.app.ctx.agent, str(request.json["sender"])
            # A turn that is going on ends first, and what it saves is forgotten too.
            async with agent.lock_store.lock(sender_id):
                await agent.tracker_store.retrieve(sender_id)
            return response.json({"status": "forgotten"})

        return webhook


async def forget(request: Request, sender_id: str) -> None:
    """Empties Rasa's memory of a conversation: the next message begins anew, restored from the clinic's database."""
    agent = request.app.ctx.agent
    await agent.tracker_store.save(DialogueStateTracker(sender_id, agent.domain.slots))
