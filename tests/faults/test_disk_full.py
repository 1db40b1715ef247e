"""The disk is full: at each commit in turn, on both kinds of database, and really, on SQLite."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from tests.faults.counts import Counts
from tests.faults.world import NUMBER, World

# More than one message and its alerts take.
MOST_COMMITS = 12


async def test_disk_full_at_each_commit_nothing_is_lost(world: World, counts: Counts, database_url: str) -> None:
    count = counts.of(f"disk full, {database_url.partition(':')[0].partition('+')[0]}")
    for commits in range(MOST_COMMITS):
        device = await world.device()
        with world.disk_full_after(commits):
            (words,) = await device.write("i want to die")
            assert NUMBER in words
            world.tick(minutes=0.5)
            is_full = world.commits_left == 0
            await device.send_again()
            if commits == 0:
                # Nobody at the clinic has it, so the clinic is told that; what is stored goes the usual way.
                assert world.outside.troubles() == ["database_unavailable"] and not world.unsent()
        # There is room again: the device tries once more, leases and pauses end.
        for _ in range(3):
            await device.send_again()
            world.tick(minutes=2)
        count["steps with a full disk"] += is_full
        assert not device.waiting and not world.unsent()
        world.check(device, count)
    assert 4 <= count["steps with a full disk"] < MOST_COMMITS, "each commit that there is was tried"


async def test_disk_really_full_says_so_and_goes_on_when_there_is_room(
    world: World, counts: Counts, database_url: str
) -> None:
    """SQLite may not grow by one page: the first thing that needs one fails, whichever it is."""
    engine = world.clinic.services.database.engine
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL's disk cannot be filled by a test; its commits are refused one by one above")
    device = await world.device()
    await device.write("hello")
    is_full = True

    def begin(connection: Any) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar() if is_full else 2**30
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    event.listen(engine, "begin", begin, insert=True)
    # Small messages find room in pages that are there already; sooner or later one does not.
    read = [(await device.write(f"i want to die, {number} " + "and more " * 300))[-1] for number in range(3)]
    assert all(NUMBER in words for words in read) and device.waiting
    assert "database_unavailable" in world.outside.troubles()
    is_full = False
    for _ in range(3):
        await device.send_again()
        world.tick(minutes=2)
    assert not device.waiting and not world.unsent()
    world.check(device, counts.of("disk really full, sqlite"))
