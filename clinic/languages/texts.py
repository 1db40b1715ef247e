"""What is said to a message in another language (data/service/other_languages.yml)."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, RootModel

from clinic.content.paths import LANGUAGE_TEXTS
from clinic.content.topics import Topics
from clinic.content.yaml_files import DataFileError, read_model
from clinic.conversations.replies import Reply, quick_reply

_ENGLISH = "en"


class LanguageText(BaseModel):
    """One language's text; `person` labels the button that asks for a person."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="the language in its own words")
    in_english: str
    person: str = Field(max_length=32)
    reviewed_by: str | None = None
    text: str = Field(min_length=1)


class _File(RootModel[dict[str, LanguageText]]):
    pass


class LanguageTexts:
    """By ISO 639-1 code; a language without a text of its own gets the English one."""

    def __init__(self, texts: dict[str, LanguageText]) -> None:
        self._texts = texts

    @classmethod
    def load(cls, path: Path = LANGUAGE_TEXTS) -> LanguageTexts:
        """Reads and checks the file.

        Raises:
            DataFileError: naming the line that is wrong, or there is no English text.
        """
        texts = read_model(path, _File).root
        if _ENGLISH not in texts:
            raise DataFileError(f"{path}: `{_ENGLISH}` is missing: languages without a text of their own get it.")
        return cls(texts)

    def __contains__(self, code: str) -> bool:
        return code in self._texts

    def items(self) -> list[tuple[str, LanguageText]]:
        """Every language, by code."""
        return list(self._texts.items())

    def reply(self, code: str | None) -> Reply:
        """What somebody reads who wrote in this language."""
        found = self._texts.get(code or _ENGLISH, self._texts[_ENGLISH])
        # The button sends English words, which are understood with certainty.
        return Reply(kind="service", text=found.text, quick_replies=(quick_reply(found.person, Topics.a_person.text),))
