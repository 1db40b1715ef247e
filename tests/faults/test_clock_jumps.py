"""The clock jumps, back and forth: whoever writes is answered and told of at once, and nothing that waits waits longer."""

from __future__ import annotations

from datetime import timedelta

from risk import Verdict
from tests.clinic.routes.states import staff
from tests.faults.counts import Counts
from tests.faults.world import NUMBER, World

HOURS = (-1, 1, -24, 24, 24 * 30, -24 * 30, -24 * 365, 24 * 365)


async def test_clock_jumps_and_everybody_is_answered_and_told_of(
    world: World, counts: Counts, database_url: str
) -> None:
    count = counts.of(f"clock jumps, {database_url.partition(':')[0].partition('+')[0]}")
    device = await world.device()
    for number, hours in enumerate(HOURS):
        # Stored before the jump, and not sent yet.
        (words,) = await device.write(f"i want to die, {number}")
        assert NUMBER in words
        world.clock.shift(timedelta(hours=hours))
        world.clinic.services.relay.run_once()
        told = world.outside.told_of()
        assert all(told[one.id] for one in world.clinic.escalations(device.chat.id)), "an alert waits for the old time"
        world.tick()
        assert world.silent() == []
        # Written after it.
        (words,) = await device.write(f"hello, i could die, {number}")
        assert NUMBER in words and "I could not pass this on" not in words
        world.clinic.services.relay.run_once()
        told = world.outside.told_of()
        assert all(told[one.id] for one in world.clinic.escalations(device.chat.id))
        count["jumps"] += 1
    world.check(device, count)


async def test_clock_jumps_and_climbing_goes_on(world: World) -> None:
    """Unacknowledged for an hour by the new clock, it is told again, wherever that clock stands."""
    device = await world.device()
    await device.write("i want to die")
    world.tick()
    (found,) = world.clinic.escalations(device.chat.id)
    for hours in HOURS:
        world.clock.shift(timedelta(hours=hours))
        world.tick()
        before = world.outside.told_of()[found.id]
        for _ in range(3):
            world.tick(minutes=22)
        assert world.outside.told_of()[found.id] > before, f"silent after a jump of {hours} hours"


async def test_clock_jumps_back_and_a_channel_that_fails_is_noticed(world: World) -> None:
    device = await world.device()
    await device.write("i want to die")
    world.tick()
    assert world.outside.told_of()
    world.clock.shift(timedelta(days=-1))
    world.outside.is_away = True
    await device.write("i could die")
    for _ in range(5):
        world.tick(minutes=1)
    assert world.silent() == ["alerts"]


async def test_clock_jumps_back_and_who_is_left_alone_is_noticed(world: World) -> None:
    clinic, device = world.clinic, await world.device()
    await device.write("i want to die")
    await staff(clinic, f"conversations/{device.chat.id}/messages", {"text": "Sam here"})
    (found,) = clinic.escalations(device.chat.id)
    await staff(clinic, f"escalations/{found.id}/close", {"outcome": "spoken_to"})
    world.clock.shift(timedelta(days=-1))
    await device.chat.post("are you there", "there")
    for _ in range(12):
        world.tick(minutes=1)
    assert clinic.escalations(device.chat.id)[-1].reasons == ["left_alone"]


async def test_clock_jumps_back_and_what_can_wait_rises_by_the_days_of_now(world: World) -> None:
    world.clinic.detector.screen_with = lambda words: Verdict(
        flagged=True, respond="next_working_day", categories=("severe_hopelessness",)
    )
    device = await world.device()
    await device.write("hello")
    world.tick()
    # From Monday to the Monday before; nobody looks until Tuesday afternoon.
    world.clock.shift(timedelta(days=-7))
    world.tick()
    world.tick(minutes=27 * 60)
    (found,) = world.clinic.escalations(device.chat.id)
    assert found.respond == "today" and "unread" in found.reasons
