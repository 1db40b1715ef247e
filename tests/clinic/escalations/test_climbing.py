"""An escalation climbs until a person acknowledges it, opens again without an outcome, and rises when it waits too long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select

from clinic.audit.models import AuditEvent
from clinic.conversations.models import Conversation
from clinic.escalations.addresses import Addresses
from clinic.escalations.climbing import climb
from clinic.escalations.left_alone import look_after_left_alone
from clinic.escalations.models import Escalation
from clinic.escalations.views import take_over
from clinic.outbox.models import OutboxItem
from risk import Verdict
from tests.clinic.conftest import Chat, Clinic

# A Monday morning.
START = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Europe/London"))
CHANNELS = {"alert:1": "duty", "alert:2": "lead", "alert:3": "fallback"}


class Silent:
    """Takes whatever it is given."""

    def send(self, item: OutboxItem) -> None:
        """Taken."""


@dataclass
class Watched:
    """A clinic whose clock the test moves, with an address for each contact."""

    clinic: Clinic
    clock: Any

    async def flagged(self, respond: str = "now", *, at: str = "i want to die", chat: Chat | None = None) -> int:
        self.clinic.detector.screen_with = lambda text: (
            Verdict(flagged=True, respond=respond, categories=("severe_hopelessness",), score=0.9)  # type: ignore[arg-type]
            if "die" in text
            else Verdict(flagged=False)
        )
        chat = chat or await self.clinic.chat()
        await chat.say(at)
        return self.clinic.escalations(chat.id)[-1].id

    def tick(self, *, minutes: float = 0) -> list[str]:
        self.clock.shift(timedelta(minutes=minutes))
        services = self.clinic.services
        # The relay works all the while.
        services.relay.run_once()
        said = climb(services.database, services.escalations, services.crisis)
        said += look_after_left_alone(services.database, services.escalations, services.crisis)
        return said

    def told(self, escalation_id: int) -> list[str]:
        """Who was told since the last look, by contact."""
        with self.clinic.services.database.write() as session:
            items = session.scalars(select(OutboxItem).order_by(OutboxItem.id)).all()
            mine = [item for item in items if item.payload.get("escalation") == escalation_id]
            told = [CHANNELS[item.channel] for item in mine if item.channel in CHANNELS]
            for item in mine:
                session.delete(item)
        return told

    def found(self, escalation_id: int) -> Escalation:
        with self.clinic.services.database.read() as session:
            return session.get_one(Escalation, escalation_id)

    async def staff(self, path: str, body: dict[str, str] | None = None) -> None:
        response = await self.clinic.client.post(f"/api/staff/{path}", json=body, headers=self.clinic.staff)
        assert response.status_code == 200, response.text


@pytest.fixture
def watched(clinic: Clinic) -> Iterator[Watched]:
    clinic.services.escalations._addresses = Addresses(
        by_contact={contact: [channel] for channel, contact in CHANNELS.items()}, for_everything=[]
    )
    clinic.services.relay._senders = dict.fromkeys(["alert:log", *CHANNELS], Silent())  # type: ignore[arg-type]
    with time_machine.travel(START, tick=False) as clock:
        clinic.services.relay.run_once()
        yield Watched(clinic, clock)


async def test_climbing_now_after_0_5_and_10_minutes_and_on(watched: Watched) -> None:
    one = await watched.flagged("now")
    assert watched.told(one) == ["duty"]
    for minutes, told in [(4, []), (1, ["duty", "lead"]), (4, []), (1, ["duty", "lead", "fallback"]), (9, [])]:
        watched.tick(minutes=minutes)
        assert watched.told(one) == told
    for _ in range(20):
        watched.tick(minutes=10)
        assert watched.told(one) == ["duty", "lead", "fallback"], "until a person acknowledges it"
    await watched.staff(f"escalations/{one}/acknowledge")
    watched.tick(minutes=29)
    assert watched.told(one) == []


async def test_climbing_today_after_15_30_and_60_minutes(watched: Watched) -> None:
    one = await watched.flagged("today")
    seen = [(0, name) for name in watched.told(one)]
    for minute in range(1, 181):
        watched.tick(minutes=1)
        seen += [(minute, name) for name in watched.told(one)]
    assert [minute for minute, name in seen if name == "duty"] == [0, 15, 30, 60, 120, 180]
    assert [minute for minute, name in seen if name == "lead"] == [30, 60, 120, 180]
    assert [minute for minute, name in seen if name == "fallback"] == [60, 120, 180]


async def test_climbing_steps_missed_while_the_service_was_down_are_one_alert(watched: Watched) -> None:
    one = await watched.flagged("now")
    watched.told(one)
    watched.tick(minutes=125)
    assert sorted(watched.told(one)) == ["duty", "fallback", "lead"]
    watched.tick()
    assert watched.told(one) == []


async def test_climbing_outside_staffed_hours_the_fallback_is_told_at_once(watched: Watched) -> None:
    services = watched.clinic.services
    services.escalations.hours = services.escalations.policy.hours(ZoneInfo("Europe/London"))
    watched.clock.move_to(START.replace(hour=22))
    one = await watched.flagged("now")
    assert watched.told(one) == ["duty", "fallback"]


async def test_climbing_acknowledged_without_outcome_opens_again_after_30_minutes(watched: Watched) -> None:
    one = await watched.flagged("now")
    await watched.staff(f"escalations/{one}/acknowledge")
    watched.told(one)
    watched.tick(minutes=29)
    assert watched.found(one).status == "acknowledged" and watched.told(one) == []
    watched.tick(minutes=1)
    found = watched.found(one)
    assert found.status == "new" and found.reopened_at is not None and found.acknowledged_by == "staff-api"
    assert watched.told(one) == ["duty"]
    watched.tick(minutes=5)
    assert watched.told(one) == ["duty", "lead"], "and climbs again"
    # The person is told once that somebody has read it.
    await watched.staff(f"escalations/{one}/acknowledge")
    said = watched.clinic.stored(found.conversation_id, "outgoing")
    assert len([message for message in said if "has read your message" in message.text]) == 1
    with watched.clinic.services.database.read() as session:
        trail = [event.action for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id))]
    assert trail == ["acknowledge", "reopen", "acknowledge"]


async def test_climbing_closed_never_opens_again(watched: Watched) -> None:
    one = await watched.flagged("now")
    await watched.staff(f"escalations/{one}/close", {"outcome": "spoken_to"})
    watched.told(one)
    watched.tick(minutes=600)
    assert watched.found(one).status == "closed" and watched.told(one) == []


async def test_climbing_staff_who_write_keep_it_from_opening_again(watched: Watched) -> None:
    chat = await watched.clinic.chat()
    one = await watched.flagged("now", chat=chat)
    await watched.staff(f"escalations/{one}/acknowledge")
    for _ in range(4):
        watched.tick(minutes=20)
        await watched.staff(f"conversations/{chat.id}/messages", {"text": "I am here."})
    assert watched.found(one).status == "acknowledged"
    watched.tick(minutes=30)
    assert watched.found(one).status == "new"


async def test_climbing_next_working_day_rises_when_nobody_has_looked_by_then(watched: Watched) -> None:
    one = await watched.flagged("next_working_day")
    assert watched.told(one) == ["duty"]
    watched.clock.move_to(START + timedelta(days=1, hours=2, minutes=59))
    watched.tick()
    assert watched.found(one).respond == "next_working_day" and watched.told(one) == []
    watched.tick(minutes=1)
    found = watched.found(one)
    assert found.respond == "today" and "unread" in found.reasons and watched.told(one) == ["duty"]
    watched.tick(minutes=30)
    assert watched.told(one) == ["duty", "lead"]


async def test_climbing_next_working_day_rises_when_it_is_written_again(watched: Watched) -> None:
    chat = await watched.clinic.chat()
    first = await watched.flagged("next_working_day", chat=chat)
    second = await watched.flagged("next_working_day", chat=chat)
    assert watched.found(first).respond == "next_working_day" and watched.found(second).respond == "today"
    assert "repeated" in watched.found(second).reasons
    alone = await watched.flagged("next_working_day")
    assert watched.found(alone).respond == "next_working_day"


async def test_climbing_a_clock_set_back_delays_no_alert(watched: Watched) -> None:
    one = await watched.flagged("now")
    seen = await watched.flagged("now")
    await watched.staff(f"escalations/{seen}/acknowledge")
    watched.told(one), watched.told(seen)
    watched.tick(minutes=-180)
    assert watched.told(one) == ["duty"] and watched.told(seen) == ["duty"]
    watched.tick(minutes=5)
    assert watched.told(one) == ["duty", "lead"]


async def test_climbing_an_acknowledgement_at_this_very_moment_is_not_from_the_future(watched: Watched) -> None:
    """The job asked for the time, then waited for its turn to write; meanwhile somebody acknowledged."""
    one = await watched.flagged("now")
    await watched.staff(f"escalations/{one}/acknowledge")
    watched.told(one)
    watched.tick(minutes=-0.01)
    assert watched.told(one) == [] and watched.found(one).status == "acknowledged"


async def test_climbing_tells_the_person_once_that_nobody_has_looked(watched: Watched) -> None:
    chat = await watched.clinic.chat()
    await watched.flagged("now", chat=chat)
    assert watched.tick(minutes=5) == []
    assert watched.tick(minutes=5) == [chat.id]
    last = watched.clinic.stored(chat.id, "outgoing")[-1]
    assert last.kind == "crisis" and last.text.startswith("Nobody at the clinic has read") and "116 123" in last.text
    assert watched.tick(minutes=10) == [] and watched.tick(minutes=10) == []


async def test_climbing_says_nothing_to_the_person_about_a_matter_of_the_service(watched: Watched) -> None:
    watched.clinic.rasa.answer_with = lambda body: (_ for _ in ()).throw(ValueError())  # type: ignore[misc]
    chat = await watched.clinic.chat()
    await chat.say("hello")
    assert [watched.tick(minutes=60) for _ in range(3)] == [[], [], []]


async def test_climbing_alert_holds_a_reference_and_no_words(watched: Watched) -> None:
    one = await watched.flagged("now", at="my secret die")
    watched.tick(minutes=10)
    with watched.clinic.services.database.read() as session:
        payloads = [item.payload for item in session.scalars(select(OutboxItem))]
    assert {frozenset(payload) for payload in payloads} == {
        frozenset({"escalation", "respond", "waiting_minutes", "is_reopened"})
    }
    assert "secret" not in str(payloads) and {payload["escalation"] for payload in payloads} == {one}


async def test_left_alone_conversation_tells_the_clinic_and_the_person(watched: Watched) -> None:
    chat = await watched.clinic.chat()
    await chat.say("hello")
    await watched.staff(f"conversations/{chat.id}/messages", {"text": "Sam here"})
    await chat.say("are you there")
    assert watched.tick(minutes=9) == []
    await chat.say("hello?")
    assert watched.tick(minutes=1) == [chat.id]
    (found,) = watched.clinic.escalations(chat.id)
    assert found.reasons == ["left_alone"] and found.respond == "now" and watched.told(found.id) == ["duty"]
    last = watched.clinic.stored(chat.id, "outgoing")[-1]
    assert last.kind == "service" and "has not been answered for a while" in last.text and "116 123" in last.text
    # Told once, and it climbs like any other.
    await chat.say("please")
    assert watched.tick(minutes=5) == [] and len(watched.clinic.escalations(chat.id)) == 1
    assert watched.told(found.id) == ["duty", "lead"]


@pytest.mark.parametrize("answered_by", ["writing", "handing back", "closing"])
async def test_left_alone_is_over_when_somebody_deals_with_it(watched: Watched, answered_by: str) -> None:
    chat = await watched.clinic.chat()
    await watched.staff(f"conversations/{chat.id}/messages", {"text": "Sam here"})
    await chat.say("are you there")
    watched.tick(minutes=10)
    (found,) = watched.clinic.escalations(chat.id)
    if answered_by == "writing":
        await watched.staff(f"conversations/{chat.id}/messages", {"text": "Yes"})
    elif answered_by == "handing back":
        await watched.staff(f"conversations/{chat.id}/hand_back")
    await watched.staff(f"escalations/{found.id}/close", {"outcome": "spoken_to"})
    assert watched.tick(minutes=20) == [] and len(watched.clinic.escalations(chat.id)) == 1
    await chat.say("and now")
    watched.tick(minutes=20)
    assert len(watched.clinic.escalations(chat.id)) == (1 if answered_by == "handing back" else 2)


async def test_left_alone_for_longer_goes_back_to_the_assistant_and_tells_again(watched: Watched) -> None:
    chat = await watched.clinic.chat()
    await watched.staff(f"conversations/{chat.id}/messages", {"text": "Sam here"})
    await chat.say("are you there")
    watched.tick(minutes=10)
    (found,) = watched.clinic.escalations(chat.id)
    await watched.staff(f"escalations/{found.id}/acknowledge")
    assert watched.told(found.id) == ["duty"]
    assert watched.tick(minutes=9) == []
    assert watched.tick(minutes=1) == [chat.id]
    last = watched.clinic.stored(chat.id, "outgoing")[-1]
    assert "computer program again" in last.text and "116 123" in last.text and last.details["staff"] == "left"
    # Whoever had seen it did nothing: it is everybody's again, and the assistant answers again.
    (found,) = watched.clinic.escalations(chat.id)
    assert found.status == "new" and watched.told(found.id) == ["duty"]
    assert (await chat.say("what is DIT"))[-1]["kind"] == "leaflet"
    assert watched.tick(minutes=30) == [] or watched.clinic.stored(chat.id, "outgoing")[-1].kind == "crisis"


async def test_left_alone_without_a_word_after_taking_over_counts_from_then(watched: Watched) -> None:
    chat = await watched.clinic.chat()
    await chat.say("hello")
    services = watched.clinic.services
    with services.database.write() as session:
        conversation = session.get_one(Conversation, chat.id)
        who = {"name": "Sam Lee", "username": "sam", "account_id": None, "joined_text": "Sam Lee has joined"}
        take_over(session, conversation, escalations=services.escalations, **who)
    assert watched.tick(minutes=9) == []
    assert watched.tick(minutes=1) == [chat.id]
    assert watched.clinic.escalations(chat.id)[0].reasons == ["left_alone"]


async def test_left_alone_hands_back_no_conversation_in_which_somebody_answers(watched: Watched) -> None:
    chat = await watched.clinic.chat()
    await watched.staff(f"conversations/{chat.id}/messages", {"text": "Sam here"})
    for _ in range(4):
        await chat.say("a story")
        watched.tick(minutes=6)
        await watched.staff(f"conversations/{chat.id}/messages", {"text": "go on"})
    watched.tick(minutes=300)
    assert watched.clinic.escalations(chat.id) == []
