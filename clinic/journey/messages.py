"""What is said by itself, as data (data/journey/messages.yml)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from clinic.content.paths import DATA
from clinic.content.service_texts import Spoken
from clinic.content.topics import Topics
from clinic.content.yaml_files import DataFileError, read_model

JOURNEY = DATA / "journey" / "messages.yml"
Stage = Literal["starting", "focus", "ending"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(Spoken):
    """A text with a name of its own, so that it is said once."""

    id: str


class Dated(Named):
    """A text that is due so many days after something."""

    after_days: int = Field(ge=0)


class Waiting(_Strict):
    """While waiting: the first news, then one at the clinic's rhythm."""

    first: tuple[Dated, ...]
    in_touch: tuple[Named, ...] = Field(min_length=1)


class WeeklyTopics(_Strict):
    """The leaflet, a topic at a time."""

    every_days: int = Field(ge=1)
    order: tuple[str, ...]


class TopicBefore(_Strict):
    """A topic so many days before the first session."""

    days_before: int = Field(ge=1)
    topic: str


class FirstSession(_Strict):
    """The first session has a date."""

    date_set: Spoken
    topics: tuple[TopicBefore, ...]


class AfterSession(_Strict):
    """What the leaflet says about the stage, on the day after a session."""

    after_session: int = Field(ge=1)
    stage: Stage
    topic: str


class BeforeBreak(_Strict):
    """Before a planned break."""

    days_before: int = Field(ge=1)
    text: Spoken
    topic: str


class JourneyTexts(_Strict):
    """Everything in data/journey/messages.yml."""

    waiting: Waiting
    topics: WeeklyTopics
    first_session: FirstSession
    sessions: tuple[AfterSession, ...]
    break_: BeforeBreak = Field(alias="break")
    after: tuple[Dated, ...]

    @classmethod
    def load(cls, topics: Topics, path: Path = JOURNEY) -> JourneyTexts:
        """Reads and checks the file.

        Raises:
            DataFileError: naming the line that is wrong, or a topic that the leaflet does not have.
        """
        texts = read_model(path, cls)
        unknown = sorted({topic for topic in texts.named_topics() if topic not in topics})
        if unknown:
            raise DataFileError(
                f"{path}: no topics of data/topics.yml: {', '.join(unknown)}. Correct it and start again."
            )
        return texts

    def named_topics(self) -> Iterator[str]:
        """Every topic that is sent at some time."""
        yield from self.topics.order
        yield from (before.topic for before in self.first_session.topics)
        yield from (after.topic for after in self.sessions)
        yield self.break_.topic
