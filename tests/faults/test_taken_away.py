"""The database, Rasa or the alert channel is away for an hour: nobody reads nothing, and a person is told once it can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.clinic.test_door import RASA_FAILURES
from tests.faults.counts import Counts
from tests.faults.world import NUMBER, World

EVERY = 5


def database(world: World, is_away: bool) -> None:
    world.is_database_away = is_away


def rasa(world: World, is_away: bool) -> None:
    scripted = world.clinic.rasa
    scripted.answer_with = RASA_FAILURES["down"] if is_away else scripted._answer


def alert_channel(world: World, is_away: bool) -> None:
    world.outside.is_away = is_away


def everything(world: World, is_away: bool) -> None:
    for take in (database, rasa, alert_channel):
        take(world, is_away)


AWAY: dict[str, Callable[[World, bool], None]] = {
    "database": database,
    "Rasa": rasa,
    "alert channel": alert_channel,
    "all three": everything,
}


@pytest.mark.parametrize("what", AWAY)
async def test_away_for_an_hour_nothing_is_lost_and_nobody_reads_nothing(
    world: World, counts: Counts, what: str, database_url: str
) -> None:
    take, device = AWAY[what], await world.device()
    await device.write("hello")
    take(world, True)
    read = []
    for minute in range(0, 60, EVERY):
        read.append(await device.write(f"i want to die, {minute}" if minute % 15 == 0 else f"hello, {minute}"))
        for _ in range(2):
            world.tick(minutes=EVERY / 2)
    while_away = list(world.outside.taken)
    take(world, False)
    # Devices try again; what was put off by the growing pauses comes within minutes.
    for _ in range(8):
        await device.send_again()
        world.tick(minutes=1)

    said = world.check(device, counts.of(f"{what} away, {database_url.partition(':')[0].partition('+')[0]}"))
    assert not device.waiting and not world.unsent() and world.silent() == []
    assert (await device.write("hello again"))[-1] == "An answer."
    CHECKS[what](world, [words for texts in read for words in texts], while_away, said)


def the_clinic_hears_of_it_past_the_outbox(world: World, read: list[str], while_away: list[Any], said: Any) -> None:
    assert all(NUMBER in words for words in read)
    # At once, and again while it lasts.
    assert [alert["trouble"] for alert in while_away].count("database_unavailable") >= 60 / EVERY


def everybody_reads_the_numbers(world: World, read: list[str], while_away: list[Any], said: Any) -> None:
    assert all(NUMBER in words for words in read)
    # The clinic knows at once: of each risky message, and that there are messages without an answer.
    reasons = {reason for one in world.clinic.escalations(said[0].conversation_id) for reason in one.reasons}
    assert "message_unanswered" in reasons and len({alert.get("escalation") for alert in while_away}) == 4


def the_truth_is_said(world: World, read: list[str], while_away: list[Any], said: Any) -> None:
    assert not while_away and "not_sent" in world.log.troubles()
    # Once it is clear that it stays away, risky messages are no longer said to be passed on.
    late = [words for words in read[3:] if NUMBER in words]
    assert late and not any("I have passed your message" in words for words in late)
    assert [one.details.get("notice") for one in said].count("nobody_watching") >= 1


def nothing_but_the_numbers(world: World, read: list[str], while_away: list[Any], said: Any) -> None:
    assert all(NUMBER in words for words in read) and not while_away
    # The moment that it could be told, it was, without waiting for a message.
    assert world.log.troubles().count("database_unavailable") >= 1


CHECKS: dict[str, Callable[[World, list[str], list[Any], Any], None]] = {
    "database": the_clinic_hears_of_it_past_the_outbox,
    "Rasa": everybody_reads_the_numbers,
    "alert channel": the_truth_is_said,
    "all three": nothing_but_the_numbers,
}


async def test_away_database_is_told_though_nobody_writes(world: World) -> None:
    world.is_database_away = True
    world.tick(minutes=0.25)
    assert not world.outside.taken, "one that is only busy is back in a moment"
    for _ in range(44):
        world.tick(minutes=0.25)
    assert 2 <= world.outside.troubles().count("database_unavailable") <= 3


@pytest.mark.parametrize("error", [RuntimeError("a sender that breaks"), OSError("no network")])
async def test_away_database_is_told_through_whatever_channel_works(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def breaks(item: Any) -> None:
        raise error

    device = await world.device()
    monkeypatch.setattr(world.log, "send", breaks)
    world.is_database_away = True
    (words,) = await device.write("i want to die")
    assert NUMBER in words and world.outside.troubles() == ["database_unavailable"]
    # Set back by a day, the clock must not hold up the next alert.
    world.tick(minutes=-24 * 60)
    await device.send_again()
    assert len(world.outside.taken) == 2
    # Nobody outside takes it: tried again sooner.
    world.outside.is_away = True
    world.tick(minutes=6)
    await device.send_again()
    world.outside.is_away = False
    world.tick(minutes=1)
    await device.send_again()
    assert len(world.outside.taken) == 3
