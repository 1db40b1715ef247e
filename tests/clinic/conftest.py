"""The clinic service in one process, with a Rasa and a detector that a test can break."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from clinic.app import create_app
from clinic.conversations.models import Message
from clinic.conversations.rasa_client import RasaClient
from clinic.database import Database
from clinic.escalations.models import Escalation
from clinic.services import Services
from clinic.settings import Settings
from risk import Verdict

HARMLESS = Verdict(flagged=False)
RISKY = Verdict(
    flagged=True, respond="today", categories=("suicidal_ideation_active",), phrases=("want to die",), score=0.9
)
ANSWER = {"text": "An answer.", "buttons": [], "metadata": {"kind": "leaflet", "topic": "what_is_dit", "source": "S"}}
CRISIS = {"text": "Call 116 123.", "buttons": [], "metadata": {"kind": "crisis"}}


class ScriptedDetector:
    """Flags what holds the word "die"; a test may put another behaviour in its place."""

    def __init__(self) -> None:
        self.screen_with: Callable[[str], Verdict] = lambda text: RISKY if "die" in text.lower() else HARMLESS
        self.seen: list[tuple[str, tuple[str, ...]]] = []

    def screen(self, text: str, *, previous: Sequence[str] = ()) -> Verdict:
        self.seen.append((text, tuple(previous)))
        return self.screen_with(text)


class ScriptedRasa:
    """Answers like Rasa's clinic channel; a test may put another behaviour in its place."""

    def __init__(self) -> None:
        self.answer_with: Callable[[dict[str, Any]], Awaitable[httpx.Response] | httpx.Response] = self._answer
        self.asked: list[dict[str, Any]] = []

    async def handle(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.asked.append(body)
        response = self.answer_with(body)
        return response if isinstance(response, httpx.Response) else await response

    @staticmethod
    def _answer(body: dict[str, Any]) -> httpx.Response:
        flagged = body["metadata"]["verdict"]["flagged"]
        return httpx.Response(200, json={"messages": [CRISIS if flagged else ANSWER]})


@dataclass
class Chat:
    """One patient's device."""

    client: httpx.AsyncClient
    id: str
    token: str
    welcome: list[dict[str, Any]]

    async def post(self, text: str, client_message_id: str | None = None) -> httpx.Response:
        return await self.client.post(
            f"/api/conversations/{self.id}/messages",
            json={"text": text, "client_message_id": client_message_id or uuid.uuid4().hex},
            headers={"Authorization": f"Bearer {self.token}"},
        )

    async def say(self, text: str) -> list[dict[str, Any]]:
        response = await self.post(text)
        assert response.status_code == 200, response.text
        return response.json()["messages"]  # type: ignore[no-any-return]


@dataclass
class Clinic:
    """The running service and its breakable parts."""

    services: Services
    detector: ScriptedDetector
    rasa: ScriptedRasa
    client: httpx.AsyncClient
    staff: dict[str, str] = field(default_factory=lambda: {"Authorization": "Bearer staff-token"})

    async def chat(self) -> Chat:
        response = await self.client.post("/api/conversations", json={"channel": "web"})
        assert response.status_code == 201, response.text
        opened = response.json()
        return Chat(self.client, opened["id"], opened["token"], opened["messages"])

    def escalations(self, conversation_id: str) -> list[Escalation]:
        with self.services.database.read() as session:
            found = select(Escalation).where(Escalation.conversation_id == conversation_id).order_by(Escalation.id)
            return list(session.scalars(found))

    def stored(self, conversation_id: str, direction: str) -> list[Message]:
        with self.services.database.read() as session:
            found = select(Message).where(Message.conversation_id == conversation_id, Message.direction == direction)
            return list(session.scalars(found.order_by(Message.id)))


def keep_open(services: Services) -> None:
    """Somebody is there day and night: what a test sees must not depend on the hour at which it runs."""
    hours = replace(services.escalations.hours, weekly=dict.fromkeys(range(7), (0, 24 * 60)), nation="ENG")
    hours.__dict__["_bank_holidays"] = {}
    services.escalations.hours = services.crisis._hours = hours


@pytest.fixture
async def clinic(database: Database, settings: Settings) -> AsyncIterator[Clinic]:
    detector, rasa = ScriptedDetector(), ScriptedRasa()
    services = Services.build(settings, detector=detector)
    keep_open(services)
    services.database.dispose()
    services.database = services.relay._database = database
    services.rasa = RasaClient(
        url="http://rasa", timeout_s=settings.rasa_timeout_s, transport=httpx.MockTransport(rasa.handle)
    )
    app = create_app(services)
    # The relay beats once, as it does at start: otherwise the texts say, truly, that nobody can be told.
    services.relay.run_once()
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://clinic") as client:
        yield Clinic(services, detector, rasa, client)
    await services.rasa.close()
    services.screening.close()
