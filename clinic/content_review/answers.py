"""Every answer from the leaflet, with its topic and section, as it stands in data/responses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from clinic.content.leaflet_answers import RESPONSES
from clinic.content.topics import Topic, Topics
from clinic.content.yaml_files import DataFileError, read_yaml
from clinic.content_review.reading_ease import ReadingEase, reading_ease
from clinic.conversations.replies import UnusableReply, reply_from_rasa

# The answer, what follows on "tell me more", and on "why?".
Part = Literal["answer", "more", "why"]
PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True)
class AnswerText:
    """One text."""

    part: Part
    text: str

    @cached_property
    def reading(self) -> ReadingEase:
        """How easy it is to read."""
        return reading_ease(self.text)


@dataclass(frozen=True)
class TopicAnswers:
    """All texts of one topic."""

    topic: Topic
    texts: tuple[AnswerText, ...]

    @cached_property
    def hardest(self) -> ReadingEase:
        """Of the text that is the hardest to read."""
        return max((one.reading for one in self.texts), key=lambda reading: reading.age)

    @cached_property
    def fingerprint(self) -> str:
        """The same as long as the words are: a review counts for the words that were reviewed."""
        return fingerprint(one.text for one in self.texts)


def fingerprint(texts: Iterable[str]) -> str:
    """Of some texts in order."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def answers_by_topic(topics: Topics, folder: Path = RESPONSES) -> dict[str, TopicAnswers]:
    """By topic, in the leaflet's order.

    Raises:
        DataFileError: a text is no answer.
    """
    found: dict[str, dict[Part, str]] = {topic.id: {} for topic in topics}
    for path in sorted(folder.glob("leaflet_*.yml")):
        for name, variants in read_yaml(path)["responses"].items():
            try:
                said = reply_from_rasa(variants[0])
            except UnusableReply as error:
                raise DataFileError(f"{path}: {name}: {error}. Correct it and start again.") from error
            part = said.details.get("part")
            if said.topic in found and part in PARTS:
                found[said.topic][part] = said.text
    return {
        topic.id: TopicAnswers(
            topic, tuple(AnswerText(part, found[topic.id][part]) for part in PARTS if part in found[topic.id])
        )
        for topic in topics
    }
