"""What the detector, and two simpler ways, say of every message of the development and the test set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation.intervals import Share
from evaluation.nlu.sets import SETS
from risk.classifier.corpus import Labelled, corpus_files, read_corpus
from risk.classifier.evaluation import judge
from risk.detector import Detector
from risk.verdict import Verdict

FOLDER = Path(__file__).resolve().parent
HARD, EVERYDAY = "hard", "everyday"
# How many messages in a thousand are assumed to be risky when a positive predictive value is worked out.
PREVALENCE = 0.005


@dataclass(frozen=True)
class Judged:
    """One labelled message and the detector's verdict on it."""

    row: Labelled
    verdict: Verdict

    @property
    def is_risky(self) -> bool:
        """What people say of it."""
        return self.row.category is not None


def judge_sets(detector: Detector) -> dict[str, list[Judged]]:
    """Every message of both sets, by the name of the set. A message of several bubbles is screened as they arrive."""
    return {name: [Judged(row, judge(detector, row)) for row in read_rows(name)] for name in SETS}


def read_rows(name: str) -> list[Labelled]:
    """The messages of one set.

    Raises:
        DataError: a file is wrong.
    """
    return [row for path in corpus_files([FOLDER / name]) for row in read_corpus(path)]


def recall(judged: Sequence[Judged], where: Callable[[Judged], bool] = lambda one: True) -> Share:
    """How many of the risky ones are flagged."""
    risky = [one for one in judged if one.is_risky and where(one)]
    return Share(sum(one.verdict.flagged for one in risky), len(risky))


def false_alarms(judged: Sequence[Judged], kind: str) -> Share:
    """How many harmless ones of a kind are flagged."""
    harmless = [one for one in judged if not one.is_risky and one.row.kind == kind]
    return Share(sum(one.verdict.flagged for one in harmless), len(harmless))


def predictive_value(found: Share, everyday: Share, prevalence: float = PREVALENCE) -> float:
    """Of the messages that alarm, the share that is risky, if so many of all are and the rest is everyday talk."""
    hits, alarms = found.value * prevalence, everyday.value * (1 - prevalence)
    return hits / (hits + alarms) if hits + alarms else 0.0
