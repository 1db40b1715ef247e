"""How people say things: data/answers/, read and checked at start. Each pattern is held to examples and near misses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from clinic.content.yaml_files import read_model
from clinic.questionnaires.reading.notation import NotationError, compile_pattern

# What stands for a question in a command; the words behind it are looked up among the names of the questions.
PLACES = {
    "item": r"(?P<item>(?:\d+(?:st|nd|rd|th)?|[a-z]+(?: [a-z]+){0,2}) )",
    # Not by a bare number, which may be an answer.
    "named": r"(?P<item>(?:\d+(?:st|nd|rd|th)|[a-z]+(?: [a-z]+){0,2}) )",
    "answer": r"(?P<answer>(?:\S+ ){1,6}?)",
    "number": r"(?:\S+ )",
}


def _pattern(source: str) -> str:
    try:
        compile_pattern(source, places=PLACES)
    except NotationError as error:
        raise ValueError(f"pattern '{source}': {error}") from error
    return source


Pattern = Annotated[str, AfterValidator(_pattern)]
Meaning = Literal[
    "back", "change_item", "change_last", "return_to", "skip", "stop", "explain", "how_far", "why", "which"
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Plain(_Strict):
    """data/answers/plain.yml: what wraps an answer."""

    openers: list[Pattern]
    closers: list[Pattern]
    command_openers: list[Pattern]
    fillers: list[Pattern]
    frames: list[Pattern]
    complaints: list[Pattern]
    polite: list[Pattern]
    affirmations: list[str]
    not_first: list[str]
    question_words: list[str]
    either: list[str]
    ordinals: list[list[str]]
    unsettling: list[str]
    numbers: dict[str, int]
    spelling: dict[str, str]
    real_words: list[str]


class Command(_Strict):
    """Something that a person may want other than to answer."""

    means: Meaning
    patterns: list[Pattern] = Field(min_length=1)
    examples: list[str] = Field(min_length=1)
    near_misses: list[str] = Field(min_length=1)


class Commands(_Strict):
    """data/answers/commands.yml."""

    commands: list[Command] = Field(min_length=1)


class OptionWordings(_Strict):
    """How one answer is said."""

    value: int
    said: list[Pattern]
    bare: list[Pattern] = []
    soft: list[Pattern] = []
    examples: list[str] = Field(min_length=1)
    near_misses: list[str] = Field(min_length=1)


class Scale(_Strict):
    """How the answers of one kind of scale are said, such as data/answers/two-weeks.yml."""

    # The days that are asked about, and which counts of days mean which answer: value to (from, to).
    days: int | None = None
    counts: dict[int, tuple[int, int]] = {}
    options: list[OptionWordings] = Field(min_length=2)
    between: list[Pattern] = []
    examples_between: list[str] = []


class Wordings:
    """Everything in data/answers/."""

    def __init__(self, *, plain: Plain, commands: list[Command], scales: dict[str, Scale], folder: Path) -> None:
        self.plain = plain
        self.commands = commands
        self.scales = scales
        self.folder = folder

    @classmethod
    def load(cls, folder: Path) -> Wordings:
        """Reads plain.yml, commands.yml, and every other file as a scale named like the file.

        Raises:
            DataFileError: a file is broken; the message names its line. Examples are checked by the readers.
        """
        others = [path for path in sorted(folder.glob("*.yml")) if path.stem not in ("plain", "commands")]
        return cls(
            plain=read_model(folder / "plain.yml", Plain),
            commands=read_model(folder / "commands.yml", Commands).commands,
            scales={path.stem: read_model(path, Scale) for path in others},
            folder=folder,
        )


def compiled(sources: list[str]) -> tuple[re.Pattern[str], ...]:
    """The patterns, ready to match."""
    return tuple(compile_pattern(source, places=PLACES) for source in sources)


def words_of(sources: list[str]) -> set[str]:
    """Every word that the patterns name."""
    return {word for source in sources for word in re.findall(r"[a-z]+", re.sub(r"<[a-z]+>", " ", source))}
