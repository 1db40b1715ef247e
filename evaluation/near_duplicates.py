"""Finds messages that stand nearly word for word in two sets: an evaluation on what was trained on says nothing.

    python -m evaluation.near_duplicates

Prints every pair and exits with status 1 when there is one. The cure is to remove the line from the evaluation set.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from rapidfuzz import fuzz, process

from assistant.wording import same_wording_key
from clinic.content.topics import Topics
from evaluation.nlu.sets import SETS, Example, read_set
from evaluation.risk.judging import read_rows
from evaluation.training_examples import ROOT, TrainingExample, training_examples
from risk.classifier.corpus import FOLDER as CORPUS
from risk.classifier.corpus import Labelled, corpus_files, read_corpus

# Shorter ones are bound to repeat: everybody says "hello there".
_FEWEST_WORDS = 4
# All but the same words (of the shorter one) ...
_SAME_WORDS = 90
# ... and not many more in the longer one. Without this, any short question is found in every long story that
# happens to use its words: that was half of all messages, and removing them would leave only the odd ones.
_SAME_LENGTH = 80
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class NearDuplicate:
    """Two messages of different sets."""

    evaluation: Example | TrainingExample
    other: Example | TrainingExample

    def __str__(self) -> str:
        return f"{_place(self.evaluation)}: {self.evaluation.text}\n    {_place(self.other)}: {self.other.text}"


def near_duplicates(
    evaluation: Sequence[Example | TrainingExample], others: Sequence[Example | TrainingExample]
) -> Iterator[NearDuplicate]:
    """Pairs with the same words in any order; equal ones among them."""
    left, right = [_sorted_words(e.text) for e in evaluation], [_sorted_words(e.text) for e in others]
    # The quick comparison first: it leaves few pairs for the thorough one.
    close = process.cdist(left, right, scorer=fuzz.ratio, score_cutoff=_SAME_LENGTH, dtype=np.uint8, workers=-1)
    for row, column in zip(*close.nonzero(), strict=True):
        if fuzz.token_set_ratio(left[row], right[column]) >= _SAME_WORDS:
            yield NearDuplicate(evaluation[row], others[column])


def _sorted_words(text: str) -> str | None:
    """The words in order of the alphabet; None, which is like nothing, where they are too few."""
    words = sorted(_WORD.findall(same_wording_key(text)))
    return " ".join(words) if len(words) >= _FEWEST_WORDS else None


def _place(example: Example | TrainingExample) -> str:
    path = example.path
    return f"{path.relative_to(ROOT) if path.is_relative_to(ROOT) else path}:{example.line}"


def main() -> int:
    """Returns the exit status."""
    topics = frozenset(topic.id for topic in Topics.load())
    understanding = {name: read_set(name, topics=topics) for name in SETS}
    detecting = {name: _placed(read_rows(name)) for name in SETS}
    found = [*_across(understanding, training_examples()), *_across(detecting, _placed(_corpus()))]
    for pair in found:
        sys.stdout.write(f"{pair}\n")
    compared = sum(len(examples) for sets in (understanding, detecting) for examples in sets.values())
    sys.stdout.write(f"near-duplicates across sets ({compared} messages of development and test sets): {len(found)}\n")
    return 1 if found else 0


def _across(
    sets: Mapping[str, Sequence[Example | TrainingExample]], training: Sequence[TrainingExample]
) -> list[NearDuplicate]:
    found = [pair for examples in sets.values() for pair in near_duplicates(examples, training)]
    return found + [pair for one, other in combinations(SETS, 2) for pair in near_duplicates(sets[one], sets[other])]


def _corpus() -> list[Labelled]:
    return [row for path in corpus_files([CORPUS]) for row in read_corpus(path)]


def _placed(rows: Sequence[Labelled]) -> list[TrainingExample]:
    return [TrainingExample(" ".join(row.bubbles), row.kind, row.path, row.line) for row in rows]


if __name__ == "__main__":
    sys.exit(main())
