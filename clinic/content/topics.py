"""The leaflet's topics (data/topics.yml): their titles, and the sentence that a quick reply sends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from clinic.content.paths import TOPICS
from clinic.content.service_texts import QuickReplyText
from clinic.content.yaml_files import read_model


class Topic(BaseModel):
    """One topic; its id is also an intent, and the name of its responses."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    section: str
    title: str = Field(max_length=32)
    question: str
    related: tuple[str, ...] = Field(min_length=1)


class _TopicList(RootModel[tuple[Topic, ...]]):
    @model_validator(mode="after")
    def _hangs_together(self) -> _TopicList:
        ids = [topic.id for topic in self.root]
        for number, topic in enumerate(self.root):
            if topic.id in ids[:number]:
                raise ValueError(f"'{topic.id}' stands twice")
            unknown = [other for other in topic.related if other not in ids]
            if unknown:
                raise ValueError(f"'{topic.id}': related names no topic: {', '.join(unknown)}")
        return self


class Topics:
    """All topics by id."""

    none_of_these = QuickReplyText(label="None of these", text="none of these")
    a_person = QuickReplyText(label="Talk to a person", text="I want to talk to a person")

    def __init__(self, topics: tuple[Topic, ...]) -> None:
        self._by_id = {topic.id: topic for topic in topics}

    @classmethod
    def load(cls, path: Path = TOPICS) -> Topics:
        """Reads and checks the file.

        Raises:
            DataFileError: naming the line that is wrong.
        """
        return cls(read_model(path, _TopicList).root)

    def __contains__(self, topic_id: str) -> bool:
        return topic_id in self._by_id

    def __iter__(self) -> Iterator[Topic]:
        return iter(self._by_id.values())

    def get(self, topic_id: str) -> Topic:
        """The topic with this id.

        Raises:
            KeyError: there is none.
        """
        return self._by_id[topic_id]
