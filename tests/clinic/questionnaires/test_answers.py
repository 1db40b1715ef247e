"""What is read as an answer, and what is asked again. Nothing is guessed."""

from __future__ import annotations

import pytest

from clinic.content.paths import QUESTIONNAIRES
from clinic.questionnaires.answers import Reading, read_answer
from clinic.questionnaires.definitions import Questionnaires

PHQ9 = Questionnaires.load(QUESTIONNAIRES).get("phq-9")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("1", 1),
        (" 2 ", 2),
        ("3.", 3),
        ("Not at all", 0),
        ("several days", 1),
        ("SEVERAL DAYS!", 1),
        ("more than half the days", 2),
        ("Nearly every day", 3),
        ("0 - Not at all", 0),
        ("3 - Nearly every day", 3),
        ("two", 2),
        ("zero", 0),
        ("most days tbh", 2),
        ("never", 0),
        ("no", 0),
        ("a few days", 1),
        ("every day", 3),
        ("i\u2019d say 2", 2),
        ("umm 1", 1),
        ("2 i think", 2),
        ("probably 3", 3),
        ("maybe several days", 1),
    ],
)
def test_answers_are_understood(text: str, value: int) -> None:
    read = read_answer(PHQ9, text)
    assert (read.reading, read.value) == (Reading.ANSWER, value)


@pytest.mark.parametrize("text", ["4", "7", "10", "100", "-1", "2+"])
def test_answers_out_of_range_are_said_to_be(text: str) -> None:
    assert read_answer(PHQ9, text).reading is Reading.OUT_OF_RANGE


@pytest.mark.parametrize(
    "text",
    [
        "2 or 3",
        "1 2",
        "yes",
        "sometimes",
        "it depends",
        "why do you ask",
        "i have 2 kids and no time",
        "wait, why does she not answer my questions?",
        "not really",
        "",
        "?",
        "2.5",
        "not nearly every day",
        "how many sessions will I have, 16?",
        "1/2",
    ],
)
def test_answers_that_are_not_plain_are_not_guessed(text: str) -> None:
    assert read_answer(PHQ9, text).reading is not Reading.ANSWER
