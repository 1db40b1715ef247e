"""Reading what a person wants to keep, and what they want done with what they keep. The words are data.

Whatever is not plainly a lead-in stays: what is kept is always the end of what was written, never a rewording.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from clinic.content.paths import NOTE_WORDINGS
from clinic.content.yaml_files import read_model

Operation = Literal["stop_sharing", "change", "delete", "share"]
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"'})
_EDGES = " \t\n\r.,;:!?-\u2013\u2014\"'"
_AFTER_LEAD_IN = re.compile(r"[\s,.;:!\u2013\u2014-]+")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_MOST_DIGITS = 3


def _one_list(value: object) -> object:
    # Long lists of short words stand in the file as several rows.
    if isinstance(value, list) and any(isinstance(row, list) for row in value):
        return [word for row in value for word in row]
    return value


class NoteWordings(BaseModel):
    """data/notes/wordings.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    openers: tuple[str, ...]
    lead_ins: tuple[str, ...] = Field(min_length=1)
    lead_ins_with_colon: tuple[str, ...]
    tails: tuple[str, ...]
    back_references: frozenset[str]
    requests: frozenset[str]
    manage: dict[Operation, tuple[str, ...]]
    everything: tuple[str, ...]
    change_joins: tuple[str, ...]
    numbers: dict[str, int]
    empty_words: Annotated[frozenset[str], BeforeValidator(_one_list)]

    @field_validator("openers", "lead_ins", "lead_ins_with_colon", "tails", "back_references", "requests", "everything")
    @classmethod
    def _plain(cls, value: Iterable[str], info: ValidationInfo) -> Iterable[str]:
        for phrase in value:
            if phrase != " ".join(phrase.lower().translate(_QUOTES).split()) or not phrase:
                raise ValueError(f"'{phrase}': write it in lower case, with single spaces and straight apostrophes")
        return value

    @classmethod
    def load(cls, path: Path = NOTE_WORDINGS) -> Self:
        """Reads and checks the file.

        Raises:
            DataFileError: something in it is wrong.
        """
        return read_model(path, cls)

    @cached_property
    def _opening(self) -> re.Pattern[str]:
        return re.compile(rf"(?:{_either(self.openers)})(?![^\W_])[\s,.!-]*", re.IGNORECASE)

    @cached_property
    def _lead_in(self) -> re.Pattern[str]:
        plain, marked = _either(self.lead_ins), _either(self.lead_ins_with_colon)
        return re.compile(rf"(?:{plain})(?!['\w])|(?:{marked})(?=\s*[:\u2013\u2014-])", re.IGNORECASE)

    def kept_text(self, text: str) -> Kept:
        """What a message asks to keep."""
        written = text.strip()
        rest = self._without_openers(written)
        said = {self._without_tails(_key(written)), self._without_tails(_key(rest)), _key(rest)}
        if said & {_key(phrase) for phrase in self.back_references}:
            return Kept(Keeps.MESSAGE_BEFORE)
        if said & {_key(phrase) for phrase in self.requests}:
            return Kept(Keeps.NOTHING_YET)
        found = self._lead_in.match(rest.translate(_QUOTES))
        if found is None:
            return Kept(Keeps.TEXT, written)
        # Quotes are one character each in either spelling, so places are the same.
        after = rest[found.end() :]
        between = _AFTER_LEAD_IN.match(after)
        kept = after[between.end() :].strip() if between is not None else after.strip()
        if not _WORD.search(kept):
            return Kept(Keeps.NOTHING_YET)
        return Kept(Keeps.TEXT, kept)

    def _without_openers(self, text: str) -> str:
        rest = text
        while (found := self._opening.match(rest.translate(_QUOTES))) is not None and found.end() < len(rest):
            rest = rest[found.end() :]
        return rest

    def _without_tails(self, key: str) -> str:
        ends = tuple(f" {tail}" for tail in self.tails)
        while key.endswith(ends):
            key = next(key.removesuffix(end) for end in ends if key.endswith(end)).strip(_EDGES)
        return key

    def request(self, text: str) -> Request | None:
        """What a message wants done with notes that are kept already; None where that is not plain."""
        said = text.translate(_QUOTES).strip()
        found = [
            (verb.start(), place, operation, verb)
            for place, (operation, phrases) in enumerate(self.manage.items())
            if (verb := re.search(_phrase_pattern(phrases), said, re.IGNORECASE)) is not None
        ]
        if not found:
            return None
        _, _, operation, verb = min(found, key=lambda one: one[:2])
        return self._request(operation, said, text.strip(), verb)

    def _request(self, operation: Operation, said: str, written: str, verb: re.Match[str]) -> Request:
        if operation == "change":
            return self._change(said, written, verb)
        rest = said[: verb.start()] + " " + said[verb.end() :]
        everything = bool(re.search(_phrase_pattern(self.everything), rest, re.IGNORECASE))
        return Request(operation, numbers=self._numbers(rest), words=rest, is_everything=everything)

    def _change(self, said: str, written: str, verb: re.Match[str]) -> Request:
        join = re.search(rf"\s*(?:(?<![^\W_])(?:{_either(self.change_joins)})(?![^\W_])\s*:?|:)\s*", said[verb.end() :])
        if join is None:
            rest = said[verb.end() :]
            return Request("change", numbers=self._numbers(rest), words=rest)
        which = said[verb.end() : verb.end() + join.start()]
        return Request(
            "change",
            numbers=self._numbers(which),
            words=which,
            new_text=written[verb.end() + join.end() :].strip() or None,
        )

    def _numbers(self, text: str) -> tuple[int, ...]:
        words = _WORD.findall(text.lower())
        found = [int(word) for word in words if word.isdecimal() and word.isascii() and len(word) <= _MOST_DIGITS]
        # "the one about my dad" names no number; "note one" and "delete one" do.
        spoken = [word for word in words if word in self.numbers and not (word == "one" and len(words) > 2)]
        return tuple(dict.fromkeys(found or [self.numbers[word] for word in spoken]))

    def describing_words(self, text: str) -> frozenset[str]:
        """The words of a description that can stand in a note."""
        return frozenset(word for word in content_words(text) if word not in self.empty_words)


class Keeps(Enum):
    """What a message that asks to keep something wants kept."""

    TEXT = "text"
    MESSAGE_BEFORE = "message_before"
    NOTHING_YET = "nothing_yet"


@dataclass(frozen=True)
class Kept:
    """`text` is the end of what was written; empty unless TEXT."""

    keeps: Keeps
    text: str = ""


@dataclass(frozen=True)
class Request:
    """One thing to do with notes: those with these numbers, or else those that hold these words."""

    operation: Operation
    numbers: tuple[int, ...] = ()
    words: str = ""
    new_text: str | None = None
    is_everything: bool = False


def content_words(text: str) -> frozenset[str]:
    """The words of a text, in lower case, without apostrophes (dad's: dad)."""
    return frozenset(
        word.removesuffix("'s").replace("'", "") for word in _WORD.findall(text.translate(_QUOTES).lower())
    )


def _either(phrases: Iterable[str]) -> str:
    """A pattern for any of the phrases, the longest first, whatever the spaces."""
    ordered = sorted(phrases, key=len, reverse=True)
    return "|".join(r"\s+".join(map(re.escape, phrase.split())) for phrase in ordered)


def _phrase_pattern(phrases: Iterable[str]) -> str:
    # "dont" in the file also finds "don't": apostrophes are left out on phones.
    parts = (r"[\s-]+".join(_with_apostrophe(word) for word in phrase.split()) for phrase in phrases)
    return rf"(?<![^\W_])(?:{'|'.join(sorted(parts, key=len, reverse=True))})(?![^\W_])"


def _with_apostrophe(word: str) -> str:
    return "don'?t" if word == "dont" else re.escape(word)


def _key(text: str) -> str:
    """What two wordings share that differ only in case, apostrophes, spaces or the punctuation at their ends."""
    plain = " ".join(text.lower().translate(_QUOTES).replace("'", "").split())
    return plain.strip(_EDGES)
