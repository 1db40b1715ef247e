"""What a new process runs; imports nothing of the service before it is in that process."""

from __future__ import annotations

from typing import Any

from tests.faults.plan import Plan


def serve(plan: Plan, offset: Any) -> None:
    """One life of the clinic service."""
    from tests.faults import door_process

    door_process.serve(plan, offset)
