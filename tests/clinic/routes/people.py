"""Somebody who writes to the clinic, by the chat or by text message, and what they read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from tests.clinic.conftest import Chat
from tests.clinic.sms.conftest import SmsClinic


@dataclass(frozen=True)
class Read:
    """One thing that somebody reads."""

    kind: str
    text: str


class Person(Protocol):
    """Whoever writes, whatever the channel."""

    statuses: list[int]

    @property
    def id(self) -> str:
        """Their conversation."""

    async def write(self, text: str, *, delivery: str | None = None) -> list[Read]:
        """Writes, and reads what comes back; the same `delivery` again is a repeated one."""


@dataclass
class AtTheChat:
    """With the widget, or with any other program that speaks the API."""

    chat: Chat
    statuses: list[int] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.chat.id

    async def write(self, text: str, *, delivery: str | None = None) -> list[Read]:
        response = await self.chat.post(text, delivery)
        self.statuses.append(response.status_code)
        return [Read(said["kind"], said["text"]) for said in response.json()["messages"]]


@dataclass
class OnThePhone:
    """With text messages. What a phone shows has no kind: a text with the crisis lines counts as one."""

    there: SmsClinic
    number: str
    statuses: list[int] = field(default_factory=list)
    _shown: int = 0

    @property
    def id(self) -> str:
        return self.there.conversation(self.number).id

    async def write(self, text: str, *, delivery: str | None = None) -> list[Read]:
        if delivery is None:
            await self.there.network.write(self.number, text)
        else:
            status, _ = await self.there.network.deliver(self.number, text, sid=delivery)
            self.statuses.append(status)
        await self.there.settle()
        received = self.there.received(self.number)
        new, self._shown = received[self._shown :], len(received)
        return [Read("crisis" if "116 123" in shown.text else "", shown.text) for shown in new]
