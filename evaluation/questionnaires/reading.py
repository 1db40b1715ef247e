"""Understood, asked again, or taken wrongly: counted on sets of phrasings that the rules were not written from.

`development.tsv` and `test.tsv` were written from imagined people before any rule of data/answers/ was; misses of the
first may be looked at, those of the second may not. `another_author.tsv` was written by somebody else for another
purpose (risk/corpus/harmless/questionnaire_answers.tsv) and labelled before the rules; it was not looked at either.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from clinic.content.paths import ANSWERS, QUESTIONNAIRES
from clinic.questionnaires.definitions import Questionnaire, Questionnaires
from clinic.questionnaires.reading import Reader, Reading, Wordings
from evaluation.intervals import Share

FOLDER = Path(__file__).resolve().parent
SETS = ("development", "test", "another_author")
# What a person would not take for an answer either.
ASK = "ask"


class Outcome(StrEnum):
    """What came of a phrasing."""

    UNDERSTOOD = "understood"
    ASKED_AGAIN = "asked again"
    WRONG = "taken wrongly"


@dataclass(frozen=True)
class Phrasing:
    """A way of answering. `item` is the questionnaire and the question it speaks of; None: any."""

    text: str
    expected: int | None
    item: tuple[str, int] | None


@dataclass(frozen=True)
class Judged:
    """A phrasing, and what was taken; `taken` is None where it was asked again."""

    phrasing: Phrasing
    taken: int | None
    asked_at: tuple[str, int]

    @property
    def outcome(self) -> Outcome:
        """One of three."""
        if self.taken is None:
            return Outcome.ASKED_AGAIN
        return Outcome.UNDERSTOOD if self.taken == self.phrasing.expected else Outcome.WRONG


def read_phrasings(name: str, folder: Path = FOLDER) -> list[Phrasing]:
    """Every phrasing of a set.

    Raises:
        ValueError: an item is not written as `phq-9/3`.
    """
    with (folder / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    found = []
    for row in rows:
        questionnaire, _, number = row["item"].partition("/")
        item = (questionnaire, int(number)) if number else None
        found.append(Phrasing(row["text"], None if row["expected"] == ASK else int(row["expected"]), item))
    return found


class Judge:
    """Reads phrasings as the service does."""

    def __init__(self, questionnaires: Questionnaires, wordings: Wordings) -> None:
        self._by_id = {questionnaire.id: questionnaire for questionnaire in questionnaires}
        self._readers = {name: Reader(found, wordings) for name, found in self._by_id.items()}

    @classmethod
    def load(cls) -> Judge:
        """With the questionnaires and wordings of this clinic."""
        return cls(Questionnaires.load(QUESTIONNAIRES), Wordings.load(ANSWERS))

    def judge(self, phrasing: Phrasing) -> Iterator[Judged]:
        """At its item, else at the first item of each questionnaire; what is no answer, at every item."""
        for name, questionnaire in self._by_id.items():
            for number in self._numbers(phrasing, name, questionnaire):
                understood = self._readers[name].read(phrasing.text, number)
                taken = understood.value if understood.reading is Reading.ANSWER else None
                yield Judged(phrasing, taken, (name, number))

    @staticmethod
    def _numbers(phrasing: Phrasing, name: str, questionnaire: Questionnaire) -> list[int]:
        if phrasing.item is not None:
            return [phrasing.item[1]] if phrasing.item[0] == name else []
        return [1] if phrasing.expected is not None else list(range(1, len(questionnaire.items) + 1))


def summary(judge: Judge) -> list[str]:
    """Lines of Markdown: one row a set."""
    lines = [
        "| Answers in questionnaires | phrasings of 0 to 3 | understood | asked again | taken wrongly | "
        "not an answer | taken for one |",
        "| --- | ---: | --- | --- | --- | ---: | --- |",
    ]
    for name in SETS:
        phrasings = read_phrasings(name)
        answers = [max_outcome(judge.judge(one)) for one in phrasings if one.expected is not None]
        others = [max_outcome(judge.judge(one)) for one in phrasings if one.expected is None]
        shares = " | ".join(str(Share(answers.count(outcome), len(answers))) for outcome in Outcome)
        taken = Share(others.count(Outcome.WRONG), len(others))
        lines.append(f"| {name.replace('_', ' ')} | {len(answers)} | {shares} | {len(others)} | {taken} |")
    return lines


def evaluate() -> tuple[list[str], list[str]]:
    """The summary, and the section of the report, as lines of Markdown."""
    lines = summary(Judge.load())
    return lines, ["# How well answers in questionnaires are read", "", *lines]


def max_outcome(judged: Iterator[Judged]) -> Outcome:
    """The worst that came of a phrasing, wherever it was said."""
    order = list(Outcome)
    return max((one.outcome for one in judged), key=order.index)
