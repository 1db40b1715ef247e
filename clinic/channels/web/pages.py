"""The page of the chat, and the script that a clinic embeds with one tag."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.templating import Jinja2Templates

from clinic.services import Services

FOLDER = Path(__file__).resolve().parent
STATIC = FOLDER / "static"
_PLACE_FOR_CONFIG = "/*INTERLUDE_CONFIG*/null"


def web_router(services: Services) -> APIRouter:
    """The routes, on these services. Public."""
    router = APIRouter(include_in_schema=False)
    templates = Jinja2Templates(FOLDER / "templates")
    context: dict[str, Any] = {
        "clinic_name": services.settings.clinic_name,
        "contacts": _contacts(services),
        "texts": services.texts.widget,
    }
    script, tag = _script_with_config(context)

    @router.get("/")
    async def chat(request: Request) -> HTMLResponse:
        """The chat as a page of its own."""
        return templates.TemplateResponse(request, "chat.html", context)

    @router.get("/join")
    async def join(request: Request) -> HTMLResponse:
        """The chat for somebody who has an invitation; the code stays in the browser until the chat sends it."""
        return templates.TemplateResponse(request, "join.html", context)

    @router.get("/widget/example")
    async def example(request: Request) -> HTMLResponse:
        """A made-up page of a clinic that embeds the chat with one tag."""
        return templates.TemplateResponse(request, "embed_example.html", context)

    @router.get("/widget/interlude.js")
    async def widget(request: Request) -> Response:
        """The chat as a script. The crisis numbers are inside it, so that they need no network later."""
        headers = {"ETag": tag, "Cache-Control": "public, max-age=300", "Cross-Origin-Resource-Policy": "cross-origin"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(script, media_type="text/javascript; charset=utf-8", headers=headers)

    return router


def _contacts(services: Services) -> list[dict[str, str | None]]:
    return [
        {
            "name": contact.name,
            "number": contact.number,
            "href": contact.href,
            "line": contact.text,
            "main": "yes" if contact.main else None,
        }
        for contact in services.contacts.contacts
    ]


def _script_with_config(context: dict[str, Any]) -> tuple[str, str]:
    # One script for one tag, kept in parts for its readers. They share one scope.
    parts = sorted((STATIC / "interlude").glob("*.js"))
    source = "\n".join(["(function () {", *(part.read_text(encoding="utf-8") for part in parts), "}());"])
    if source.count(_PLACE_FOR_CONFIG) != 1:
        raise ValueError(f"interlude.js must hold {_PLACE_FOR_CONFIG} exactly once: the crisis numbers go there")
    script = source.replace(_PLACE_FOR_CONFIG, json.dumps(context, ensure_ascii=True))
    return script, f'"{hashlib.sha256(script.encode()).hexdigest()[:16]}"'
