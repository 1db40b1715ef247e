"""A questionnaire is a data file. Read and checked once, at start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from clinic.content.yaml_files import DataFileError, read_model


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Option(_Strict):
    """One answer that can be given, and what it counts."""

    value: int = Field(ge=0)
    label: str = Field(min_length=1)
    loinc: str


class Item(_Strict):
    """One question, verbatim."""

    text: str = Field(min_length=1)
    loinc: str
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
    loinc_panel: str
    loinc_total: str
    snomed_score: str
    options: list[Option] = Field(min_length=2)
    items: list[Item] = Field(min_length=1)
    bands: list[Band] = []
    caseness: int | None = None
    reliable_change: int | None = None
    next: str | None = None
    also_called: list[str] = []

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        values = [option.value for option in self.options]
        if values != sorted(set(values)):
            raise ValueError("options must have different values in rising order")
        reached = -1
        for band in self.bands:
            if band.from_ != reached + 1 or band.to < band.from_:
                raise ValueError(f"band '{band.label}' must begin at {reached + 1} and not end before it begins")
            reached = band.to
        if self.bands and reached != self.highest_total:
            raise ValueError(f"the last band must end at the highest total, {self.highest_total}")
        return self

    @property
    def highest_total(self) -> int:
        """The total when every item has the highest answer."""
        return self.options[-1].value * len(self.items)

    def item(self, number: int) -> Item:
        """The item counted from 1, as people count."""
        return self.items[number - 1]

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
                raise DataFileError(f"{path}: next: there is no questionnaire '{questionnaire.next}'.")
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

    def asked_for(self, text: str) -> Questionnaire:
        """The one that a request names ("my anxiety form"), else the one that stands first in the sequence."""
        wanted = text.lower().replace("-", "").replace(" ", "")
        followers = {questionnaire.next for questionnaire in self}
        for questionnaire in self:
            names = [questionnaire.id, *questionnaire.also_called]
            if questionnaire.id in followers and any(name.replace("-", "") in wanted for name in names):
                return questionnaire
        return next((q for q in self if q.id not in followers), next(iter(self)))
