"""Totals and bands over all inputs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.content.paths import QUESTIONNAIRES
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.scoring import band, total

LOADED = Questionnaires.load(QUESTIONNAIRES)
PHQ9, GAD7 = LOADED.get("phq-9"), LOADED.get("gad-7")
both = st.sampled_from([PHQ9, GAD7])


@settings(deadline=None)  # the machine may be busy
@given(st.data())
def test_scoring_total_is_the_sum_when_all_are_answered(data: st.DataObject) -> None:
    questionnaire = data.draw(both)
    count = len(questionnaire.items)
    values = data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    result = total(questionnaire, dict(enumerate(values, start=1)))
    assert result == sum(values)
    assert 0 <= sum(values) <= questionnaire.highest_total and band(questionnaire, sum(values)) is not None


@settings(deadline=None)  # the machine may be busy
@given(st.data())
def test_scoring_a_missing_answer_means_no_total(data: st.DataObject) -> None:
    questionnaire = data.draw(both)
    items = data.draw(st.sets(st.integers(1, len(questionnaire.items)), max_size=len(questionnaire.items) - 1))
    assert total(questionnaire, dict.fromkeys(items, 3)) is None


@pytest.mark.parametrize("answers", [{0: 1}, {10: 1}, {1: 4}, {1: -1}])
def test_scoring_refuses_what_the_questionnaire_does_not_have(answers: dict[int, int]) -> None:
    with pytest.raises(ValueError, match="phq-9 has no item"):
        total(PHQ9, answers)


@pytest.mark.parametrize(
    ("score", "label"),
    [
        (0, "minimal or none"),
        (4, "minimal or none"),
        (5, "mild"),
        (9, "mild"),
        (10, "moderate"),
        (14, "moderate"),
        (15, "moderately severe"),
        (19, "moderately severe"),
        (20, "severe"),
        (27, "severe"),
        (28, None),
    ],
)
def test_scoring_phq9_bands(score: int, label: str | None) -> None:
    assert band(PHQ9, score) == label


@pytest.mark.parametrize(
    ("score", "label"),
    [
        (0, "minimal"),
        (4, "minimal"),
        (5, "mild"),
        (9, "mild"),
        (10, "moderate"),
        (14, "moderate"),
        (15, "severe"),
        (21, "severe"),
    ],
)
def test_scoring_gad7_bands(score: int, label: str) -> None:
    assert band(GAD7, score) == label
