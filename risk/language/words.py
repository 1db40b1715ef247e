"""From a normalised text to the words that rules match, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Tuple

from risk.language.traced import TracedText

# What stands for the end of a sentence, and for any number.
BOUNDARY = "."
NUMBER = "<number>"
# An emoji's name stands in angle brackets: it is for the classifier. Two dots and more are a pause, not an end, and a
# dot without a blank behind it is more often a slip than an end.
_EMOJI_NAME = re.compile(r"<[^>]*>")
_SIGNS = re.compile(r"([.!?,])[.!?,]+")
_WORD = re.compile(r"<[^>]*>|[a-z]+|\d+(?:[.,:]\d+)*|(?<!\.)[.](?=\s|$)|[!?;]")


@dataclass(frozen=True)
class Word:
    """One word and the characters of the normalised text it covers."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """One way to read a message: its normalised text and the words in it."""

    text: TracedText
    words: Tuple[Word, ...]

    @classmethod
    def of(cls, text: TracedText) -> Reading:
        words = []
        for found in _WORD.finditer(text.text):
            token = found.group()
            if token[0] == "<":
                continue
            plain = NUMBER if token[0].isdigit() else token if token.isalpha() else BOUNDARY
            words.append(Word(plain, found.start(), found.end()))
        return cls(text, tuple(words))

    def typed(self, first: int, last: int) -> str:
        """Returns the person's own words behind words `first` to `last` (exclusive)."""
        return self.text.typed(self.words[first].start, self.words[last - 1].end)

    def for_classifier(self, *, with_emoji: bool = True) -> str:
        """Returns the text as the classifier reads it, with or without the names of emoji."""
        plain = self.text.text if with_emoji else _EMOJI_NAME.sub(" ", self.text.text)
        # "!!!???" and "..." say no more than one sign, and would be read as something else.
        plain = _SIGNS.sub(r"\1", plain.replace("<", " ").replace(">", " "))
        return " ".join(plain.split())
