"""Reading what a person writes as an answer. Nothing is guessed: what is not plain is asked again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from clinic.questionnaires.definitions import Questionnaire

_NUMBER = re.compile(r"(?<![\w.])(\d{1,3})(?![\w.]*\d)")
_WORD_NUMBERS = {"zero": 0, "nought": 0, "nil": 0, "one": 1, "two": 2, "three": 3}
# Ways of saying the four options of PHQ-9 and GAD-7, by the option's position. Whole messages only.
_PHRASES = (
    ("not at all", "never", "none", "no", "nope", "nah", "not once", "no not at all", "none at all"),
    ("several days", "some days", "a few days", "several", "a few", "a couple of days", "few days"),
    ("more than half the days", "more than half", "over half the days", "over half", "most days"),
    ("nearly every day", "every day", "everyday", "almost every day", "nearly everyday", "daily", "all the time"),
)
_LEADING = re.compile(r"^(?:um+|erm*|uh|well|probably|i'?d say|i would say|it'?s|maybe|yeah|yes|about|like)\b[ ,]*")
_TRAILING = re.compile(r"[ ,]*\b(?:i think|i guess|i suppose|probably|really|tbh|to be honest|please|mate|ish)$")


class Reading(Enum):
    """What a message is, seen as an answer."""

    ANSWER = "answer"
    OUT_OF_RANGE = "out_of_range"
    NOT_AN_ANSWER = "not_an_answer"


@dataclass(frozen=True)
class ReadAnswer:
    """The outcome; `value` is set only for ANSWER."""

    reading: Reading
    value: int | None = None


def read_answer(questionnaire: Questionnaire, text: str) -> ReadAnswer:
    """Reads one message as an answer: a number, an option's words, or number and words that agree."""
    said = _plain(text)
    by_label = _by_label(questionnaire, said)
    if by_label is not None:
        return ReadAnswer(Reading.ANSWER, by_label)
    stripped = _TRAILING.sub("", _LEADING.sub("", said)).strip(" .,!")
    for candidate in (said, stripped):
        by_label = _by_label(questionnaire, candidate)
        if by_label is None:
            by_label = _by_phrase(questionnaire, candidate)
        if by_label is not None:
            return ReadAnswer(Reading.ANSWER, by_label)
    return _by_number(questionnaire, stripped)


def _plain(text: str) -> str:
    folded = text.lower().replace("\u2019", "'").replace("\u2018", "'")
    return re.sub(r"\s+", " ", folded).strip(" .,!\"'()")


def _by_label(questionnaire: Questionnaire, said: str) -> int | None:
    for option in questionnaire.options:
        label = option.label.lower()
        # As the quick reply writes it, and the number before or behind the words when both agree.
        if said in (label, f"{option.value} {label}", f"{option.value} - {label}", f"{label} {option.value}"):
            return option.value
    return None


def _by_phrase(questionnaire: Questionnaire, said: str) -> int | None:
    if len(questionnaire.options) != len(_PHRASES):
        return None
    for option, phrases in zip(questionnaire.options, _PHRASES, strict=True):
        if said in phrases:
            return option.value
    return None


def _by_number(questionnaire: Questionnaire, said: str) -> ReadAnswer:
    words = said.split()
    numbers = [int(n) for n in _NUMBER.findall(said)] + [_WORD_NUMBERS[w] for w in words if w in _WORD_NUMBERS]
    # A number inside a longer sentence is more often part of a story than an answer.
    if len(numbers) != 1 or len(words) > 3:
        return ReadAnswer(Reading.NOT_AN_ANSWER)
    if re.search(r"[-+]\s*\d|\d\s*[/+]", said):
        return ReadAnswer(Reading.OUT_OF_RANGE)
    if any(option.value == numbers[0] for option in questionnaire.options):
        return ReadAnswer(Reading.ANSWER, numbers[0])
    return ReadAnswer(Reading.OUT_OF_RANGE)
