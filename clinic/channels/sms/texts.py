"""What is said by text message only (data/service/sms.yml)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict

from clinic.content.paths import SMS_TEXTS
from clinic.content.service_texts import Spoken
from clinic.content.yaml_files import read_model


class SmsTexts(BaseModel):
    """Everything in data/service/sms.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    choices: str
    more: str
    rest: str
    unasked: str
    clinical_words: tuple[str, ...]
    without_words: str
    welcome: Spoken
    stopped: Spoken
    started: Spoken
    help: Spoken
    not_words: Spoken

    def is_clinical(self, line: str) -> bool:
        """Whether a line says something about somebody's health or care that a locked phone should not show."""
        words = re.findall(r"[a-z0-9-]+", line.lower())
        return any(word.startswith(self.clinical_words) for word in words)

    @classmethod
    def load(cls, path: Path = SMS_TEXTS) -> Self:
        """Reads and checks the file.

        Raises:
            DataFileError: naming the line that is wrong.
        """
        return read_model(path, cls)
