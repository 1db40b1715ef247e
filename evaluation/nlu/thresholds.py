"""Chooses "sure, unsure, outside" on the development set by what each outcome costs a person.

    python -m evaluation.nlu.thresholds

Prints the best settings of assistant/components/certainty.py for the model as trained, and what they come to. Put them
into config.yml by hand, with the figures into docs/decisions/0007-sure-unsure-outside.md.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from clinic.content.topics import Topics
from evaluation.nlu.outcomes import NLU_FALLBACK, UNSURE, Judged, Outcome, answered_with_topic, judge
from evaluation.nlu.report import of_kind, share, table
from evaluation.nlu.sets import OUT_OF_SCOPE, Example, Kind, read_set
from evaluation.nlu.understanding import Understood, understand
from scripts.train import MODEL

# A wrong answer costs more than a choice, and a choice that was not needed more than a right answer.
COST = {
    Outcome.RIGHT: 0.0,
    Outcome.OFFERED: 1.0,
    Outcome.OFFERED_OTHERS: 2.0,
    Outcome.FALLBACK: 2.5,
    Outcome.WRONG: 5.0,
}
_SURE = (0.4, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
_MARGIN = (0.05, 0.15, 0.3, 0.5)
_SURE_OUTSIDE = (0.5, 0.6, 0.7, 0.8)
_SURE_DIALOGUE = (0.4, 0.5, 0.6)
# The cost alone would have almost everybody choose: shown are the settings that answer the most rightly or by a choice
# among those that are wrong, or answer what is outside, at most this often.
_MOST_WRONG, _MOST_OUTSIDE = 0.06, 0.04
_SHOWN = 12


@dataclass(frozen=True)
class Settings:
    """As in assistant/components/certainty.py."""

    sure: float
    margin: float
    outside: float
    sure_outside: float
    sure_dialogue: float


@dataclass(frozen=True)
class Tried:
    """What settings come to. `cost`: the mean of a message."""

    settings: Settings
    judged: Sequence[Judged]
    cost: float


def decided(understood: Understood, settings: Settings, *, topics: frozenset[str]) -> Understood:
    """What Certainty would have made of the same ranking."""
    ranking = [(name, chance) for name, chance in understood.ranking if name not in (UNSURE, NLU_FALLBACK)]
    if not ranking or ranking[0][1] < settings.outside:
        return Understood(NLU_FALLBACK, tuple(ranking), understood.seconds)
    first, chance = ranking[0]
    second = ranking[1][1] if len(ranking) > 1 else 0.0
    if first == OUT_OF_SCOPE:
        is_sure = chance >= settings.sure_outside
    elif first in topics:
        is_sure = chance >= settings.sure and chance - second >= settings.margin
    else:
        is_sure = chance >= settings.sure_dialogue
    return Understood(first if is_sure else UNSURE, tuple(ranking), understood.seconds)


def try_all(
    examples: Sequence[Example], understood: Sequence[Understood], *, topics: frozenset[str]
) -> Iterator[Tried]:
    """Every setting of the grid."""
    grid = product(_SURE, _MARGIN, (0.05,), _SURE_OUTSIDE, _SURE_DIALOGUE)
    for values in grid:
        settings = Settings(*values)
        judged = [
            judge(example, decided(one, settings, topics=topics), topics=topics)
            for example, one in zip(examples, understood, strict=True)
        ]
        yield Tried(settings, judged, sum(COST[one.outcome] for one in judged) / len(judged))


def _is_allowed(one: Tried, topics: frozenset[str]) -> bool:
    about, outside = of_kind(one.judged, Kind.TOPIC), of_kind(one.judged, Kind.OUT_OF_SCOPE)
    wrong = share(about, Outcome.WRONG).value
    # Answering half of what could be answered is no way to be wrong less often.
    return _MOST_WRONG - 0.02 <= wrong <= _MOST_WRONG and answered_with_topic(outside, topics) <= _MOST_OUTSIDE * len(
        outside
    )


def main() -> int:
    """Returns the exit status."""
    topics = frozenset(topic.id for topic in Topics.load())
    examples = read_set("development", topics=topics)
    understood = understand(MODEL, [example.text for example in examples], title="Asking the assistant")
    tried = sorted(try_all(examples, understood, topics=topics), key=lambda one: one.cost)
    rows = []
    for one in [one for one in tried if _is_allowed(one, topics)][:_SHOWN]:
        about = of_kind(one.judged, Kind.TOPIC)
        outside = of_kind(one.judged, Kind.OUT_OF_SCOPE)
        shares = [
            share(about, Outcome.RIGHT),
            share(about, Outcome.RIGHT, Outcome.OFFERED),
            share(about, Outcome.WRONG),
        ]
        answered = answered_with_topic(outside, topics) / len(outside)
        rows.append([one.settings, f"{one.cost:.3f}", *(f"{found.value:.3f}" for found in shares), f"{answered:.3f}"])
    heads = ["settings", "cost", "right", "right or offered", "wrong", "out of scope answered"]
    sys.stdout.write("\n".join(table(heads, rows)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
