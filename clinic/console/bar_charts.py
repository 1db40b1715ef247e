"""Where the bars of a chart lie. parts/bar_chart.html draws them as SVG, above the same data as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 8, 22, 30
_TICKS = 4
# A bar's share of its room; and more labels than this do not fit beside each other.
_BAR = 0.64
_MOST_LABELS = 8


@dataclass(frozen=True)
class Bar:
    """One bar. `height` is None where there is no number: nothing, or too small a number to be shown."""

    x: float
    y: float
    width: float
    height: float | None
    value: str
    label: str
    middle: float


@dataclass(frozen=True)
class Line:
    """A line across, with its value."""

    y: float
    value: str


@dataclass(frozen=True)
class BarChart:
    """Bars beside each other, from 0 up."""

    id: str
    title: str
    description: str
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]
    baseline: float = HEIGHT - _BOTTOM
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    width: int = WIDTH
    height: int = HEIGHT


def bar_chart(
    *,
    id: str,
    title: str,
    labels: Sequence[str],
    values: Sequence[float | None],
    unit: str = "",
    top: float | None = None,
) -> BarChart:
    """A chart of one number for each label.

    Args:
        values: None where there is no number to be shown.
        unit: what stands behind each number ("%").
        top: the highest value of the scale, where that is fixed.
    """
    highest = top if top is not None else _round_top(max((value for value in values if value is not None), default=0))
    room = (WIDTH - _LEFT - _RIGHT) / max(len(values), 1)
    inside = HEIGHT - _TOP - _BOTTOM
    step = math.ceil(len(labels) / _MOST_LABELS) if labels else 1
    bars = []
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        x = round(_LEFT + (place + (1 - _BAR) / 2) * room, 1)
        height = None if value is None else round(value / highest * inside, 1)
        said = "" if value is None else f"{value:.0f}{unit}"
        y = round(HEIGHT - _BOTTOM - (height or 0), 1)
        shown = label if place % step == 0 else ""
        bars.append(Bar(x, y, round(room * _BAR, 1), height, said, shown, round(x + room * _BAR / 2, 1)))
    lines = tuple(
        Line(round(HEIGHT - _BOTTOM - number / _TICKS * inside, 1), f"{highest * number / _TICKS:.0f}{unit}")
        for number in range(_TICKS + 1)
    )
    told = [f"{label}: {value:.0f}{unit}" for label, value in zip(labels, values, strict=True) if value is not None]
    return BarChart(id, title, f"{'; '.join(told)}." if told else "No numbers yet.", tuple(bars), lines)


def _round_top(value: float) -> float:
    """A round number that is not below it, and that four steps lead to evenly."""
    for size in (4, 8, 12, 20, 40, 60, 80, 100):
        if value <= size:
            return size
    return math.ceil(value / 100) * 100
