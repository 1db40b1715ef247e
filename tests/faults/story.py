"""The story that is told again and again, and what must have come of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select

from clinic.conversations.models import Message
from clinic.database import Database
from clinic.escalations.models import Escalation
from clinic.outbox.models import OutboxItem
from tests.faults.service import Service

STAFF = {"Authorization": "Bearer staff-token"}
# What the patient writes, and what the clinic must be told of.
RISKY = ("i want to die", "I need help now", "are you there")
WANTED = ("hello", *RISKY, "goodbye")


@dataclass
class Story:
    """What happens between a patient and a clinic."""

    service: Service
    database: Database

    def tell(self) -> str:
        opened = self.service.send("POST", "/api/conversations", json={"channel": "web"}).json()
        self.id, self.token = opened["id"], opened["token"]
        self.say("hello")
        self.say("i want to die")
        self.say("I need help now")
        # Nobody acknowledges: it climbs.
        self.service.offset.value += 5 * 60 + 1
        self.service.until(lambda: any(found.steps_taken >= 2 for found in self.escalations()), "climbing")
        for found in self.escalations():
            self.staff(f"escalations/{found.id}/acknowledge")
        self.staff(f"conversations/{self.id}/messages", {"text": "Sam here."})
        self.say("are you there")
        # And then Sam is called away: the person waits, and what was acknowledged has no outcome.
        self.service.offset.value += 31 * 60
        self.service.until(lambda: {e.message.text for e in self.escalations()} >= set(RISKY), "left alone")
        self.service.until(lambda: all(e.status == "new" for e in self.escalations()), "opens again")
        self.staff(f"conversations/{self.id}/hand_back")
        for found in self.escalations():
            self.staff(f"escalations/{found.id}/close", {"outcome": "spoken_to"})
        self.say("goodbye")
        self.service.until(self.is_everything_sent, "everything sent")
        return self.id

    def say(self, words: str) -> None:
        body = {"text": words, "client_message_id": words.replace(" ", "-")}
        answer = self.service.send(
            "POST",
            f"/api/conversations/{self.id}/messages",
            json=body,
            headers={"Authorization": f"Bearer {self.token}"},
        )
        assert answer.status_code == 200, answer.text

    def staff(self, path: str, body: dict[str, str] | None = None) -> None:
        answer = self.service.send("POST", f"/api/staff/{path}", json=body, headers=STAFF)
        # 409: it was done before the process died, and the answer was lost.
        assert answer.status_code in (200, 409), answer.text

    def escalations(self) -> list[Escalation]:
        with self.database.read() as session:
            found = list(session.scalars(select(Escalation).where(Escalation.conversation_id == self.id)))
            assert [escalation.message.text for escalation in found]
            return found

    def is_everything_sent(self) -> bool:
        # A lease that a dead worker holds ends by the clock.
        self.service.offset.value += 10
        with self.database.read() as session:
            return session.scalar(select(OutboxItem.id).where(OutboxItem.sent_at.is_(None)).limit(1)) is None


def check(story: Story, count: Counter[str]) -> None:
    """What is in the database, and what reached the outside, when the story is over."""
    plan = story.service.plan
    with story.database.read() as session:
        messages = session.scalars(select(Message).where(Message.conversation_id == story.id)).all()
        escalations = session.scalars(select(Escalation).where(Escalation.conversation_id == story.id)).all()
        found = Counter(escalation.message.text for escalation in escalations)
    incoming = Counter(message.text for message in messages if message.direction == "incoming")
    count["stories"] += 1
    count["messages sent"] += len(WANTED)
    count["messages found"] += sum(incoming[words] for words in WANTED)
    count["messages lost"] += sum(incoming[words] == 0 for words in WANTED)
    count["messages stored twice"] += sum(incoming[words] > 1 for words in WANTED)
    assert all(message.answered_at for message in messages if message.direction == "incoming"), "somebody got no answer"
    count["escalations expected"] += len(RISKY)
    count["escalations found"] += sum(found[words] for words in RISKY)
    count["escalations lost"] += sum(found[words] == 0 for words in RISKY)
    count["escalations besides"] += sum(times for words, times in found.items() if words not in RISKY)
    count["escalations double"] += sum(found[words] > 1 for words in RISKY)
    replies = Counter(message.in_reply_to_id for message in messages if message.kind == "crisis")
    risky = [message.id for message in messages if message.text in ("i want to die", "I need help now")]
    assert all(replies[message_id] == 1 for message_id in risky), "a crisis reply each, and one"
    alerts = Counter((alert["item"], alert["channel"]) for alert in plan.alerts_sent())
    count["alerts sent"] += len(alerts)
    count["alerts sent twice"] += sum(times > 1 for times in alerts.values())
    told_of = {(alert["escalation"], alert["channel"]) for alert in plan.alerts_sent() if "escalation" in alert}
    expected = {(escalation.id, channel) for escalation in escalations for channel in plan.channels}
    count["alerts lost"] += len(expected - told_of)
    assert not expected - told_of, f"alerts lost: {expected - told_of} of {[(e.id, e.reasons) for e in escalations]}"
