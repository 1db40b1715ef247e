"""The outbox: sent at least once, retried, given up loudly, and safe with several relays."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from clinic.database import Database
from clinic.escalations.addresses import Addresses
from clinic.escalations.given_up import tell_of_given_up
from clinic.outbox.models import OutboxItem
from clinic.outbox.path import RELAY, can_anybody_be_told, silent_parts
from clinic.outbox.relay import Relay, SendFailed
from clinic.outbox.service import LEASE, MAX_ATTEMPTS, claim, enqueue, given_up

START = datetime(2026, 3, 28, 23, 59, tzinfo=UTC)


class Sender:
    def __init__(self, *, fails: int = 0) -> None:
        self.fails, self.sent = fails, []  # type: ignore[var-annotated]
        self.lock = threading.Lock()

    def send(self, item: OutboxItem) -> None:
        with self.lock:
            if self.fails:
                self.fails -= 1
                raise SendFailed("no")
            self.sent.append(item.id)


def put(database: Database, count: int, channel: str = "alert:log") -> None:
    with database.write() as session:
        for number in range(count):
            enqueue(session, channel=channel, payload={"escalation": number, "respond": "now"})


def test_outbox_sends_each_item_once(database: Database) -> None:
    sender = Sender()
    put(database, 30)
    relay = Relay(database=database, senders={"alert:log": sender})
    assert relay.run_once() + relay.run_once() + relay.run_once() == 30
    assert sorted(sender.sent) == sorted(set(sender.sent)) and len(sender.sent) == 30


def test_outbox_what_rolls_back_is_never_sent(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write() as session:
        enqueue(session, channel="alert:log", payload={})
        raise RuntimeError
    assert Relay(database=database, senders={"alert:log": Sender()}).run_once() == 0


def test_outbox_retries_with_growing_pauses(database: Database) -> None:
    sender = Sender(fails=3)
    relay = Relay(database=database, senders={"alert:log": sender})
    with time_machine.travel(START, tick=False) as clock:
        put(database, 1)
        for pause in (5, 10, 20):
            assert relay.run_once() == 0
            clock.shift(timedelta(seconds=pause - 1))
            assert relay.run_once() == 0
            clock.shift(timedelta(seconds=1))
        assert relay.run_once() == 1


def test_outbox_gives_up_after_many_attempts(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    relay = Relay(database=database, senders={"alert:log": Sender(fails=1000)})
    with time_machine.travel(START, tick=False) as clock:
        put(database, 1)
        for _ in range(MAX_ATTEMPTS + 3):
            relay.run_once()
            clock.shift(timedelta(minutes=6))
    with database.read() as session:
        item = session.query(OutboxItem).one()
        assert item.dead_at is not None and item.attempts == MAX_ATTEMPTS and item.last_error == "no"


def test_outbox_a_relay_that_dies_loses_its_lease(database: Database) -> None:
    sender = Sender()
    with time_machine.travel(START, tick=False) as clock:
        put(database, 1)
        with database.write() as session:
            assert len(claim(session, limit=5)) == 1  # and then the worker is killed
        relay = Relay(database=database, senders={"alert:log": sender})
        assert relay.run_once() == 0
        clock.shift(LEASE + timedelta(seconds=1))
        assert relay.run_once() == 1


@pytest.mark.parametrize(("back_s", "is_free"), [(0.5, False), (59, False), (180, True)])
def test_outbox_a_lease_of_this_very_moment_is_not_from_the_future(
    database: Database, back_s: float, is_free: bool
) -> None:
    """Another worker took it while this one, which asked for the time before, waited for its turn to write."""
    with time_machine.travel(START, tick=False) as clock:
        put(database, 1)
        clock.shift(timedelta(seconds=60))
        with database.write() as session:
            assert len(claim(session, limit=5)) == 1
        clock.shift(timedelta(seconds=-back_s))
        with database.write() as session:
            assert bool(claim(session, limit=5)) is is_free


def test_outbox_two_relays_send_nothing_twice(database: Database) -> None:
    sender = Sender()
    put(database, 60)
    relays = [Relay(database=database, senders={"alert:log": sender}) for _ in range(2)]
    threads = [threading.Thread(target=lambda r=relay: [r.run_once() for _ in range(4)]) for relay in relays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sender.sent) == 60 == len(set(sender.sent))


def test_outbox_unknown_channel_is_a_failure_not_a_loss(database: Database) -> None:
    put(database, 1, channel="pigeon")
    relay = Relay(database=database, senders={})
    assert relay.run_once() == 0
    with database.read() as session:
        item = session.query(OutboxItem).one()
        assert item.sent_at is None and item.last_error == "no sender for channel pigeon"


def test_outbox_a_silent_relay_is_noticed(database: Database) -> None:
    with time_machine.travel(START, tick=False) as clock:
        with database.read() as session:
            assert silent_parts(session) == [RELAY]
        Relay(database=database, senders={}).run_once()
        with database.read() as session:
            assert can_anybody_be_told(session)
        clock.shift(timedelta(seconds=31))
        with database.read() as session:
            assert silent_parts(session) == [RELAY] and not can_anybody_be_told(session)


class Away(Sender):
    def __init__(self) -> None:
        super().__init__(fails=10_000)


def test_outbox_what_is_given_up_is_told_through_the_other_channels(database: Database) -> None:
    book = Addresses(by_contact={"duty": ["alert:1"], "lead": ["alert:2"]}, for_everything=[])
    log, lead = Sender(), Sender()
    relay = Relay(
        database=database,
        senders={"alert:log": log, "alert:1": Away(), "alert:2": lead},
        on_given_up=tell_of_given_up(book),
    )
    with time_machine.travel(START, tick=False) as clock:
        put(database, 1, channel="alert:1")
        for _ in range(MAX_ATTEMPTS + 3):
            relay.run_once()
            clock.shift(timedelta(minutes=6))
        with database.read() as session:
            (dead,) = given_up(session)
            told = [item for item in session.query(OutboxItem) if item.payload.get("trouble") == "not_sent"]
    assert dead.channel == "alert:1" and len(lead.sent) == 1 and len(log.sent) == 1
    assert {item.channel for item in told} == {"alert:log", "alert:2"}
    assert all(item.payload["escalation"] == 0 and item.payload["tried"] == ["alert:1"] for item in told)


def test_outbox_what_was_given_up_is_sent_once_its_channel_works_again(database: Database) -> None:
    sender = Away()
    relay = Relay(database=database, senders={"alert:1": sender})
    with time_machine.travel(START, tick=False) as clock:
        put(database, 3, channel="alert:1")
        for _ in range(5 * MAX_ATTEMPTS):
            relay.run_once()
            clock.shift(timedelta(minutes=6))
        with database.read() as session:
            assert len(given_up(session)) == 3
        sender.fails = 0
        put(database, 1, channel="alert:1")
        assert relay.run_once("alert:1") == 1 and relay.run_once("alert:1") == 3
    assert len(set(sender.sent)) == 4


def test_outbox_a_sender_that_breaks_is_one_item_not_sent(database: Database) -> None:
    class Breaking:
        def send(self, item: OutboxItem) -> None:
            raise KeyError("words that must not be kept")

    put(database, 1)
    assert Relay(database=database, senders={"alert:log": Breaking()}).run_once() == 0
    with database.read() as session:
        assert session.query(OutboxItem).one().last_error == "KeyError"


async def test_outbox_a_channel_that_hangs_holds_up_no_other(database: Database) -> None:
    release = threading.Event()

    class Hanging(Sender):
        def send(self, item: OutboxItem) -> None:
            release.wait(20)

    quick = Sender()
    put(database, 3, channel="alert:1")
    put(database, 3, channel="alert:2")
    relay = Relay(database=database, senders={"alert:1": Hanging(), "alert:2": quick}, pause_s=0.05)
    running = asyncio.create_task(relay.run_forever())
    for _ in range(200):
        if len(quick.sent) == 3:
            break
        await asyncio.sleep(0.05)
    release.set()
    running.cancel()
    assert len(quick.sent) == 3


@pytest.mark.parametrize("minutes", [-90, 90])
def test_outbox_a_clock_that_jumps_delays_nothing(database: Database, minutes: int) -> None:
    sender = Sender(fails=1)
    relay = Relay(database=database, senders={"alert:log": sender})
    with time_machine.travel(START, tick=False) as clock:
        put(database, 2)
        relay.run_once()  # one fails and waits, the other is given back
        with database.write() as session:
            claim(session, limit=5)  # and is leased by a worker that dies
        clock.shift(timedelta(minutes=minutes))
        relay.run_once()
        clock.shift(LEASE + timedelta(seconds=1))
        relay.run_once()
    assert len(set(sender.sent)) == 2


def test_path_channels_that_all_fail_are_silence_and_one_that_works_is_not(database: Database) -> None:
    away, works = Away(), Sender()
    relay = Relay(database=database, senders={"alert:log": Sender(), "alert:1": away, "alert:2": works})
    with time_machine.travel(START, tick=False) as clock:
        put(database, 1), put(database, 1, channel="alert:1")
        relay.run_once()
        clock.shift(timedelta(minutes=3))
        relay.run_once()
        with database.read() as session:
            assert silent_parts(session) == ["alerts"], "the log alone reaches nobody"
        put(database, 1, channel="alert:2")
        relay.run_once()
        with database.read() as session:
            assert silent_parts(session) == []
