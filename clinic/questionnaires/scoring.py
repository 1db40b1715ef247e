"""Totals and bands. Sources: Kroenke et al. 2001 (PHQ-9), Spitzer et al. 2006 (GAD-7)."""

from __future__ import annotations

from collections.abc import Mapping

from clinic.questionnaires.definitions import Questionnaire


def total(questionnaire: Questionnaire, answers: Mapping[int, int]) -> int | None:
    """The sum of all items, or None while any is missing: "not reached" is never counted as 0.

    Args:
        answers: item number (from 1) to value.

    Raises:
        ValueError: an item or a value that the questionnaire does not have.
    """
    allowed = {option.value for option in questionnaire.options}
    for item, value in answers.items():
        if not 1 <= item <= len(questionnaire.items) or value not in allowed:
            raise ValueError(f"{questionnaire.id} has no item {item} with the answer {value}")
    if len(answers) < len(questionnaire.items):
        return None
    return sum(answers.values())


def band(questionnaire: Questionnaire, score: int) -> str | None:
    """The published name of the range that a total falls in; for the therapist's screen only."""
    return next((b.label for b in questionnaire.bands if b.from_ <= score <= b.to), None)
