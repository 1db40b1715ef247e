"""Rasa's memory, run in Rasa's own environment: what it keeps, and what it must not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-assistant" / "bin" / "python"
pytestmark = pytest.mark.skipif(not PYTHON.is_file(), reason="the assistant's environment is not there (make run)")

_PROGRAM = """
import asyncio, json
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, UserUttered
from assistant.tracker_store import ForgettingTrackerStore

async def said(store, sender):
    tracker = await store.retrieve(sender)
    return None if tracker is None else [event.text for event in tracker.events if isinstance(event, UserUttered)]

async def turn(store, sender, text, is_finished=True):
    tracker = await store.get_or_create_tracker(sender)
    tracker.update(UserUttered(text))
    if is_finished:
        await store.save(tracker)

async def main():
    seen = {}
    store = ForgettingTrackerStore(Domain.empty(), max_conversations=2, max_events=9)
    await turn(store, "a", "one")
    await turn(store, "a", "two")
    seen["kept"] = await said(store, "a")
    await turn(store, "b", "begun", is_finished=False)
    seen["first turn broken off"] = await said(store, "b")
    await turn(store, "b", "whole")
    await turn(store, "b", "half", is_finished=False)
    seen["later turn broken off"] = await said(store, "b")
    for sender in ("c", "d", "e"):
        await turn(store, sender, sender)
    seen["exists"] = [await store.exists(sender) for sender in ("c", "d", "e")]
    for number in range(12):
        await turn(store, "e", str(number))
    seen["forgotten when long"] = await said(store, "e")
    tracker = await store.get_or_create_tracker("f")
    for event in (UserUttered("before"), ActionExecuted("action_session_start"), SessionStarted(), UserUttered("after")):
        tracker.update(event)
    await store.save(tracker)
    seen["last session"] = await said(store, "f")
    print(json.dumps(seen))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def seen() -> dict[str, object]:
    done = subprocess.run(
        [PYTHON, "-c", _PROGRAM], cwd=ROOT, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("kept", ["one", "two"]),
        # Half a turn must not be gone on from: the next message begins anew, restored from the database.
        ("first turn broken off", None),
        ("later turn broken off", None),
        ("exists", [False, True, True]),
        ("last session", ["after"]),
    ],
)
def test_tracker_store_keeps_whole_turns_of_the_last_conversations(
    seen: dict[str, object], what: str, expected: object
) -> None:
    assert seen[what] == expected


def test_tracker_store_forgets_what_has_grown_long(seen: dict[str, object]) -> None:
    kept = seen["forgotten when long"]
    assert isinstance(kept, list)
    assert "0" not in kept
    assert len(kept) < 9
