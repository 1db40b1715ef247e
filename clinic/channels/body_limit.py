"""No request may be larger than anybody could write."""

from __future__ import annotations

import json

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A message of many thousand characters is still read and screened (413 comes from the door); beyond this, nobody typed.
MAX_BYTES = 1_000_000
# A clinic's list of twenty thousand people; only staff may send one, which the route checks.
_LARGER = {"/console/waiting-list/import": 10_000_000}
_ANSWER = json.dumps({"error": {"code": "too_large", "message": "That is more than can be taken at once."}}).encode()


class BodyLimit:
    """Answers 413 to a body over the limit, whether or not its length was announced."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        body = await _read(receive, _LARGER.get(scope["path"], MAX_BYTES))
        if body is None:
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 413, "headers": headers})
            await send({"type": "http.response.body", "body": _ANSWER})
            return
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return unread.pop() if unread else await receive()

        await self._app(scope, replay, send)


async def _read(receive: Receive, most: int) -> bytes | None:
    """The whole body, or None when it is too large or never ends up complete."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body", False):
            return bytes(body)
