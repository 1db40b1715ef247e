"""What a message is, seen from inside a questionnaire."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Reading(Enum):
    """What a message is, seen from inside a questionnaire."""

    ANSWER = "answer"
    ROW = "row"
    BETWEEN = "between"
    SEVERAL = "several"
    OUT_OF_RANGE = "out_of_range"
    BACK = "back"
    CHANGE_ITEM = "change_item"
    CHANGE_LAST = "change_last"
    RETURN_TO = "return_to"
    SKIP = "skip"
    STOP = "stop"
    EXPLAIN = "explain"
    HOW_FAR = "how_far"
    WHY = "why"
    # A wish to change an answer, without a word of which.
    WHICH = "which"
    # Neither an answer nor a wish: a digression, or something to ask again after.
    OTHER = "other"


@dataclass(frozen=True)
class Understood:
    """The outcome.

    Attributes:
        value: the answer of ANSWER, CHANGE_ITEM and CHANGE_LAST.
        values: the answers of ROW, one for each item of the questionnaire from the first.
        item: the item of CHANGE_ITEM and RETURN_TO, from 1.
        is_question: of OTHER: whether it asks something.
        is_beside_a_story: of ANSWER: there were other words, which seem not to touch it.
    """

    reading: Reading
    value: int | None = None
    values: tuple[int, ...] = ()
    item: int | None = None
    is_question: bool = False
    is_beside_a_story: bool = False
