"""No request may be larger than anybody could write."""

from __future__ import annotations

import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A message of many thousand characters is still read and screened (413 comes from the door); beyond this, nobody typed.
MAX_BYTES = 1_000_000
_ANSWER = json.dumps({"error": {"code": "too_large", "message": "That is more than can be taken at once."}}).encode()


class _TooLarge(Exception):
    """The body went over the limit."""


class BodyLimit:
    """Answers 413 to a body over MAX_BYTES, whether or not its length was announced."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > MAX_BYTES:
                raise _TooLarge
            return message

        try:
            await self._app(scope, counted, send)
        except _TooLarge:
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 413, "headers": headers})
            await send({"type": "http.response.body", "body": _ANSWER})
