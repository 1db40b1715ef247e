from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.intervals import Share
from evaluation.nlu.calibration import calibration
from evaluation.nlu.outcomes import Judged, Outcome
from evaluation.nlu.sets import Example, Kind


def judged(chance: float, *, right: bool) -> Judged:
    example = Example("some words", "silence", Kind.TOPIC, Path("x.txt"), 1)
    return Judged(example, Outcome.RIGHT, "silence", "silence" if right else "ending", chance)


# Newcombe (1998), Statistics in Medicine 17:857, table I: Wilson's score interval without continuity correction.
@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_wilsons(hits: int, total: int, low: float, high: float) -> None:
    assert Share(hits, total).interval == pytest.approx((low, high), abs=5e-5)


def test_intervals_of_nothing_say_nothing() -> None:
    assert (Share(0, 0).value, Share(0, 0).interval) == (0.0, (0.0, 1.0))


def test_calibration_is_perfect_where_chances_come_true() -> None:
    found = calibration([judged(1.0, right=True), judged(0.0, right=False)])
    assert (found.brier, found.ece) == (0.0, 0.0)


def test_calibration_of_the_overconfident() -> None:
    found = calibration([judged(0.9, right=True), judged(0.9, right=False)])
    assert found.brier == pytest.approx((0.1**2 + 0.9**2) / 2)
    assert found.ece == pytest.approx(0.4)
    assert [(b.low, b.high, b.right) for b in found.bins] == [(0.9, 1.0, Share(1, 2))]


def test_calibration_weighs_bins_by_messages() -> None:
    found = calibration([judged(0.95, right=True)] * 3 + [judged(0.25, right=True)])
    assert found.ece == pytest.approx((3 * 0.05 + 0.75) / 4)


def test_calibration_needs_messages() -> None:
    with pytest.raises(ValueError, match="at least one"):
        calibration([])
