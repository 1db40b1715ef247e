"""The outbox: sent at least once, retried, given up loudly, and safe with several relays."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from clinic.database import Database
from clinic.outbox.models import OutboxItem
from clinic.outbox.relay import Relay, SendFailed
from clinic.outbox.service import LEASE, MAX_ATTEMPTS, claim, enqueue, is_relay_alive

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
            assert not is_relay_alive(session)
        Relay(database=database, senders={}).run_once()
        with database.read() as session:
            assert is_relay_alive(session)
        clock.shift(timedelta(seconds=31))
        with database.read() as session:
            assert not is_relay_alive(session)
