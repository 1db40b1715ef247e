"""A verdict travels as JSON and comes back the same; it never holds a level, and never half a decision."""

from __future__ import annotations

import json

import pytest

from risk import Verdict
from risk.verdict import RESPONSES, one_step_slower, soonest

FLAGGED = Verdict(True, "now", ("attempt_in_progress",), ("took all of them",), 1.0, ("imminent",))


def test_verdict_has_the_keys_of_the_contract_and_tags() -> None:
    assert list(FLAGGED.to_dict()) == ["flagged", "respond", "categories", "phrases", "score", "tags"]


@pytest.mark.parametrize("verdict", [FLAGGED, Verdict(False), Verdict.concern("timeout")])
def test_verdict_comes_back_from_json_the_same(verdict: Verdict) -> None:
    assert Verdict.from_dict(json.loads(json.dumps(verdict.to_dict()))) == verdict


def test_verdict_concern_is_flagged_for_today() -> None:
    concern = Verdict.concern("timeout")
    assert (concern.flagged, concern.respond) == (True, "today")
    assert "detector_failed" in concern.tags


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"respond": "high risk"}, "'respond' is none of"),
        ({"respond": None}, "exactly when it is flagged"),
        ({"categories": None}, "wrong type"),
    ],
)
def test_verdict_refuses_what_is_none(change: dict[str, object], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Verdict.from_dict({**FLAGGED.to_dict(), **change})


@pytest.mark.parametrize("key", ["flagged", "respond", "categories", "phrases", "score"])
def test_verdict_names_the_key_that_is_missing(key: str) -> None:
    data = FLAGGED.to_dict()
    del data[key]
    with pytest.raises(ValueError, match=f"'{key}' is missing"):
        Verdict.from_dict(data)


def test_verdict_speeds_are_ordered_and_the_slowest_stays() -> None:
    assert soonest("today", "now", "next_working_day") == "now"
    assert [one_step_slower(speed) for speed in RESPONSES] == ["today", "next_working_day", "next_working_day"]
