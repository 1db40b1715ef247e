"""The development and the test set: messages written by people who had not seen the training data.

`<topic>.txt` and `out_of_scope.txt` hold one message a line, `service.tsv` an intent, a tab and a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
SETS = ("development", "test")
OUT_OF_SCOPE = "out_of_scope"
_SERVICE = "service.tsv"


class Kind(StrEnum):
    """What sort of message it is."""

    TOPIC = "topic"
    OUT_OF_SCOPE = "out of scope"
    SERVICE = "service"


class EvaluationDataError(ValueError):
    """A set is incomplete or malformed; the message names file, line and cure."""


@dataclass(frozen=True)
class Example:
    """One message and the intent that a person would give it; `line` counts from 1."""

    text: str
    intent: str
    kind: Kind
    path: Path
    line: int

    @property
    def words(self) -> int:
        """How many words the message has."""
        return len(self.text.split())


def read_set(name: str, *, topics: frozenset[str], folder: Path = FOLDER) -> list[Example]:
    """Every message of a set.

    Args:
        name: one of SETS.
        topics: the ids of data/topics.yml, each of which must have a file.

    Raises:
        EvaluationDataError: a file or a field is missing, or a file belongs to no topic.
    """
    place = folder / name
    expected = {f"{topic}.txt" for topic in topics} | {f"{OUT_OF_SCOPE}.txt", _SERVICE}
    found = {path.name for path in place.glob("*") if path.suffix in (".txt", ".tsv")}
    if missing := sorted(expected - found):
        raise EvaluationDataError(f"{place}: {', '.join(missing)} missing. Write messages for it, one a line")
    if unknown := sorted(found - expected):
        raise EvaluationDataError(f"{place}: {', '.join(unknown)} belongs to no topic. Rename or remove it")
    return [example for file in sorted(expected) for example in _examples_of(place / file)]


def _examples_of(path: Path) -> Iterator[Example]:
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not text.strip():
            raise EvaluationDataError(f"{path}, line {line}: empty. Remove the line")
        if path.name == _SERVICE:
            intent, tab, message = text.partition("\t")
            if not tab or not message.strip():
                raise EvaluationDataError(f"{path}, line {line}: write intent, tab, message")
            yield Example(message.strip(), intent, Kind.SERVICE, path, line)
        else:
            kind = Kind.OUT_OF_SCOPE if path.stem == OUT_OF_SCOPE else Kind.TOPIC
            yield Example(text.strip(), path.stem, kind, path, line)
