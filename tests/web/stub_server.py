"""Stands in for the clinic service: serves the chat's files as it does, and answers a few texts by rote.

    .venv/bin/python tests/web/stub_server.py 8123      # then open http://127.0.0.1:8123/

Only for tests and for looking at the chat without the assistant. It screens nothing and keeps nothing.
"""

import asyncio
import itertools
import json
import secrets
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined

WEB = Path(__file__).parents[2] / "clinic" / "channels" / "web"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
CONTACTS = [
    {"name": name, "number": number, "href": href, "line": line, "main": "yes" if main else None}
    for name, number, href, line, main in (
        ("Emergency services", "999", "tel:999", "999 or A&E - if a life is at risk", True),
        ("NHS 111, mental health option", "111, option 2", "tel:111", "NHS 111, option 2 - day and night", True),
        ("Samaritans", "116 123", "tel:116123", "116 123 - Samaritans, free, day and night", True),
        ("Shout", "85258", "sms:85258?body=SHOUT", "Text SHOUT to 85258 - Shout, day and night", True),
        ("NHS 111 by text relay", "18001 111", "tel:18001111", "18001 111 - NHS 111 through the Relay UK app", False),
        ("BSL 111", "BSL 111", None, "BSL 111 - NHS 111 in sign language, through SignVideo", False),
        ("PAPYRUS", "0800 068 4141", "tel:08000684141", "0800 068 4141 - PAPYRUS, for people under 35", False),
    )
]
CRISIS = (
    "I am very sorry that it is this hard right now.\n\nIf your life is in danger, call 999 or go to A&E.\n\n"
    "You can also call NHS 111 and choose the mental health option, or Samaritans on 116 123. Or text SHOUT to 85258."
    "\n\nYour message has been sent to the clinic. Nobody has seen it yet."
)
SILENCE = (
    "Your therapist may stay silent and wait for you to speak. This is not because they are unfriendly. They want to "
    "hear what is on your mind, and to give you space.\n\nIt can feel uncomfortable. If it gets too uncomfortable, "
    "your therapist will help you talk."
)
QUESTIONS = ("Why are they so quiet?", "What is DIT?", "How long does it take?")
CHOICES = [{"label": question, "text": question} for question in QUESTIONS]

templates = Environment(loader=FileSystemLoader(WEB / "templates"), autoescape=True, undefined=StrictUndefined)
app = FastAPI()
app.mount("/static/web", StaticFiles(directory=WEB / "static"))
ids = itertools.count(1)
conversations: dict[str, dict[str, Any]] = {}


@app.middleware("http")
async def policy(request: Request, call_next: Any) -> Response:
    response = await call_next(request)
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


@app.get("/")
@app.get("/embed")
def page(request: Request) -> HTMLResponse:
    name = "chat.html" if request.url.path == "/" else "embed_example.html"
    return HTMLResponse(
        templates.get_template(name).render(clinic_name="Riverside Clinic", contacts=CONTACTS, texts={})
    )


@app.get("/widget/interlude.js")
def widget() -> Response:
    config = json.dumps({"contacts": CONTACTS, "texts": {}, "clinic_name": "Riverside Clinic"})
    parts = [part.read_text() for part in sorted((WEB / "static" / "interlude").glob("*.js"))]
    script = "\n".join(["(function () {", *parts, "}());"]).replace("/*INTERLUDE_CONFIG*/null", config)
    return Response(script, media_type="text/javascript")


def message(text: str, kind: str, sender: str = "assistant", **more: Any) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    return {"id": str(next(ids)), "at": at, "sender": sender, "kind": kind, "text": text, "quick_replies": [], **more}


def answers(text: str) -> list[dict[str, Any]]:
    said = text.lower()
    if "need help now" in said or "kill myself" in said:
        return [message(CRISIS, "crisis")]
    if "quiet" in said or "silent" in said:
        source = "What does therapy involve? / Assessment"
        return [message(SILENCE, "leaflet", topic="therapist_silence", source=source, quick_replies=CHOICES[1:])]
    return [message("I am not sure what you mean. Is it one of these?", "topic_choice", quick_replies=CHOICES)]


def found(conversation_id: str, request: Request) -> dict[str, Any] | JSONResponse:
    conversation = conversations.get(conversation_id)
    if conversation and request.headers.get("Authorization") == f"Bearer {conversation['token']}":
        return conversation
    return JSONResponse({"error": {"code": "not_found", "message": "There is no such chat."}}, 404)


@app.post("/api/conversations", status_code=201)
async def create() -> dict[str, Any]:
    greeting = message(
        "Hello. I am Interlude, a computer program. I can answer questions about your therapy (DIT).\n\nI am not an "
        "emergency service. If you are in danger, press \"I need help now\".\n\nWhat would you like to know?",
        "menu", quick_replies=CHOICES,
    )  # fmt: skip
    conversation_id = secrets.token_hex(8)
    conversations[conversation_id] = {"token": secrets.token_hex(16), "messages": [greeting], "answered": {}}
    return {"id": conversation_id, "token": conversations[conversation_id]["token"], "messages": [greeting]}


@app.post("/api/conversations/{conversation_id}/messages", response_model=None)
async def receive(conversation_id: str, request: Request) -> Any:
    conversation = found(conversation_id, request)
    if isinstance(conversation, JSONResponse):
        return conversation
    body = await request.json()
    if len(body["text"]) > 4000:
        error = {"code": "too_long", "message": "Your message is too long. Please send it in two parts."}
        return JSONResponse({"error": error}, 413)
    if body["client_message_id"] not in conversation["answered"]:
        conversation["messages"].append(
            message(body["text"], "text", "patient", client_message_id=body["client_message_id"])
        )
        await asyncio.sleep(0.2)
        conversation["answered"][body["client_message_id"]] = answers(body["text"])
        conversation["messages"] += conversation["answered"][body["client_message_id"]]
    return {"messages": conversation["answered"][body["client_message_id"]]}


@app.get("/api/conversations/{conversation_id}/messages", response_model=None)
async def history(conversation_id: str, request: Request, after: int = 0) -> Any:
    conversation = found(conversation_id, request)
    if isinstance(conversation, JSONResponse):
        return conversation
    return {"messages": [said for said in conversation["messages"] if int(said["id"]) > after]}


@app.get("/api/conversations/{conversation_id}/events", response_model=None)
async def events(conversation_id: str, request: Request) -> Any:
    conversation = found(conversation_id, request)
    if isinstance(conversation, JSONResponse):
        return conversation

    async def stream() -> AsyncIterator[str]:
        sent = len(conversation["messages"])
        while not await request.is_disconnected():
            for said in conversation["messages"][sent:]:
                yield f"id: {said['id']}\nevent: message\ndata: {json.dumps(said)}\n\n"
            sent = len(conversation["messages"])
            yield ": heartbeat\n\n"
            await asyncio.sleep(0.1)

    return StreamingResponse(stream(), media_type="text/event-stream")


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", timeout_graceful_shutdown=1)
