"""The texts of joining (data/joining/texts.yml), and reading answers to its questions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from clinic.content.paths import DATA
from clinic.content.service_texts import QuickReplyText, Spoken
from clinic.content.yaml_files import read_model
from clinic.conversations.replies import Reply

JOINING_TEXTS = DATA / "joining" / "texts.yml"
_HOURS = re.compile(
    r"(?:from |between )?(\d{1,2})(?:[:.]00)?\s*(am|pm)?\s*(?:-|to|till|until|and)\s*(\d{1,2})(?:[:.]00)?\s*(am|pm)?"
)
_SIGNS = re.compile(r"[^a-z0-9 /-]+")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(QuickReplyText):
    """One answer: what is shown, what tapping it sends, and what else people type for it."""

    value: str
    also: tuple[str, ...] = ()


class Question(_Strict):
    """A question with its answers."""

    kind: str
    text: str = Field(min_length=1)
    options: tuple[Option, ...]

    def without(self, *values: str) -> Question:
        """The question with fewer answers."""
        options = tuple(option for option in self.options if option.value not in values)
        return self.model_copy(update={"options": options})

    def reply(self, **values: object) -> Reply:
        """The question as a message, with the words in braces filled in."""
        shown = tuple({"label": option.label, "text": option.text} for option in self.options)
        return Reply(kind="onboarding", text=self.text.format(**values), quick_replies=shown)


class HoursInWords(_Strict):
    """How the chosen hours are said back."""

    none: str
    some: str


class Greeting(_Strict):
    """How the first text about joining begins: after the code and the proof, or when it is asked for again."""

    matched: str
    again: str


class LetterTexts(_Strict):
    """The printed invitation."""

    title: str
    paragraphs: tuple[str, ...]
    until: str
    sms: str
    help: str


class JoiningTexts(_Strict):
    """Everything in data/joining/texts.yml."""

    version: str = Field(max_length=16)
    offers_questionnaire: bool
    invitation: Spoken
    ask_code: Spoken
    ask_proof: Spoken
    not_matched: Spoken
    gave_up: Spoken
    not_from_this_phone: Spoken
    about: tuple[Spoken, ...]
    consent: Question
    refused: Spoken
    withdrawn: Spoken
    channel: Question
    number: Question
    other_number: Spoken
    hours: Question
    shared: Question
    safe_contact: Question
    safe_contact_kept: Spoken
    topics: Question
    topics_stopped: Spoken
    joined: Spoken
    questionnaire: Spoken
    welcome_back: Spoken
    hours_in_words: HoursInWords
    yes_words: frozenset[str]
    no_words: frozenset[str]
    withdraw_words: frozenset[str]
    change_words: frozenset[str]
    stop_topics_words: frozenset[str]
    later_words: frozenset[str]
    join_words: frozenset[str]
    # What may stand around an answer and changes nothing about it.
    filler_words: frozenset[str]
    later: Spoken
    greeting: Greeting
    letter: LetterTexts

    @classmethod
    def load(cls, path: Path = JOINING_TEXTS) -> JoiningTexts:
        """Reads and checks the file.

        Raises:
            DataFileError: naming the line that is wrong.
        """
        return read_model(path, cls)

    def read(self, question: Question, text: str) -> str | None:
        """The value of the answer that `text` is: its words, its place from 1, or yes or no; None where it is none."""
        said = folded(text)
        if said.isdecimal() and 1 <= int(said) <= len(question.options):
            return question.options[int(said) - 1].value
        for read in (lambda words: words, self._bare):
            for option in question.options:
                if read(said) in {read(folded(words)) for words in (option.label, option.text, *option.also)} - {""}:
                    return option.value
        spoken = {"yes": self.yes_words, "no": self.no_words}
        values = [
            option.value for option in question.options if self._is_made_of(said, spoken.get(option.value, frozenset()))
        ]
        return values[0] if len(values) == 1 else None

    def _is_made_of(self, said: str, phrases: frozenset[str]) -> bool:
        """Whether a text is one or several of the phrases, and nothing else of weight: "yeah ok go on then"."""
        pieces = phrases | self.filler_words
        rest, found = f"{said} ", False
        while rest:
            piece = max((one for one in pieces if rest.startswith(f"{one} ")), key=len, default=None)
            if piece is None:
                return False
            rest, found = rest[len(piece) + 1 :], found or piece in phrases
        return found

    def _bare(self, said: str) -> str:
        """Without what may stand around an answer: "text pls" is "text"."""
        words = said.split()
        while words and words[0] in self.filler_words:
            del words[0]
        while words and words[-1] in self.filler_words:
            del words[-1]
        return " ".join(words)


def folded(text: str) -> str:
    """The words alone: without case, signs and apostrophes."""
    return " ".join(_SIGNS.sub("", text.lower().replace("\u2019", "'").replace("'", "")).split())


def read_hours(text: str) -> tuple[int, int] | None:
    """Two hours of the day: "10 to 18", "9am-5pm", "between 10 and 6"; None where the text is no such thing."""
    said = _HOURS.fullmatch(" ".join(text.lower().strip(" .!").split()))
    if said is None:
        return None
    begin, end = _hour(said[1], said[2]), _hour(said[3], said[4])
    # "9 to 5" is a working day.
    if end <= begin and said[4] is None:
        end += 12
    return (begin, end) if 0 <= begin < end <= 24 else None


def _hour(digits: str, half: Any) -> int:
    hour = int(digits)
    if half == "pm" and hour < 12:
        return hour + 12
    return 0 if half == "am" and hour == 12 else hour
