"""Whether a chance of 0.8 means right eight times in ten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.intervals import Share
from evaluation.nlu.outcomes import Judged

BINS = 10


@dataclass(frozen=True)
class Bin:
    """Messages whose first intent was given a chance between `low` and `high`."""

    low: float
    high: float
    mean_chance: float
    right: Share


@dataclass(frozen=True)
class Calibration:
    """`brier` is the mean squared distance of the first intent's chance from 1 (right) or 0 (not): 0 is perfect.

    `ece` (expected calibration error) is the mean distance of chance and share of right ones over the bins.
    """

    bins: tuple[Bin, ...]
    brier: float
    ece: float


def calibration(judged: Sequence[Judged]) -> Calibration:
    """Of the intent ranked first, before any fallback.

    Raises:
        ValueError: there is nothing to calibrate on.
    """
    if not judged:
        raise ValueError("calibration needs at least one message")
    by_bin: dict[int, list[Judged]] = {}
    for one in judged:
        by_bin.setdefault(min(int(one.chance * BINS), BINS - 1), []).append(one)
    bins = tuple(_bin(index, inside) for index, inside in sorted(by_bin.items()))
    brier = sum((one.chance - _is_right(one)) ** 2 for one in judged) / len(judged)
    ece = sum(b.right.total * abs(b.mean_chance - b.right.value) for b in bins) / len(judged)
    return Calibration(bins, brier, ece)


def _bin(index: int, inside: Sequence[Judged]) -> Bin:
    return Bin(
        low=index / BINS,
        high=(index + 1) / BINS,
        mean_chance=sum(one.chance for one in inside) / len(inside),
        right=Share(sum(_is_right(one) for one in inside), len(inside)),
    )


def _is_right(one: Judged) -> bool:
    return one.first == one.example.intent
