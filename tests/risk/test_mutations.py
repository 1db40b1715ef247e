"""However an explicit sentence is typed, the rules alone still see it."""

from __future__ import annotations

import pytest

from evaluation.risk.mutations import MUTATIONS, in_three
from risk import Detector

SENTENCES = [
    "i want to kill myself",
    "i dont want to be here anymore",
    "id be better off dead",
    "i took all my tablets an hour ago",
    "going to end it tonight",
    "everyone would be better off without me",
    "i have written a suicide note",
    "i cut myself again last night",
    "the voices tell me to kill myself",
    "my husband hits me",
    "i am scared i will hurt the baby",
    "i am suicidal",
    "no i am suicidal",
    "there is no hope left for me",
    "he said he will kill me",
]


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_mutations_keep_the_flag(rules_alone: Detector, mutation: str, sentence: str) -> None:
    assert rules_alone.screen(MUTATIONS[mutation](sentence)).flagged


@pytest.mark.parametrize("sentence", SENTENCES)
def test_mutations_split_over_three_messages_keep_the_flag(rules_alone: Detector, sentence: str) -> None:
    bubbles = in_three(sentence)
    verdicts = [
        rules_alone.screen(bubble, previous=["hi", "are you there", *bubbles[:at]]) for at, bubble in enumerate(bubbles)
    ]
    assert any(verdict.flagged for verdict in verdicts)
