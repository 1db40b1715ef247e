"""How people speak of reminders: data/reminders/wordings.yml, checked and tried at start."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from clinic.content.paths import REMINDER_WORDINGS
from clinic.content.yaml_files import read_model


class Examples(BaseModel):
    """What must be read how; of `hour` the hours that may be meant."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hour: dict[str, list[int]]
    stop: list[str]
    start: list[str]
    when: list[str]
    other_thing: list[str]
    unclear: list[str]


class ReminderWordings(BaseModel):
    """The words, by what they mean."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parts_of_day: dict[str, int]
    before_noon: list[str]
    after_noon: list[str]
    not_this_hour: list[str]
    stop: list[str] = Field(min_length=1)
    not_stop: list[str]
    start: list[str] = Field(min_length=1)
    when: list[str] = Field(min_length=1)
    complaining: list[str]
    wishing: list[str]
    about_the_questionnaire: list[str]
    numbers: dict[str, int]
    examples: Examples

    @classmethod
    def load(cls, path: Path = REMINDER_WORDINGS) -> Self:
        """Reads the file.

        Raises:
            DataFileError: something in it is wrong.
        """
        return read_model(path, cls)
