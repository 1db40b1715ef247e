"""Change over a course of treatment, as NHS Talking Therapies counts it; for the therapist's screen only.

Caseness and the amount of change that is more than chance stand in each questionnaire's data file (PHQ-9: 10 and 6,
GAD-7: 8 and 4). Source: NHS Talking Therapies manual, "Recovery, reliable improvement and reliable recovery".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from clinic.questionnaires.definitions import Questionnaire

Direction = Literal["fell", "rose", "neither"]
# How several questionnaires are put together: the NHS's way, or any one that changed counts, whatever another does.
ChangeRule = Literal["none_against", "any"]


@dataclass(frozen=True)
class Scores:
    """The first and the last total of one questionnaire."""

    first: int
    last: int


@dataclass(frozen=True)
class CourseChange:
    """What became of the scores between the first and the last time."""

    is_reliable_improvement: bool
    is_reliable_deterioration: bool
    # At caseness on at least one at the start.
    was_case: bool
    # At caseness on at least one at the end.
    is_case: bool

    @property
    def is_recovery(self) -> bool:
        """At caseness on at least one at the start, and below on all at the end."""
        return self.was_case and not self.is_case

    @property
    def is_reliable_recovery(self) -> bool:
        """Recovery that is also a reliable improvement."""
        return self.is_recovery and self.is_reliable_improvement


def is_case(questionnaire: Questionnaire, total: int) -> bool | None:
    """Whether a total is at caseness; None for a questionnaire that has no such threshold."""
    return None if questionnaire.caseness is None else total >= questionnaire.caseness


def direction(questionnaire: Questionnaire, scores: Scores) -> Direction:
    """Whether a total changed by more than chance: at least the questionnaire's reliable change."""
    if questionnaire.reliable_change is None:
        return "neither"
    if scores.first - scores.last >= questionnaire.reliable_change:
        return "fell"
    if scores.last - scores.first >= questionnaire.reliable_change:
        return "rose"
    return "neither"


def counted(questionnaires: Iterable[Questionnaire]) -> list[Questionnaire]:
    """The questionnaires from which change is told: those with a caseness and a reliable change."""
    return [one for one in questionnaires if one.caseness is not None and one.reliable_change is not None]


def course_change(
    questionnaires: Iterable[Questionnaire], scores: Mapping[str, Scores], *, rule: ChangeRule = "none_against"
) -> CourseChange | None:
    """Change over all questionnaires together, or None while the first or the last of any is missing.

    Args:
        scores: by the questionnaire's id; a questionnaire that was filled in less than twice is left out.
        rule: reliable improvement is at least one that falls by its threshold and, with "none_against", none that
            rises by its own; deterioration is the reverse.
    """
    whole = counted(questionnaires)
    if not whole or any(one.id not in scores for one in whole):
        return None
    directions = {direction(one, scores[one.id]) for one in whole}
    fell, rose = "fell" in directions, "rose" in directions
    return CourseChange(
        is_reliable_improvement=fell and (rule == "any" or not rose),
        is_reliable_deterioration=rose and (rule == "any" or not fell),
        was_case=any(is_case(one, scores[one.id].first) for one in whole),
        is_case=any(is_case(one, scores[one.id].last) for one in whole),
    )
