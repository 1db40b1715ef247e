"""Words of other languages that may mean danger (data/crisis/words_in_other_languages.yml).

The detector reads English. These words do not weigh anything: whoever writes one is looked at by a person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, RootModel

from clinic.content.paths import CRISIS_WORDS
from clinic.content.yaml_files import read_model
from risk import Verdict

OTHER_LANGUAGE = "other_language"
Respond = Literal["now", "today"]
_SPACES = re.compile(r"\s+")
# Accents of Latin and Arabic letters, and what cannot be seen. Vowel signs of Indian scripts are letters of their own.
_NOT_KEPT = re.compile("[\u0300-\u036f\u064b-\u0655\u0640\u200b-\u200f\u2060\ufeff\u00ad]")
_ONE_KIND = str.maketrans(
    {
        "\u2019": "'",
        "\u0142": "l",
        "\u0131": "i",
        "\u064a": "\u06cc",
        "\u0649": "\u06cc",
        "\u0643": "\u06a9",
        "\u0647": "\u06c1",
    }
)


class _Words(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    in_english: str
    now: tuple[str, ...] = Field(min_length=1)
    today: tuple[str, ...] = Field(min_length=1)


class _File(RootModel[dict[str, _Words]]):
    pass


class Detects(Protocol):
    """What is wrapped: the detector."""

    def screen(self, text: str, *, previous: Sequence[str] = ()) -> Verdict:
        """The verdict on one message."""


@dataclass(frozen=True)
class Found:
    """A phrase of the list that stands in a message."""

    language: str
    phrase: str
    respond: Respond


class CrisisWords:
    """The list, looked up without regard to accents and capitals, because people type without them."""

    def __init__(self, words: dict[str, _Words]) -> None:
        speeds: tuple[Respond, ...] = ("now", "today")
        self._entries = [
            (code, phrase, respond)
            for respond in speeds
            for code, one in words.items()
            for phrase in getattr(one, respond)
        ]
        self._patterns = [
            (_pattern(folded(phrase)), Found(code, phrase, respond)) for code, phrase, respond in self._entries
        ]

    @classmethod
    def load(cls, path: Path = CRISIS_WORDS) -> CrisisWords:
        """Reads and checks the file.

        Raises:
            DataFileError: naming the line that is wrong.
        """
        return cls(read_model(path, _File).root)

    def phrases(self) -> list[tuple[str, str, Respond]]:
        """Every entry as (language, phrase, how soon to look)."""
        return list(self._entries)

    def find(self, text: str) -> Found | None:
        """The most pressing phrase in the text."""
        plain = folded(text)
        return next((found for pattern, found in self._patterns if pattern.search(plain)), None)


class ScreenWithOtherLanguages:
    """The detector, and the list for what the detector cannot read."""

    def __init__(self, detector: Detects, words: CrisisWords) -> None:
        self._detector = detector
        self._words = words

    def screen(self, text: str, *, previous: Sequence[str] = ()) -> Verdict:
        """The detector's verdict, raised where a word of the list stands in the message."""
        verdict = self._detector.screen(text, previous=previous)
        found = self._words.find(text)
        if found is None:
            return verdict
        sooner = "now" if "now" in (found.respond, verdict.respond) else "today"
        return replace(
            verdict,
            flagged=True,
            respond=sooner,  # type: ignore[arg-type]
            score=1.0,
            tags=(*verdict.tags, OTHER_LANGUAGE),
        )


def folded(text: str) -> str:
    """Lower case, without accents on Latin and Arabic letters, one kind of space and of Arabic yeh and kaf."""
    decomposed = unicodedata.normalize("NFKD", text.lower().translate(_ONE_KIND))
    return _SPACES.sub(" ", _NOT_KEPT.sub("", decomposed)).strip()


def _pattern(phrase: str) -> re.Pattern[str]:
    # Whole words: "me tuer" must not be found in "some tuer...". Other scripts write particles without a space.
    is_latin = phrase[0].isascii() and phrase[-1].isascii()
    return re.compile(rf"(?<!\w){re.escape(phrase)}(?!\w)" if is_latin else re.escape(phrase))
