"""What is measured, what it is held against, and whether it keeps to that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Target:
    """`ours` must not be above `most`."""

    most: float
    words: str


@dataclass(frozen=True)
class Figure:
    """One line of the table. None: there is no such figure."""

    what: str
    unit: str
    ours: float | None
    default: float | None = None
    target: Target | None = None

    @property
    def is_missed(self) -> bool:
        """Whether the target is missed; a target without a figure is."""
        return self.target is not None and (self.ours is None or self.ours > self.target.most)

    def cells(self) -> tuple[str, str, str, str]:
        """What it is, ours, the default's, the target with whether it was met."""
        target = "" if self.target is None else f"{self.target.words}: {'MISSED' if self.is_missed else 'met'}"
        return self.what, self._written(self.ours), self._written(self.default), target

    def _written(self, value: float | None) -> str:
        if value is None:
            return "-"
        return f"{value:.1f} {self.unit}" if value < 100 else f"{value:.0f} {self.unit}"


def at_most(most: float, unit: str) -> Target:
    """A fixed limit."""
    return Target(most, f"at most {most:g} {unit}")


def milliseconds(seconds: Sequence[float], percentile: float) -> float:
    """The percentile in ms.

    Raises:
        ValueError: nothing was measured.
    """
    if not seconds:
        raise ValueError("nothing was measured")
    return float(np.percentile(seconds, percentile)) * 1000
