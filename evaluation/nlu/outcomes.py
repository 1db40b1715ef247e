"""What a person would have got: the answer at once, a choice, a fallback, or something that was not meant.

Follows data/rules and actions/dialogue.py: what the rules do with an intent is what counts, not the intent alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from evaluation.nlu.sets import OUT_OF_SCOPE, Example, Kind
from evaluation.nlu.understanding import Understood

# As many as actions/dialogue.py offers.
MOST_OFFERED = 3
UNSURE = "unsure"
NLU_FALLBACK = "nlu_fallback"
# Two questions in one message: both are answered, and both stand first in the ranking.
TWO_TOPICS = "two_topics"
_SAYS_NO = frozenset({NLU_FALLBACK, OUT_OF_SCOPE})
# Put in front of a ranking by a fallback; no opinion of the classifier's.
_NO_OPINION = frozenset({UNSURE, NLU_FALLBACK, TWO_TOPICS})


class Outcome(StrEnum):
    """How well a person was served."""

    RIGHT = "right"
    # A choice of topics with the right one among them.
    OFFERED = "offered"
    # A choice without it. Nothing untrue was said, and "None of these" is among the choices.
    OFFERED_OTHERS = "offered others"
    # "I do not know that", whom to ask.
    FALLBACK = "fallback"
    # Answered at once with something else: the worst.
    WRONG = "wrong"


@dataclass(frozen=True)
class Judged:
    """A message, what was made of it, and what that is worth.

    `said` is the intent that was answered, or "offered" or "fallback". `chance` is the classifier's for `first`.
    """

    example: Example
    outcome: Outcome
    said: str
    first: str
    chance: float


def judge(example: Example, understood: Understood, *, topics: frozenset[str]) -> Judged:
    """Compares what the rules would do with what the message meant.

    For a message that is out of scope, saying so is right. A choice of topics is none of its outcomes but
    OFFERED_OTHERS, because there is no topic to choose.
    """
    opinions = [(name, chance) for name, chance in understood.ranking if name not in _NO_OPINION]
    first, chance = opinions[0] if opinions else (understood.intent, 0.0)
    offered = [name for name, _ in understood.ranking if name in topics][:MOST_OFFERED]
    said = understood.intent
    if said == TWO_TOPICS and example.intent in offered[:2]:
        # Answered, but along with something that was not asked: no more than an offer.
        said = "offered"
    elif said == UNSURE:
        said = "offered" if offered else "fallback"
    elif said in _SAYS_NO:
        said = "fallback"
    return Judged(example, _outcome(example, said, offered), said, first, chance)


def _outcome(example: Example, said: str, offered: list[str]) -> Outcome:
    if said == "fallback":
        return Outcome.RIGHT if example.kind is Kind.OUT_OF_SCOPE else Outcome.FALLBACK
    if said == "offered":
        return Outcome.OFFERED if example.intent in offered else Outcome.OFFERED_OTHERS
    return Outcome.RIGHT if said == example.intent else Outcome.WRONG


def count(judged: Iterable[Judged]) -> Counter[Outcome]:
    """How often each outcome came."""
    return Counter(one.outcome for one in judged)


def answered_with_topic(judged: Iterable[Judged], topics: frozenset[str]) -> int:
    """How many were answered at once from the leaflet."""
    return sum(one.said in topics for one in judged)


def confused_pairs(judged: Iterable[Judged]) -> Counter[tuple[str, str]]:
    """(meant, ranked first instead): how often, whether it was then answered or not."""
    return Counter((one.example.intent, one.first) for one in judged if one.first != one.example.intent)
