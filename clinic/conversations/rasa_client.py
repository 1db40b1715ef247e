"""Asking Rasa. Whatever is not a usable answer in time is a failure, and said to be one."""

from __future__ import annotations

import re
from typing import Any

import httpx

from clinic.conversations.replies import Reply, UnusableReply, reply_from_rasa

# Rasa reads a leading slash as a command: "/restart" would wipe the conversation, "/risk" would fake an intent.
_COMMAND = re.compile(r"^[\s/]+")
_CONTROL = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f]")


class RasaFailed(Exception):
    """Rasa is down, too slow, answered an error, nothing, or something unusable. Holds no text of anybody's."""


class RasaClient:
    """One connection pool to Rasa's clinic channel (assistant/channel.py)."""

    def __init__(self, *, url: str, timeout_s: float, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=timeout_s, transport=transport, trust_env=False)

    async def ask(
        self,
        *,
        conversation_id: str,
        message_id: int | None,
        channel: str,
        text: str,
        verdict: dict[str, Any],
        language: str | None = None,
    ) -> list[Reply]:
        """What Rasa says to a message; `language` is the code of the language where that is not English.

        Raises:
            RasaFailed: there is no usable answer.
        """
        body = {
            "sender": conversation_id,
            "message": safe_for_rasa(text),
            "channel": channel,
            "metadata": {
                "message_id": message_id,
                # What led to the verdict stays here: Rasa needs to know that, not why.
                "verdict": {key: verdict[key] for key in ("flagged", "respond", "categories")},
                "language": language,
            },
        }
        try:
            response = await self._client.post("/webhooks/clinic/webhook", json=body)
            response.raise_for_status()
            messages = response.json()["messages"]
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise RasaFailed(type(error).__name__) from error
        try:
            replies = [reply_from_rasa(message) for message in messages]
        except UnusableReply as error:
            raise RasaFailed(str(error)) from error
        if not replies:
            raise RasaFailed("no reply")
        return replies

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.aclose()


def safe_for_rasa(text: str) -> str:
    """The text without what Rasa would take for a command, and never empty."""
    return _COMMAND.sub("", _CONTROL.sub(" ", text)).strip() or "?"
