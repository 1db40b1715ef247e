"""Wishes inside a questionnaire other than to answer: "back", "change 3 to 1", "skip". What is said how is data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from clinic.questionnaires.definitions import Questionnaire
from clinic.questionnaires.reading.outcome import Reading, Understood
from clinic.questionnaires.reading.wordings import Wordings, compiled
from clinic.questionnaires.reading.words import Message

# Beyond this, a message is a story.
MOST_WORDS = 18
_PLACE = re.compile(r"(?P<number>\d+)(?:st|nd|rd|th)?")


class CommandReader:
    """Reads wishes for one questionnaire."""

    def __init__(
        self, questionnaire: Questionnaire, wordings: Wordings, *, read_answer: Callable[[str], Understood]
    ) -> None:
        """`read_answer` reads the answer that stands in a wish, such as "1" in "change 3 to 1"."""
        self._questionnaire = questionnaire
        self._read_answer = read_answer
        self._ordinals = wordings.plain.ordinals
        self._commands = [(Reading(one.means), compiled(one.patterns)) for one in wordings.commands]
        plain = wordings.plain
        wrapping = compiled([*plain.openers, *plain.closers, *plain.command_openers])
        self._wrapping = [(one, re.compile(rf"(?:(?<=\s)|^)(?:{one.pattern})\Z")) for one in wrapping]

    def read(self, message: Message) -> Understood | None:
        """The wish; None where the message is none."""
        if len(message.words) > MOST_WORDS:
            return None
        whole = "".join(f"{word} " for word in message.words)
        for text in self._unwrapped(whole):
            for reading, patterns in self._commands:
                for pattern in patterns:
                    match = pattern.fullmatch(text)
                    understood = match and self._understand(reading, match.groupdict())
                    if understood:
                        return understood
        return None

    def _unwrapped(self, text: str) -> list[str]:
        """The message, and what is left of it without words that may stand before and behind."""
        return [shorter for begun in self._without(text, before=True) for shorter in self._without(begun, before=False)]

    def _without(self, text: str, *, before: bool) -> list[str]:
        found, waiting = [text], [text]
        while waiting:
            rest = waiting.pop()
            for opens, closes in self._wrapping:
                match = opens.match(rest) if before else closes.search(rest)
                if match and match.group():
                    shorter = rest[match.end() :] if before else rest[: match.start()]
                    if shorter and shorter not in found:
                        found.append(shorter)
                        waiting.append(shorter)
        return found

    def _understand(self, reading: Reading, places: Mapping[str, str | None]) -> Understood | None:
        item, value = None, None
        if "item" in places:
            item = self._item((places["item"] or "").strip())
            if item is None:
                return None
        if "answer" in places:
            answer = self._read_answer((places["answer"] or "").strip())
            if answer.reading is not Reading.ANSWER:
                return None
            value = answer.value
        return Understood(reading, value=value, item=item)

    def _item(self, name: str) -> int | None:
        """The item that a number, a place ("the first", "2nd") or a name stands for."""
        name = name.removeprefix("the ").removesuffix(" answer").removesuffix(" question")
        placed = next((n for n, words in enumerate(self._ordinals, 1) if name in words), None)
        counted = _PLACE.fullmatch(name)
        if placed is not None or counted is not None:
            number = placed or int(counted["number"] if counted else 0)
            return number if 1 <= number <= len(self._questionnaire.items) else None
        named = [number for number, one in enumerate(self._questionnaire.items, 1) if name in one.called]
        return named[0] if len(named) == 1 else None
