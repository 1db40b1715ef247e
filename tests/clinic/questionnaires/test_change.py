"""Caseness, reliable change and recovery over all totals, against the definitions written out once more here."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.content.paths import QUESTIONNAIRES
from clinic.questionnaires.change import CourseChange, Scores, course_change, direction, is_case
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.scoring import band, total

LOADED = Questionnaires.load(QUESTIONNAIRES)
PHQ, GAD = LOADED.get("phq-9"), LOADED.get("gad-7")
PHQ_TOTALS, GAD_TOTALS = st.integers(0, 27), st.integers(0, 21)


def change(phq_first: int, phq_last: int, gad_first: int, gad_last: int) -> CourseChange:
    found = course_change([PHQ, GAD], {"phq-9": Scores(phq_first, phq_last), "gad-7": Scores(gad_first, gad_last)})
    assert found is not None
    return found


def test_change_over_every_pair_of_totals_of_both_questionnaires() -> None:
    """All 28 x 28 x 22 x 22 of them; the rules are typed here as NHS Talking Therapies words them."""
    phq_pairs = list(itertools.product(range(28), repeat=2))
    gad_pairs = list(itertools.product(range(22), repeat=2))
    phq_scores = {pair: Scores(*pair) for pair in phq_pairs}
    wrong = []
    for p, q in phq_pairs:
        for g, h in gad_pairs:
            found = course_change([PHQ, GAD], {"phq-9": phq_scores[p, q], "gad-7": Scores(g, h)})
            assert found is not None
            falls, rises = (p - q >= 6) + (g - h >= 4), (q - p >= 6) + (h - g >= 4)
            recovered = (p >= 10 or g >= 8) and q < 10 and h < 8
            expected = (falls > 0 and not rises, rises > 0 and not falls, recovered)
            got = (found.is_reliable_improvement, found.is_reliable_deterioration, found.is_recovery)
            if got != expected or found.is_reliable_recovery != (recovered and expected[0]):
                wrong.append((p, q, g, h))
    assert wrong == []


@given(PHQ_TOTALS, PHQ_TOTALS, GAD_TOTALS, GAD_TOTALS)
def test_change_backwards_is_the_reverse(p: int, q: int, g: int, h: int) -> None:
    there, back = change(p, q, g, h), change(q, p, h, g)
    assert there.is_reliable_improvement == back.is_reliable_deterioration
    assert there.is_reliable_deterioration == back.is_reliable_improvement
    assert (there.was_case, there.is_case) == (back.is_case, back.was_case)
    assert not (there.is_recovery and back.is_recovery)


@given(PHQ_TOTALS, PHQ_TOTALS, GAD_TOTALS, GAD_TOTALS)
def test_change_is_never_both_and_recovery_needs_a_case_at_the_start(p: int, q: int, g: int, h: int) -> None:
    found = change(p, q, g, h)
    assert not (found.is_reliable_improvement and found.is_reliable_deterioration)
    assert found.was_case or not found.is_recovery
    assert (found.is_recovery and found.is_reliable_improvement) == found.is_reliable_recovery


@given(PHQ_TOTALS, PHQ_TOTALS, GAD_TOTALS, GAD_TOTALS, st.integers(1, 27))
def test_change_a_lower_last_total_never_makes_it_worse(p: int, q: int, g: int, h: int, lower: int) -> None:
    before, after = change(p, q, g, h), change(p, max(0, q - lower), g, h)
    assert not (before.is_reliable_improvement and not after.is_reliable_improvement)
    assert not (after.is_reliable_deterioration and not before.is_reliable_deterioration)
    assert not (before.is_recovery and not after.is_recovery)


@given(PHQ_TOTALS, GAD_TOTALS)
def test_change_nothing_changed_is_nothing(p: int, g: int) -> None:
    found = change(p, p, g, g)
    assert (found.is_reliable_improvement, found.is_reliable_deterioration, found.is_recovery) == (False, False, False)


@given(PHQ_TOTALS, PHQ_TOTALS, GAD_TOTALS, GAD_TOTALS)
def test_change_any_is_never_less_than_none_against(p: int, q: int, g: int, h: int) -> None:
    scores = {"phq-9": Scores(p, q), "gad-7": Scores(g, h)}
    wide = course_change([PHQ, GAD], scores, rule="any")
    assert wide is not None
    strict = change(p, q, g, h)
    assert wide.is_reliable_improvement >= strict.is_reliable_improvement
    assert wide.is_reliable_deterioration >= strict.is_reliable_deterioration
    assert wide.is_recovery == strict.is_recovery


@pytest.mark.parametrize("missing", ["phq-9", "gad-7"])
@given(first=GAD_TOTALS, last=GAD_TOTALS)
def test_change_with_a_questionnaire_missing_is_not_told(missing: str, first: int, last: int) -> None:
    scores = {"phq-9": Scores(first, last), "gad-7": Scores(first, last)}
    del scores[missing]
    assert course_change([PHQ, GAD], scores) is None


@pytest.mark.parametrize(
    ("questionnaire", "threshold", "highest", "reliable"), [(PHQ, 10, 27, 6), (GAD, 8, 21, 4)], ids=["phq-9", "gad-7"]
)
def test_change_thresholds(questionnaire, threshold, highest, reliable) -> None:
    assert [value for value in range(highest + 1) if is_case(questionnaire, value)] == [*range(threshold, highest + 1)]
    for first, last in itertools.product(range(highest + 1), repeat=2):
        expected = "fell" if first - last >= reliable else "rose" if last - first >= reliable else "neither"
        assert direction(questionnaire, Scores(first, last)) == expected


def test_change_questionnaires_of_a_clinic_s_own_without_thresholds_do_not_count() -> None:
    own = PHQ.model_copy(update={"id": "own", "caseness": None, "reliable_change": None})
    assert is_case(own, 27) is None and direction(own, Scores(27, 0)) == "neither"
    assert course_change([own], {"own": Scores(27, 0)}) is None
    with_own = course_change([PHQ, GAD, own], {"phq-9": Scores(20, 5), "gad-7": Scores(15, 3)})
    assert with_own is not None and with_own.is_reliable_recovery


@pytest.mark.parametrize("questionnaire", [PHQ, GAD], ids=["phq-9", "gad-7"])
@given(data=st.data())
def test_scoring_total_is_the_sum_of_all_answers_in_any_order_or_nothing(questionnaire, data) -> None:
    count = len(questionnaire.items)
    values = data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    order = data.draw(st.permutations(range(count)))
    answers = {number + 1: values[number] for number in order}
    score = total(questionnaire, answers)
    assert score == sum(values) and band(questionnaire, score) is not None
    missing = data.draw(st.integers(1, count))
    assert total(questionnaire, {item: value for item, value in answers.items() if item != missing}) is None


@pytest.mark.parametrize("questionnaire", [PHQ, GAD], ids=["phq-9", "gad-7"])
@given(item=st.integers(-3, 30), value=st.integers(-5, 9))
def test_scoring_refuses_exactly_what_the_questionnaire_does_not_have(questionnaire, item: int, value: int) -> None:
    if 1 <= item <= len(questionnaire.items) and 0 <= value <= 3:
        assert total(questionnaire, {item: value}) is None
    else:
        with pytest.raises(ValueError, match="has no item"):
            total(questionnaire, {item: value})
