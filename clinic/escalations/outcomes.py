"""How an escalation can end (data/escalation_outcomes.yml)."""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from clinic.content.paths import ESCALATION_OUTCOMES
from clinic.content.yaml_files import read_model

# As it is stored: in a column of 64 characters, and after "close:" in the audit trail.
_Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_Text = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Why(_Strict):
    """One reason for an outcome."""

    id: _Id
    label: _Text


class Outcome(_Strict):
    """One way to end."""

    id: _Id
    label: _Text
    note_needed: _Text | None = None
    whys: tuple[Why, ...] = ()


class Outcomes(_Strict):
    """Everything in data/escalation_outcomes.yml."""

    outcomes: tuple[Outcome, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Self:
        for what, ids in (("outcome", self.outcomes), ("why", self._every_why)):
            twice = [one for one, count in Counter(each.id for each in ids).items() if count > 1]  # type: ignore[attr-defined]
            if twice:
                raise ValueError(f"{what} '{twice[0]}' stands there twice: give each an id of its own")
        if sum(bool(outcome.whys) for outcome in self.outcomes) > 1:
            raise ValueError("only one outcome may have whys")
        return self

    @classmethod
    def load(cls, path: Path = ESCALATION_OUTCOMES) -> Outcomes:
        """Reads and checks the file.

        Raises:
            DataFileError: naming file, line and cure.
        """
        return read_model(path, cls)

    @cached_property
    def labels(self) -> dict[str, str]:
        """What staff read, by id, in order."""
        return {outcome.id: outcome.label for outcome in self.outcomes}

    @cached_property
    def why_labels(self) -> dict[str, str]:
        """The same for reasons."""
        return {why.id: why.label for why in self._every_why}

    @property
    def false_alarm(self) -> Outcome | None:
        """The outcome that asks why: what it closes goes into the file for improving the detector."""
        return next((outcome for outcome in self.outcomes if outcome.whys), None)

    def of(self, outcome_id: str) -> Outcome | None:
        """The outcome with this id, if there is one."""
        return next((outcome for outcome in self.outcomes if outcome.id == outcome_id), None)

    def what_is_missing(self, outcome_id: str, *, why: str | None, note: str | None) -> dict[str, str]:
        """What must be put right before an escalation can be closed so, by field: outcome, why, note."""
        outcome = self.of(outcome_id)
        if outcome is None:
            return {"outcome": "Choose what was done"}
        missing = {}
        if outcome.whys and why not in {one.id for one in outcome.whys}:
            missing["why"] = "Choose why"
        if outcome.note_needed is not None and not (note or "").strip():
            missing["note"] = f"Write in the note {outcome.note_needed}"
        return missing

    @property
    def _every_why(self) -> list[Why]:
        return [why for outcome in self.outcomes for why in outcome.whys]
