from __future__ import annotations

from pathlib import Path

import pytest

from actions import offers
from evaluation.nlu.outcomes import MOST_OFFERED, Outcome, answered_with_topic, confused_pairs, judge
from evaluation.nlu.sets import Example, Kind
from evaluation.nlu.understanding import Understood

TOPICS = frozenset({"silence", "starting", "ending", "breaks", "aim"})


def example(intent: str) -> Example:
    kinds = {"out_of_scope": Kind.OUT_OF_SCOPE, "greet": Kind.SERVICE}
    return Example("some words", intent, kinds.get(intent, Kind.TOPIC), Path("x.txt"), 1)


def understood(*names: str) -> Understood:
    """With the first of the names as intent and all of them, each less likely, as ranking."""
    return Understood(names[0], tuple((name, 0.9 - 0.1 * at) for at, name in enumerate(names)), 0.01)


@pytest.mark.parametrize(
    ("meant", "names", "outcome"),
    [
        ("silence", ["silence", "ending"], Outcome.RIGHT),
        ("silence", ["ending", "silence"], Outcome.WRONG),
        ("silence", ["greet", "silence"], Outcome.WRONG),
        ("silence", ["unsure", "ending", "silence"], Outcome.OFFERED),
        # Intents that are no topics are not offered and take no place.
        ("silence", ["unsure", "greet", "out_of_scope", "ending", "breaks", "silence"], Outcome.OFFERED),
        ("silence", ["unsure", "ending", "breaks", "aim", "silence"], Outcome.OFFERED_OTHERS),
        # Nothing to offer: the action falls back.
        ("silence", ["unsure", "greet", "out_of_scope"], Outcome.FALLBACK),
        ("silence", ["nlu_fallback", "silence"], Outcome.FALLBACK),
        ("silence", ["out_of_scope", "silence"], Outcome.FALLBACK),
        ("out_of_scope", ["out_of_scope", "silence"], Outcome.RIGHT),
        ("out_of_scope", ["nlu_fallback", "silence"], Outcome.RIGHT),
        ("out_of_scope", ["unsure", "out_of_scope", "silence"], Outcome.OFFERED_OTHERS),
        ("out_of_scope", ["unsure", "out_of_scope", "greet"], Outcome.RIGHT),
        ("out_of_scope", ["silence", "out_of_scope"], Outcome.WRONG),
        ("greet", ["greet", "silence"], Outcome.RIGHT),
        ("greet", ["unsure", "greet", "silence"], Outcome.OFFERED_OTHERS),
        ("greet", ["nlu_fallback", "greet"], Outcome.FALLBACK),
        ("greet", ["silence", "greet"], Outcome.WRONG),
    ],
)
def test_outcomes_follow_the_rules_of_the_dialogue(meant: str, names: list[str], outcome: Outcome) -> None:
    assert judge(example(meant), understood(*names), topics=TOPICS).outcome is outcome


def test_outcomes_offers_as_many_as_the_action() -> None:
    assert offers._MOST_OFFERED == MOST_OFFERED


def test_outcomes_first_opinion_is_the_classifiers() -> None:
    judged = judge(example("silence"), understood("unsure", "ending", "silence"), topics=TOPICS)
    assert (judged.first, judged.chance, judged.said) == ("ending", pytest.approx(0.8), "offered")


def test_outcomes_without_a_ranking_have_no_chance() -> None:
    judged = judge(example("silence"), Understood("nlu_fallback", (), 0.01), topics=TOPICS)
    assert (judged.outcome, judged.chance) == (Outcome.FALLBACK, 0.0)


def test_outcomes_counts_answers_from_the_leaflet_and_pairs() -> None:
    judged = [
        judge(example("out_of_scope"), understood(*names), topics=TOPICS)
        for names in (["silence"], ["greet"], ["out_of_scope"], ["unsure", "silence"])
    ]
    assert answered_with_topic(judged, TOPICS) == 1
    assert confused_pairs(judged) == {("out_of_scope", "silence"): 2, ("out_of_scope", "greet"): 1}
