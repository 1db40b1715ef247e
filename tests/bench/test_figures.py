from __future__ import annotations

import io

import pytest
from rich.console import Console

from bench import report
from bench.figures import Figure, at_most, milliseconds


@pytest.mark.parametrize(("percentile", "expected"), [(50, 50.0), (95, 95.0), (100, 100.0)])
def test_figures_percentiles_are_in_milliseconds(percentile: float, expected: float) -> None:
    assert milliseconds([n / 1000 for n in range(101)], percentile) == pytest.approx(expected)


def test_figures_of_nothing_are_an_error() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        milliseconds([], 50)


@pytest.mark.parametrize(("ours", "missed"), [(39.9, False), (40.0, False), (40.1, True), (None, True)])
def test_figures_target_is_missed_above_it_and_without_a_figure(ours: float | None, missed: bool) -> None:
    assert Figure("the whole way", "ms", ours, target=at_most(40, "ms")).is_missed is missed


def test_figures_without_target_miss_nothing() -> None:
    assert not Figure("start-up", "s", None).is_missed


@pytest.mark.parametrize(
    ("figure", "cells"),
    [
        (Figure("turn", "ms", 11.04, 46.0, at_most(12, "ms")), ("turn", "11.0 ms", "46.0 ms", "at most 12 ms: met")),
        (Figure("turn", "ms", 12.5, None, at_most(12, "ms")), ("turn", "12.5 ms", "-", "at most 12 ms: MISSED")),
        (Figure("memory", "MB", 612.4, 1150.0), ("memory", "612 MB", "1150 MB", "")),
    ],
)
def test_figures_cells(figure: Figure, cells: tuple[str, ...]) -> None:
    assert figure.cells() == cells


@pytest.mark.parametrize("terminal", [True, False])
def test_report_shows_figures_targets_and_notes(terminal: bool) -> None:
    out = io.StringIO()
    figures = [Figure("a turn", "ms", 12.5, 46.0, at_most(12, "ms"))]
    report.show(figures, ["measured [here]"], Console(file=out, force_terminal=terminal, width=120, no_color=True))
    for expected in ("this assistant", "a turn", "12.5 ms", "46.0 ms", "MISSED", "measured [here]"):
        assert expected in out.getvalue()
