from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.nlu.sets import Example, Kind
from evaluation.nlu.thresholds import Settings, decided, try_all
from evaluation.nlu.understanding import Understood

SETTINGS = Settings(sure=0.5, margin=0.15, outside=0.12, sure_outside=0.7, sure_dialogue=0.4)
TOPICS = frozenset({"therapist_silence", "questionnaires"})


@pytest.mark.parametrize(
    ("ranking", "expected"),
    [
        ((("therapist_silence", 0.8), ("questionnaires", 0.1)), "therapist_silence"),
        # Behind what was decided before: the same opinion, decided anew.
        ((("unsure", 1.0), ("therapist_silence", 0.8), ("questionnaires", 0.1)), "therapist_silence"),
        ((("therapist_silence", 0.49), ("questionnaires", 0.1)), "unsure"),
        ((("therapist_silence", 0.5), ("questionnaires", 0.4)), "unsure"),
        ((("out_of_scope", 0.6), ("questionnaires", 0.2)), "unsure"),
        ((("out_of_scope", 0.7), ("questionnaires", 0.2)), "out_of_scope"),
        ((("thanks", 0.45), ("questionnaires", 0.4)), "thanks"),
        ((("therapist_silence", 0.11), ("questionnaires", 0.1)), "nlu_fallback"),
        ((), "nlu_fallback"),
    ],
)
def test_thresholds_decide_as_the_component_does(ranking: tuple[tuple[str, float], ...], expected: str) -> None:
    assert decided(Understood("unsure", ranking, 0.0), SETTINGS, topics=TOPICS).intent == expected


def test_thresholds_prefer_a_choice_to_a_wrong_answer() -> None:
    asked = Example("why", "questionnaires", Kind.TOPIC, Path("x.txt"), 1)
    ranked = Understood("therapist_silence", (("therapist_silence", 0.56), ("questionnaires", 0.3)), 0.0)
    best = min(try_all([asked], [ranked], topics=TOPICS), key=lambda one: one.cost)
    assert best.judged[0].said == "offered"
