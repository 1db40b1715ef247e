"""What is answered to a form that asgi-csrf refuses: from another site, or opened before the service was restarted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request
from fastapi.responses import Response
from starlette.types import Message, Scope, Send

from clinic.channels.answers import answer_error
from clinic.console.rendering import Pages
from clinic.services import Services


def form_refused(services: Services) -> Callable[[Scope, Send, object], Awaitable[None]]:
    """Gives `asgi_csrf(send_csrf_failed=...)` what it wants: a page for people, JSON for programs, both 403."""
    pages = Pages(services)

    async def send_refusal(scope: Scope, send: Send, reason: object) -> None:
        response: Response
        if scope["path"].startswith("/console"):
            response = pages.page(Request(scope), "form_refused.html", staff=None, status=403)
        else:
            response = answer_error(403, "form_refused", "This needs the token of a form, or a bearer token.")
        await response(scope, _nothing_more, send)

    return send_refusal


async def _nothing_more() -> Message:
    return {"type": "http.disconnect"}
