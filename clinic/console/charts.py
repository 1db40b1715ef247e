"""Where the points and lines of a chart of scores lie. The macro in parts/chart.html draws them as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinic.courses.progress import Occasion, Progress
from clinic.questionnaires.definitions import Questionnaire

WIDTH, HEIGHT = 440, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 8, 22, 50
_TICKS_EVERY = 5
# More labels than this do not fit beside each other.
_MOST_LABELS = 18


@dataclass(frozen=True)
class Mark:
    """What stands at one occasion. `y` is None where there is no score."""

    x: float
    y: float | None
    total: int | None
    label: str
    is_missing: bool
    is_cancelled: bool


@dataclass(frozen=True)
class Tick:
    """A line across, with its value."""

    y: float
    value: int


@dataclass(frozen=True)
class Chart:
    """One questionnaire's scores over the occasions of a course."""

    id: str
    title: str
    description: str
    highest: int
    marks: tuple[Mark, ...]
    # Points of lines that join scores of occasions that follow each other; a missing score breaks the line.
    lines: tuple[str, ...]
    ticks: tuple[Tick, ...]
    caseness: Tick | None
    baseline: float
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    width: int = WIDTH
    height: int = HEIGHT


def chart_of(progress: Progress, questionnaire: Questionnaire, moment: datetime) -> Chart:
    """The chart of one questionnaire."""
    occasions = progress.occasions
    highest = questionnaire.highest_total
    room = (WIDTH - _LEFT - _RIGHT) / max(len(occasions), 1)

    def height_of(value: int) -> float:
        return round(_TOP + (highest - value) / highest * (HEIGHT - _TOP - _BOTTOM), 1)

    step = len(occasions) // (_MOST_LABELS + 1) + 1
    marks = []
    for place, one in enumerate(occasions):
        total = one.total(questionnaire.id)
        label = ("+" if one.number is None else str(one.number)) if place % step == 0 else ""
        x, y = round(_LEFT + (place + 0.5) * room, 1), height_of(total) if total is not None else None
        marks.append(Mark(x, y, total, label, one.is_missing(questionnaire.id, moment), one.is_cancelled))
    caseness = questionnaire.caseness
    return Chart(
        id=questionnaire.id,
        title=f"{questionnaire.title}: total at each session",
        description=_in_words(occasions, questionnaire, moment),
        highest=highest,
        marks=tuple(marks),
        lines=tuple(_lines(marks)),
        ticks=tuple(Tick(height_of(value), value) for value in range(0, highest + 1, _TICKS_EVERY)),
        caseness=Tick(height_of(caseness), caseness) if caseness is not None else None,
        baseline=height_of(0),
    )


def _lines(marks: list[Mark]) -> list[str]:
    """Joins what follows each other. A cancelled session is no gap: nothing was expected there."""
    lines, current = [], list[str]()
    for mark in marks:
        if mark.y is not None:
            current.append(f"{mark.x},{mark.y}")
        elif mark.is_missing:
            lines.append(current)
            current = []
    lines.append(current)
    return [" ".join(points) for points in lines if len(points) > 1]


def _in_words(occasions: list[Occasion], questionnaire: Questionnaire, moment: datetime) -> str:
    """For who does not see the chart: every value, in order."""
    said = []
    for one in occasions:
        total = one.total(questionnaire.id)
        name = f"session {one.number}" if one.number is not None else "between sessions"
        if total is not None:
            said.append(f"{name}: {total}")
        elif one.is_missing(questionnaire.id, moment):
            said.append(f"{name}: no score")
        elif one.is_cancelled:
            said.append(f"{name}: cancelled")
    if not said:
        return "No scores yet."
    line = f" The line at {questionnaire.caseness} is caseness." if questionnaire.caseness is not None else ""
    return f"{'; '.join(said)[:1].upper()}{'; '.join(said)[1:]}.{line}"
