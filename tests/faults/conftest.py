"""The counts of the fault tests, printed at the end; FAULT_COUNTS names a file to write them to as well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from tests.clinic.conftest import Clinic, clinic
from tests.faults.counts import Counts
from tests.faults.world import World

__all__ = ["clinic"]
_COUNTS = Counts()
# A Monday.
START = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture
def counts() -> Counts:
    """Counts that are printed when everything has run."""
    return _COUNTS


@pytest.fixture
def world(clinic: Clinic) -> Iterator[World]:
    """A clinic in which all is well."""
    with time_machine.travel(START, tick=False) as clock:
        world = World(clinic, clock)
        world.tick()
        assert world.silent() == []
        yield world


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not _COUNTS.by_fault:
        return
    terminalreporter.section("fault tests: what was counted")
    terminalreporter.write_line(_COUNTS.table())
    _COUNTS.write()
