"""A questionnaire is a data file. Read and checked once, at start."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from clinic.content.yaml_files import DataFileError, line_of, read_model

_LOINC = r"^\d{1,5}-\d$"
_LOINC_ANSWER = r"^LA\d+-\d$"
_SNOMED = r"^\d{6,18}$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Option(_Strict):
    """One answer that can be given, and what it counts."""

    value: int = Field(ge=0)
    label: str = Field(min_length=1)
    loinc: str = Field(pattern=_LOINC_ANSWER)


class Item(_Strict):
    """One question, verbatim."""

    text: str = Field(min_length=1)
    loinc: str = Field(pattern=_LOINC)
    # What people call the question, and ways of naming its complaint: they may stand beside an answer.
    called: list[str] = []
    said_as: list[str] = []
    # An answer of this or more is told to a person on the spot.
    escalate_from: int | None = None


class Band(_Strict):
    """A range of totals with its published name; for the therapist's screen only."""

    from_: int = Field(alias="from", ge=0)
    to: int
    label: str


class Questionnaire(_Strict):
    """An instrument: stem, items and options are the publisher's words."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str
    title: str
    attribution: str
    stem: str
    loinc_panel: str = Field(pattern=_LOINC)
    loinc_total: str = Field(pattern=_LOINC)
    snomed_score: str = Field(pattern=_SNOMED)
    options: list[Option] = Field(min_length=2)
    items: list[Item] = Field(min_length=1)
    # How the total is made: the values of all items are added up; with one missing there is no total.
    scoring: Literal["sum"]
    bands: list[Band] = []
    caseness: int | None = None
    reliable_change: int | None = None
    # The file of data/answers/ that knows how people say the options; without one: numbers, letters, the labels.
    answered_in: str | None = None
    next: str | None = None
    also_called: list[str] = []

    @field_validator("options")
    @classmethod
    def _options_differ(cls, options: list[Option]) -> list[Option]:
        values = [option.value for option in options]
        if values != sorted(set(values)):
            raise ValueError("options must have different values in rising order")
        return options

    @field_validator("items")
    @classmethod
    def _items_escalate_from_an_option(cls, items: list[Item], info: ValidationInfo) -> list[Item]:
        values = {option.value for option in info.data.get("options", [])}
        for number, item in enumerate(items, 1):
            if values and item.escalate_from is not None and item.escalate_from not in values:
                raise ValueError(f"item {number}: escalate_from must be the value of an option")
        codes = [item.loinc for item in items]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise ValueError(f"two items have the code {twice[0]}")
        return items

    @field_validator("bands")
    @classmethod
    def _bands_cover_every_total(cls, bands: list[Band], info: ValidationInfo) -> list[Band]:
        reached = -1
        for band in bands:
            if band.from_ != reached + 1 or band.to < band.from_:
                raise ValueError(f"band '{band.label}' must begin at {reached + 1} and not end before it begins")
            reached = band.to
        if bands and {"options", "items"} <= info.data.keys():
            highest = info.data["options"][-1].value * len(info.data["items"])
            if reached != highest:
                raise ValueError(f"the last band must end at the highest total, {highest}")
        return bands

    @property
    def highest_total(self) -> int:
        """The total when every item has the highest answer."""
        return self.options[-1].value * len(self.items)

    def item(self, number: int) -> Item:
        """The item counted from 1, as people count."""
        return self.items[number - 1]

    def label(self, value: int) -> str:
        """The words of an answer.

        Raises:
            KeyError: there is no such answer.
        """
        return {option.value: option.label for option in self.options}[value]

    def escalates(self, number: int, value: int) -> bool:
        """Whether this answer must be told to a person at once."""
        threshold = self.item(number).escalate_from
        return threshold is not None and value >= threshold


class Questionnaires:
    """All questionnaires of the clinic, by id."""

    def __init__(self, questionnaires: list[Questionnaire]) -> None:
        self._by_id = {questionnaire.id: questionnaire for questionnaire in questionnaires}

    @classmethod
    def load(cls, folder: Path) -> Questionnaires:
        """Reads every .yml file of the folder.

        Raises:
            DataFileError: a file is broken, an id stands twice, or `next` names no questionnaire.
        """
        paths = sorted(folder.glob("*.yml"))
        found = [read_model(path, Questionnaire) for path in paths]
        ids = [questionnaire.id for questionnaire in found]
        for path, questionnaire in zip(paths, found, strict=True):
            if ids.count(questionnaire.id) > 1:
                raise DataFileError(f"{path}: id '{questionnaire.id}' stands in two files. Give one of them another.")
            if questionnaire.next is not None and questionnaire.next not in ids:
                line = line_of(path, ("next",))
                raise DataFileError(
                    f"{path}, line {line}: next: there is no questionnaire '{questionnaire.next}'. "
                    "Name one that is there, or take the line away."
                )
        if not found:
            raise DataFileError(f"{folder} holds no questionnaire: restore it from the repository")
        return cls(found)

    def __iter__(self) -> Iterator[Questionnaire]:
        return iter(self._by_id.values())

    def get(self, questionnaire_id: str) -> Questionnaire:
        """The questionnaire with this id.

        Raises:
            KeyError: there is none.
        """
        return self._by_id[questionnaire_id]

    def named(self, text: str) -> Questionnaire | None:
        """The one that a request names ("my anxiety form"); of several names the longest."""
        wanted = _letters(text)
        names = [
            (name, questionnaire)
            for questionnaire in self
            for name in map(_letters, (questionnaire.id, questionnaire.title, *questionnaire.also_called))
            if re.search(rf"\b{re.escape(name)}\b", wanted) or name.replace(" ", "") in wanted.split()
        ]
        return max(names, key=lambda found: len(found[0]), default=(None, None))[1]

    def asked_for(self, text: str) -> Questionnaire:
        """The one that a request names, else the one that stands first in the sequence."""
        followers = {questionnaire.next for questionnaire in self}
        first = next((q for q in self if q.id not in followers), next(iter(self)))
        return self.named(text) or first


def _letters(text: str) -> str:
    """Lower case, words and numbers only: "PHQ-9" and "phq 9" are one."""
    return " ".join(re.findall(r"[a-z]+|[0-9]+", text.lower()))
