"""The crisis texts, put together from reviewed parts (data/crisis/texts.yml says how)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from clinic.content.paths import CRISIS_TEXTS
from clinic.content.service_texts import QuickReplyText
from clinic.content.yaml_files import read_model
from clinic.conversations.replies import Kind, Reply
from clinic.crisis.contacts import Contacts
from clinic.escalations.policy import Respond

# What is true about a person being told; only ever what the database can show.
Told = Literal["sent", "sent_answer", "earlier_seen", "not_sent"]
# How a message that says so is known again.
NOBODY_WATCHING = "nobody_watching"
SafetyAnswer = Literal["safe", "not_safe", "not_sure", "misread"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _SafetyReply(QuickReplyText):
    also: tuple[str, ...] = ()


class _Item9(_Strict):
    opening: str
    continue_: str

    def __init__(self, **data: Any) -> None:
        super().__init__(**{"continue_" if key == "continue" else key: value for key, value in data.items()})


class _Parts(_Strict):
    openings: dict[Respond, str]
    openings_by_category: dict[str, str]
    lead_in: dict[Respond, str]
    safety_question: str
    safety_replies: dict[SafetyAnswer, _SafetyReply]
    safety_answers: dict[Literal["safe", "not_safe", "not_sure"], str]
    status: dict[Literal["sent", "sent_answer", "earlier_seen", "not_sent", "seen", "closed_until"], str]
    repeated: str
    soften: str
    item9: _Item9
    afterwards: str
    not_yet_seen: str
    waiting_for_staff: str
    left_by_staff: str
    nobody_watching: str


class CrisisTexts:
    """Every crisis text that a patient can read. The numbers always stand on lines of their own."""

    def __init__(self, parts: _Parts, contacts: Contacts) -> None:
        self._parts = parts
        self.contacts = contacts

    @classmethod
    def load(cls, contacts: Contacts, path: Path = CRISIS_TEXTS) -> CrisisTexts:
        """Reads and checks the file.

        Raises:
            DataFileError: naming the line that is wrong.
        """
        return cls(read_model(path, _Parts), contacts)

    def first(
        self, *, respond: Respond, categories: Iterable[str], told: Told, closed_until: str | None = None
    ) -> Reply:
        """The answer to the first message that may mean danger.

        Args:
            closed_until: when somebody of the clinic is there again, in words, while nobody is.
        """
        opening = self._opening_for(categories) or self._parts.openings[respond]
        lines = [f"{self._parts.lead_in[respond]}\n{self.contacts.main_lines}", self._status(told, closed_until)]
        if respond == "next_working_day":
            return _crisis(opening, *lines)
        lines[-1] += f" {self._parts.safety_question}"
        buttons = tuple(button.model_dump(include={"label", "text"}) for button in self._parts.safety_replies.values())
        return _crisis(opening, *lines, quick_replies=buttons)

    def again(self, *, categories: Iterable[str], told: Told, closed_until: str | None = None) -> Reply:
        """The answer to a second or later one: shorter, and with the numbers."""
        opening = self._opening_for(categories)
        block = f"{self._parts.repeated}\n{self.contacts.main_lines}"
        return _crisis(*([opening] if opening else []), block, self._status(told, closed_until))

    def item9(self, *, told: Told, closed_until: str | None = None) -> Reply:
        """What follows a PHQ-9 item 9 above zero, at once."""
        block = f"{self._parts.lead_in['today']}\n{self.contacts.main_lines}"
        return _crisis(self._parts.item9.opening, block, self._status(told, closed_until), self._parts.item9.continue_)

    def read_safety_answer(self, text: str, *, is_asked: bool) -> SafetyAnswer | None:
        """Which answer to the safety question `text` is, if any.

        Args:
            is_asked: the question was the last thing said, so that a bare "no" is an answer to it.
        """
        said = _wording(text)
        for key, reply in self._parts.safety_replies.items():
            if said == _wording(reply.text) or (is_asked and said in map(_wording, reply.also)):
                return key
        return None

    def safety_answer(
        self, answer: SafetyAnswer, *, told: Told | None = None, closed_until: str | None = None
    ) -> Reply:
        """What is said to an answer; `told` adds what is true about a person being told of it."""
        if answer == "misread":
            return self.soften()
        status = [self._status(told, closed_until)] if told else []
        return _crisis(self._parts.safety_answers[answer], *status)

    def soften(self) -> Reply:
        """The answer to "that is not what I meant"; the alert stays."""
        return _crisis(self._parts.soften)

    def afterwards(self, reply: Reply) -> Reply:
        """`reply`, a few polite words, with the numbers behind them."""
        return replace(reply, text=f"{reply.text}\n\n{self._with_numbers('ack', self._parts.afterwards).text}")

    def seen(self) -> Reply:
        """What the person is told when somebody at the clinic has looked."""
        return _crisis(self._parts.status["seen"])

    def closed(self, until: str) -> Reply:
        """Nobody of the clinic is there until then."""
        return Reply(kind="human", text=self._parts.status["closed_until"].format(until=until))

    def not_yet_seen(self) -> Reply:
        """Everybody was told, and still nobody has looked."""
        return self._with_numbers("crisis", self._parts.not_yet_seen)

    def waiting_for_staff(self) -> Reply:
        """A member of staff was writing, and has not answered."""
        return self._with_numbers("service", self._parts.waiting_for_staff)

    def left_by_staff(self) -> Reply:
        """A member of staff was writing, has not answered for long, and the program answers again."""
        return replace(self._with_numbers("service", self._parts.left_by_staff), details={"staff": "left"})

    def nobody_watching(self) -> Reply:
        """What is written here reaches nobody just now."""
        said = self._with_numbers("service", self._parts.nobody_watching)
        return replace(said, details={"notice": NOBODY_WATCHING})

    def _with_numbers(self, kind: Kind, text: str) -> Reply:
        return Reply(kind=kind, text=f"{text.strip()}\n{self.contacts.main_lines}")

    def _status(self, told: Told, closed_until: str | None) -> str:
        if closed_until is not None and told != "not_sent":
            return self._parts.status["closed_until"].format(until=closed_until)
        return self._parts.status[told]

    def _opening_for(self, categories: Iterable[str]) -> str | None:
        present = set(categories)
        # The file's order: what is most pressing stands first.
        return next((text for name, text in self._parts.openings_by_category.items() if name in present), None)


def _wording(text: str) -> str:
    folded = text.lower().replace("\u2019", "'").replace("'", "")
    return " ".join(folded.split()).strip(" .,!?")


def _crisis(*paragraphs: str, quick_replies: tuple[dict[str, str], ...] = ()) -> Reply:
    return Reply(kind="crisis", text="\n\n".join(part.strip() for part in paragraphs), quick_replies=quick_replies)
