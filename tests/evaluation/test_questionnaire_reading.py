"""How answers are read, on phrasings that the rules were not written from. The figures that the project is held to."""

from __future__ import annotations

from collections import Counter

import pytest

from evaluation.questionnaires.reading import SETS, Judge, Outcome, Phrasing, max_outcome, read_phrasings, summary

JUDGE = Judge.load()


def outcomes(phrasings: list[Phrasing]) -> Counter[Outcome]:
    return Counter(max_outcome(JUDGE.judge(one)) for one in phrasings)


@pytest.mark.parametrize("name", SETS)
def test_reading_is_held_to_its_figures(name: str) -> None:
    phrasings = read_phrasings(name)
    answers = outcomes([one for one in phrasings if one.expected is not None])
    others = outcomes([one for one in phrasings if one.expected is None])
    assert answers[Outcome.WRONG] <= 0.005 * answers.total()
    assert others[Outcome.WRONG] <= 0.02 * others.total()
    assert (
        answers[Outcome.UNDERSTOOD] >= {"development": 0.9, "test": 0.9, "another_author": 0.6}[name] * answers.total()
    )


def test_reading_sets_hold_enough_ways_of_saying_each_answer() -> None:
    for name in ("development", "test"):
        counted = Counter(one.expected for one in read_phrasings(name))
        assert all(counted[value] >= 80 for value in (0, 1, 2, 3)) and counted[None] >= 200
    both = [{one.text for one in read_phrasings(name)} for name in ("development", "test")]
    assert not both[0] & both[1]


def test_reading_a_wrong_reading_would_be_counted() -> None:
    wrong = Phrasing("every day", expected=1, item=None)
    assert max_outcome(JUDGE.judge(wrong)) is Outcome.WRONG
    taken = Phrasing("every day", expected=None, item=None)
    assert max_outcome(JUDGE.judge(taken)) is Outcome.WRONG


def test_reading_summary_names_every_set() -> None:
    assert [line.split("|")[1].strip() for line in summary(JUDGE)[2:]] == ["development", "test", "another author"]
