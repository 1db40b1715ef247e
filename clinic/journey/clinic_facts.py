"""What the clinic states about itself (data/journey/clinic.yml), said to patients word for word."""

from __future__ import annotations

from pathlib import Path

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field

from clinic.content.paths import DATA
from clinic.content.yaml_files import line_of, read_model

CLINIC_FACTS = DATA / "journey" / "clinic.yml"
_SHORTEST_NUMBER = 10


class ClinicFacts(BaseModel):
    """The clinic's own lines."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # As it comes: said to no patient of a real clinic.
    are_examples: bool
    likely_wait: str = Field(min_length=1, max_length=120)
    read_when: str = Field(min_length=1, max_length=60)
    progress: str = Field(min_length=1, max_length=120)
    first_appointment: str = Field(min_length=1, max_length=160)
    in_touch_every_days: int = Field(ge=7, le=90)

    @classmethod
    def load(cls, path: Path = CLINIC_FACTS) -> ClinicFacts:
        """Reads and checks the file.

        Raises:
            DataFileError: naming the line that is wrong.
        """
        return read_model(path, cls)

    def problem(self, path: Path = CLINIC_FACTS) -> str | None:
        """Why these lines may not be said to patients: they are not the clinic's own. None: they may."""
        if self.are_examples:
            return (
                f"{path}, line {line_of(path, ('are_examples',))}: these lines are examples. Write what your clinic "
                "says about itself, then set are_examples to false."
            )
        for name in ("likely_wait", "read_when", "progress", "first_appointment"):
            if _holds_a_number_of_nobody(getattr(self, name)):
                return (
                    f"{path}, line {line_of(path, (name,))}: {name} holds a phone number that reaches nobody. "
                    "Write your clinic's own."
                )
        return None


def _holds_a_number_of_nobody(text: str) -> bool:
    """Whether a phone number stands in it that is in use nowhere: one kept for fiction, or with a slip in it."""
    return any(
        found.raw_string.startswith(("0", "+"))
        and sum(sign.isdigit() for sign in found.raw_string) >= _SHORTEST_NUMBER
        and not phonenumbers.is_valid_number(found.number)
        for found in phonenumbers.PhoneNumberMatcher(text, "GB", phonenumbers.Leniency.POSSIBLE)
    )
