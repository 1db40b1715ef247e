"""What the clinic states about itself (data/journey/clinic.yml), said to patients word for word."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from clinic.content.paths import DATA
from clinic.content.yaml_files import read_model

CLINIC_FACTS = DATA / "journey" / "clinic.yml"


class ClinicFacts(BaseModel):
    """The clinic's own lines."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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
