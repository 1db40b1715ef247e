"""A clinic whose parts can be taken away and whose clock the test moves; devices that send again what did not arrive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from clinic.app import _jobs
from clinic.conversations.door_rules import DoorRules
from clinic.conversations.models import Message
from clinic.outbox.models import OutboxItem
from clinic.outbox.path import silent_parts
from clinic.outbox.relay import SendFailed
from tests.clinic.conftest import Chat, Clinic

NUMBER = "116 123"
OUTSIDE = "alert:1"
JOBS = ("stuck", "climbing", "watching", "left_alone")


@dataclass
class Outside:
    """An alert channel: takes what it is given, unless it is away."""

    taken: list[dict[str, Any]] = field(default_factory=list)
    is_away: bool = False

    def send(self, item: OutboxItem) -> None:
        """Taken, or not."""
        if self.is_away:
            raise SendFailed("away")
        self.taken.append(dict(item.payload))

    def told_of(self) -> Counter[int]:
        """The escalations that it was told of, and how often."""
        return Counter(payload["escalation"] for payload in self.taken if "escalation" in payload)

    def troubles(self) -> list[str]:
        """The troubles of the service that it was told of."""
        return [payload["trouble"] for payload in self.taken if "trouble" in payload]


@dataclass
class World:
    """The service in this process, the outside, and the hands of the clock."""

    clinic: Clinic
    clock: Any
    outside: Outside = field(default_factory=Outside)
    log: Outside = field(default_factory=Outside)
    is_database_away: bool = False
    # None: there is room. Else how many commits are left until the disk is full.
    commits_left: int | None = None

    def __post_init__(self) -> None:
        services = self.clinic.services
        senders: dict[str, Any] = {"alert:log": self.log, OUTSIDE: self.outside}
        services.relay._senders = services.emergency._senders = senders
        services.addresses._for_everything = services.escalations._addresses._for_everything = (OUTSIDE,)
        rules = DoorRules(escalations=services.escalations, crisis=services.crisis, texts=services.texts)
        self._jobs = {name: work for name, (_, work) in _jobs(services, rules).items() if name in JOBS}
        event.listen(services.database.engine, "begin", self._begin)
        event.listen(services.database.engine, "commit", self._commit)

    def tick(self, *, minutes: float = 0) -> None:
        """The clock moves, and what runs by it runs: it must get over whatever is away."""
        self.clock.shift(timedelta(minutes=minutes))
        for work in (self.clinic.services.relay.run_once, *self._jobs.values(), self.clinic.services.relay.run_once):
            try:
                work()
            except SQLAlchemyError:
                assert self.is_database_away or self.commits_left == 0

    async def device(self) -> Device:
        """A patient's device with a conversation of its own."""
        return Device(await self.clinic.chat())

    def silent(self) -> list[str]:
        """What the service itself believes to be silent."""
        with self.clinic.services.database.read() as session:
            return silent_parts(session)

    def unsent(self) -> list[OutboxItem]:
        """What waits to be sent or was given up."""
        with self.clinic.services.database.read() as session:
            return list(session.scalars(select(OutboxItem).where(OutboxItem.sent_at.is_(None))))

    @contextmanager
    def disk_full_after(self, commits: int) -> Iterator[None]:
        """So many commits, and then none."""
        self.commits_left = commits
        yield
        self.commits_left = None

    def check(self, device: Device, count: Counter[str], *, doubles: Outside | None = None) -> list[Message]:
        """Everything that was written is stored once and answered; each risky message is one escalation, and told."""
        incoming = self.clinic.stored(device.chat.id, "incoming")
        stored = Counter(message.text for message in incoming)
        count["messages sent"] += len(device.written)
        count["messages found"] += sum(stored[words] for words in device.written)
        count["messages lost"] += sum(not stored[words] for words in device.written)
        count["messages stored twice"] += sum(stored[words] > 1 for words in device.written)
        assert all(message.answered_at for message in incoming), "somebody got no answer"
        risky = {message.id: message.text for message in incoming if "die" in message.text}
        found = Counter(one.message_id for one in self.clinic.escalations(device.chat.id))
        count["escalations expected"] += len(risky)
        count["escalations found"] += sum(found[message_id] for message_id in risky)
        count["escalations lost"] += sum(not found[message_id] for message_id in risky)
        # A message that Rasa did not answer is one, too.
        count["escalations besides"] += sum(times for message_id, times in found.items() if message_id not in risky)
        count["escalations double"] += sum(times > 1 for times in found.values())
        told = self.outside.told_of()
        mine = [one.id for one in self.clinic.escalations(device.chat.id)]
        count["alerts sent"] += sum(told[number] for number in mine)
        count["alerts lost"] += sum(not told[number] for number in mine)
        assert count["messages lost"] == count["escalations lost"] == count["alerts lost"] == 0, count
        said = self.clinic.stored(device.chat.id, "outgoing")
        crisis = Counter(one.in_reply_to_id for one in said if one.kind == "crisis")
        assert all(crisis[message_id] == 1 for message_id in risky), "a crisis reply each, and one"
        return said

    def _begin(self, connection: Any) -> None:
        if self.is_database_away:
            raise OperationalError("BEGIN", {}, Exception("the database is away"))

    def _commit(self, connection: Any) -> None:
        if connection.get_execution_options().get("read_only") or self.commits_left is None:
            return
        if self.commits_left == 0:
            raise OperationalError("COMMIT", {}, Exception("database or disk is full"))
        self.commits_left -= 1


@dataclass
class Device:
    """One patient's device: what did not arrive is kept and sent again, under the same id, as the widget does."""

    chat: Chat
    written: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    async def write(self, words: str) -> list[str]:
        """Writes something new, after what waits. Returns what is read in answer to all of it."""
        self.written.append(words)
        self.waiting.append(words)
        return await self.send_again()

    async def send_again(self) -> list[str]:
        """Sends what waits. Whatever happens, there is something to read, and what failed names the numbers."""
        read = []
        while self.waiting:
            response = await self.chat.post(self.waiting[0], f"number-{self.written.index(self.waiting[0])}")
            read.append(_read(response))
            if response.status_code != 200:
                break
            self.waiting.pop(0)
        return read


def _read(response: httpx.Response) -> str:
    body = response.json()
    if response.status_code == 200:
        words = "\n".join(message["text"] for message in body["messages"])
    else:
        assert response.status_code == 503, response.text
        words = body["error"]["message"]
        assert NUMBER in words and "999" in words
    assert words.strip(), "silence"
    return words
