"""The rows behind the tables of a person's progress."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from clinic.courses.progress import Filled, Occasion, Progress
from clinic.questionnaires.change import Direction, Scores, direction, is_case
from clinic.questionnaires.definitions import Questionnaire
from clinic.questionnaires.scoring import band


@dataclass(frozen=True)
class ScoreCell:
    """What one questionnaire says at one occasion; `note` stands where there is no score, and says why."""

    total: int | None
    band: str | None
    is_case: bool | None
    note: str


@dataclass(frozen=True)
class ChangeLine:
    """First and latest score of one questionnaire."""

    questionnaire: Questionnaire
    scores: Scores | None
    direction: Direction
    first: Occasion | None
    latest: Occasion | None


@dataclass(frozen=True)
class ItemAnswer:
    """One answer to an item that is told to a person at once, and what it was before a correction."""

    occasion: Occasion
    answer: str | None
    earlier: tuple[str, ...]
    is_told: bool
    at: datetime
    conversation_id: str
    message_id: int | None


@dataclass(frozen=True)
class ItemHistory:
    """Every answer to one such item, in the order of time."""

    questionnaire: Questionnaire
    number: int
    question: str
    answers: tuple[ItemAnswer, ...]

    def latest(self, count: int) -> ItemHistory:
        """The last few of them."""
        return replace(self, answers=self.answers[-count:])


def score_cell(occasion: Occasion, questionnaire: Questionnaire, moment: datetime) -> ScoreCell:
    """The cell of the table that says the same as the chart."""
    filled = occasion.filled.get(questionnaire.id)
    if filled is not None and filled.total is not None:
        total = filled.total
        return ScoreCell(total, band(questionnaire, total), is_case(questionnaire, total), "")
    if occasion.is_cancelled:
        note = "Cancelled"
    elif filled is not None:
        note = f"No score: {len(filled.answers)} of {len(questionnaire.items)} answered"
    elif occasion.is_missing(questionnaire.id, moment):
        note = "No score"
    elif occasion.therapy_session is None:
        note = "Not filled in"
    else:
        note = "Still to come"
    return ScoreCell(None, None, None, note)


def change_lines(progress: Progress) -> list[ChangeLine]:
    """First and latest score of each questionnaire, and whether they differ by more than chance."""
    scores, lines = progress.scores(), []
    for one in progress.questionnaires:
        with_total = progress.with_total(one.id)
        first, latest = (with_total[0], with_total[-1]) if with_total else (None, None)
        found = scores.get(one.id)
        lines.append(ChangeLine(one, found, direction(one, found) if found else "neither", first, latest))
    return lines


def answered(progress: Progress, questionnaire: Questionnaire) -> list[Occasion]:
    """The occasions with at least one answer: the columns of the table of items."""
    return [
        one for one in progress.occasions if one.filled.get(questionnaire.id) and one.filled[questionnaire.id].answers
    ]


def item_histories(progress: Progress) -> list[ItemHistory]:
    """The items that are told to a person at once (PHQ-9: item 9), over the whole course."""
    histories = []
    for one in progress.questionnaires:
        for number, item in enumerate(one.items, start=1):
            if item.escalate_from is not None:
                answers = [
                    _item_answer(occasion, occasion.filled[one.id], one, number) for occasion in answered(progress, one)
                ]
                histories.append(ItemHistory(one, number, item.text, tuple(answers)))
    return histories


def _item_answer(occasion: Occasion, filled: Filled, questionnaire: Questionnaire, number: int) -> ItemAnswer:
    given = [answer for answer in filled.response.answers if answer.item == number]
    values = [(answer.value, answer.replaced_at) for answer in given if answer.value is not None]
    current = next((answer for answer in given if answer.replaced_at is None), None)
    latest = current or (given[-1] if given else None)
    return ItemAnswer(
        occasion=occasion,
        answer=_label(questionnaire, current.value) if current is not None and current.value is not None else None,
        earlier=tuple(_label(questionnaire, value) for value, replaced_at in values if replaced_at is not None),
        is_told=any(questionnaire.escalates(number, value) for value, _ in values),
        at=latest.at if latest is not None else filled.at,
        conversation_id=filled.response.conversation_id,
        message_id=latest.message_id if latest is not None else None,
    )


def _label(questionnaire: Questionnaire, value: int) -> str:
    labels: Sequence[str] = [option.label for option in questionnaire.options if option.value == value]
    return f"{value} - {labels[0]}" if labels else str(value)
