"""How scores go over a course: improvers, people who do not change, one who gets worse, early gains, swings.

A person's answers come from one level (the mean answer, 0 to 3) that moves over the sessions, and from a profile of
their own: which complaints are the worse ones. Nobody's real course.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from clinic.questionnaires.definitions import Questionnaire


@dataclass(frozen=True)
class Arc:
    """First and last level, how soon the change comes (1: evenly; below: early), how much it swings; how often a
    questionnaire is filled in."""

    first: float
    last: float
    bend: float = 1.0
    swing: float = 0.12
    fills_in: float = 0.93


ARCS = {
    "improver": Arc(2.1, 0.5),
    "early_gain": Arc(2.0, 0.6, bend=0.45),
    "slow": Arc(2.0, 1.3, bend=1.4),
    "unchanged": Arc(1.7, 1.6, swing=0.18, fills_in=0.85),
    "worsener": Arc(1.3, 2.2, swing=0.15),
    "swinging": Arc(1.8, 1.0, swing=0.45, fills_in=0.8),
    "mild": Arc(0.9, 0.4),
    "drop_out": Arc(1.9, 2.0, fills_in=0.6),
}
# Item 9 of the PHQ-9 is answered lower than the others by most people.
_TOLD_ITEM = -1.5


@dataclass
class Scores:
    """One person's answers."""

    arc: Arc
    random: random.Random
    profile: dict[tuple[str, int], float] = field(default_factory=dict)

    def answers(self, questionnaire: Questionnaire, *, place: float) -> list[int]:
        """An answer to each item; `place` from 0 (first session) to 1 (the last of a full course)."""
        level = self.arc.first + (self.arc.last - self.arc.first) * place**self.arc.bend
        level += self.random.gauss(0, self.arc.swing)
        return [
            min(3, max(0, round(level + self._own(questionnaire, number) + self.random.gauss(0, 0.35))))
            for number in range(1, len(questionnaire.items) + 1)
        ]

    def _own(self, questionnaire: Questionnaire, number: int) -> float:
        key = (questionnaire.id, number)
        if key not in self.profile:
            is_told = questionnaire.item(number).escalate_from is not None
            self.profile[key] = self.random.gauss(0, 0.35) + (_TOLD_ITEM if is_told else 0)
        return self.profile[key]
