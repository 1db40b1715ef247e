"""Whether what is said here reaches anybody: signs of life of the relay, the alert channels and the detector.

Health is proven by what was done, not by state: each part leaves the time at which it last did its work.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from clinic.clock import SET_BACK, now
from clinic.outbox.models import Heartbeat

RELAY = "relay"
DETECTOR = "detector"
TEST_ALERT = "test_alert"
_ASKED = "asked:"
_SENT = "sent:"
_FAILED = "failed:"
_ALERTS = "alert:"
_LOG = "alert:log"
# A part that works leaves a sign of life more often than this.
_LATELY = timedelta(seconds=5)
RELAY_SILENT_AFTER = timedelta(seconds=30)
_DETECTOR_SILENT_AFTER = timedelta(minutes=3)
_TEST_ALERT_SILENT_AFTER = timedelta(minutes=5)
_CHANNEL_SILENT_AFTER = timedelta(minutes=2)


def beat(session: Session, part: str) -> None:
    """Records that `part` has done its work now."""
    # In one statement: two workers that see no row yet must not both insert it.
    kind = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    values = {"part": part, "at": now()}
    session.execute(
        kind.insert(Heartbeat).values(values).on_conflict_do_update(index_elements=["part"], set_={"at": values["at"]})
    )


def ask(session: Session, part: str) -> None:
    """Records that `part` was asked to show itself now; `beat` is its answer."""
    beat(session, _ASKED + part)


def asked_ago(session: Session, part: str) -> timedelta | None:
    """How long ago `part` was asked to show itself; None if it never was, or in a future that the clock has left."""
    asked = session.get(Heartbeat, _ASKED + part)
    ago = now() - asked.at if asked is not None else None
    return ago if ago is None or ago >= timedelta(0) else None


def was_seen_lately(session: Session, part: str) -> bool:
    """Whether the last sign of life is so young that another is not worth a write."""
    seen = session.get(Heartbeat, part)
    return seen is not None and timedelta(0) <= now() - seen.at < _LATELY


def note_sent(session: Session, channel: str) -> None:
    """The channel took something."""
    beat(session, _SENT + channel)


def note_failed(session: Session, channel: str) -> None:
    """The channel did not take something. The first failure since it last worked is what counts."""
    failed, sent = _until_now(session, _FAILED + channel), _until_now(session, _SENT + channel)
    if failed is None or (sent is not None and sent.at >= failed.at):
        beat(session, _FAILED + channel)


def _until_now(session: Session, part: str) -> Heartbeat | None:
    """A sign of life that lies ahead was left before the clock was set back: it says nothing."""
    found = session.get(Heartbeat, part)
    return found if found is not None and found.at <= now() + SET_BACK else None


def silent_parts(session: Session) -> list[str]:
    """Which parts of the way to a person have stopped showing that they work: relay, alerts, detector."""
    seen = {heartbeat.part: now() - heartbeat.at for heartbeat in session.scalars(select(Heartbeat))}
    silent = []
    # After the clock was set back a sign of life lies in the future: that is no sign of life.
    if RELAY not in seen or abs(seen[RELAY]) >= RELAY_SILENT_AFTER:
        silent.append(RELAY)
    if _is_test_alert_lost(seen) or _are_all_channels_failing(seen):
        silent.append("alerts")
    if _ASKED + DETECTOR in seen and abs(seen.get(DETECTOR, timedelta.max)) >= _DETECTOR_SILENT_AFTER:
        silent.append(DETECTOR)
    return silent


def can_anybody_be_told(session: Session) -> bool:
    """Whether an escalation that is committed now will be carried outside. A silent detector does not hinder that."""
    return not set(silent_parts(session)) - {DETECTOR}


def _is_test_alert_lost(seen: dict[str, timedelta]) -> bool:
    asked, answered = seen.get(_ASKED + TEST_ALERT), seen.get(TEST_ALERT)
    if asked is None or asked < _TEST_ALERT_SILENT_AFTER:
        return False
    return answered is None or not -SET_BACK <= answered <= asked


def _are_all_channels_failing(seen: dict[str, timedelta]) -> bool:
    """The log takes everything and reaches nobody: it counts only where there is nothing else."""
    channels = {part.partition(":")[2] for part in seen if part.startswith((_SENT + _ALERTS, _FAILED + _ALERTS))}
    channels = channels - {_LOG} or channels
    return bool(channels) and all(_is_failing(seen, channel) for channel in channels)


def _is_failing(seen: dict[str, timedelta], channel: str) -> bool:
    failed, sent = seen.get(_FAILED + channel), seen.get(_SENT + channel)
    if failed is None or failed < _CHANNEL_SILENT_AFTER:
        return False
    return sent is None or not -SET_BACK <= sent <= failed
