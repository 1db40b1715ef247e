"""Who reviewed which text, and until when that holds (data/reviews.yml)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from clinic.content.paths import DATA
from clinic.content.topics import Topics
from clinic.content.yaml_files import DataFileError, line_of, read_model

REVIEWS = DATA / "reviews.yml"
# What stands in place of a name while there is none.
NOBODY = "not yet reviewed by a clinician"
State = Literal["current", "not_reviewed", "changed", "overdue"]


class Review(BaseModel):
    """One text and its review. `words` is the fingerprint of the words that were reviewed; None while nobody has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reviewer: str = Field(min_length=1, max_length=120)
    reviewed_on: date | None = None
    review_by: date
    words: str | None = Field(None, pattern=r"^[0-9a-f]{12}$")

    @model_validator(mode="after")
    def _is_whole(self) -> Review:
        if (self.reviewer == NOBODY) != (self.reviewed_on is None):
            raise ValueError(f"a name needs the day of the review (reviewed_on), and '{NOBODY}' has none")
        if (self.reviewed_on is None) != (self.words is None):
            raise ValueError("the day of the review and the fingerprint of the words (words) go together")
        if self.reviewed_on is not None and self.reviewed_on > self.review_by:
            raise ValueError("review_by lies before reviewed_on")
        return self

    def state(self, words: str, today: date) -> State:
        """What there is to do, the most pressing first; `words` is the text's fingerprint now."""
        if self.review_by < today:
            return "overdue"
        if self.reviewed_on is None:
            return "not_reviewed"
        return "changed" if self.words != words else "current"


class TopicReview(Review):
    """Of the answers of one topic of the leaflet."""

    topic: str


class FileReview(Review):
    """Of another file of texts, by its place in data/."""

    file: str
    what: str


class _ReviewFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    answers: tuple[TopicReview, ...]
    files: tuple[FileReview, ...]


@dataclass(frozen=True)
class Reviews:
    """Every review, by topic and by file."""

    by_topic: dict[str, TopicReview]
    by_file: dict[str, FileReview]

    @classmethod
    def load(cls, topics: Topics, path: Path = REVIEWS) -> Reviews:
        """Reads and checks the file.

        Raises:
            DataFileError: naming the line that is wrong, or the topic that has no review.
        """
        found = read_model(path, _ReviewFile)
        _check_once(path, "answers", [one.topic for one in found.answers], {topic.id for topic in topics}, "topic")
        for place, one in enumerate(found.files):
            if not (DATA / one.file).is_file():
                line = line_of(path, ("files", place, "file"))
                raise DataFileError(f"{path}, line {line}: there is no file data/{one.file}. Correct the name.")
        missing = [topic.id for topic in topics if topic.id not in {one.topic for one in found.answers}]
        if missing:
            raise DataFileError(
                f"{path}: answers: no entry for {', '.join(missing)}. Add one for each, with reviewer: {NOBODY}."
            )
        return cls({one.topic: one for one in found.answers}, {one.file: one for one in found.files})


def _check_once(path: Path, key: str, names: list[str], known: Collection[str], what: str) -> None:
    for place, name in enumerate(names):
        line = line_of(path, (key, place, what))
        if name not in known:
            raise DataFileError(f"{path}, line {line}: there is no {what} '{name}'. Correct it or take it away.")
        if name in names[:place]:
            raise DataFileError(f"{path}, line {line}: '{name}' stands twice. Take one away.")
