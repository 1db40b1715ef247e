"""The notation of data/answers/, compiled to regular expressions over words that each end in one space.

most days          these words, in this order
most|more days     one of several words
most of? the? days a word that may be absent
(a bit|slightly)?  alternatives of several words, which may be absent
<item>             a place that the pattern's owner fills in
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

_PARTS = re.compile(r"[()|?]|<[a-z]+>|[^\s()|?]+|\s+")


class NotationError(ValueError):
    """A pattern is not written in the notation; the message says what is wrong."""


def compile_pattern(source: str, *, places: Mapping[str, str] | None = None) -> re.Pattern[str]:
    """Compiles one pattern; match it against `"word word "`.

    Args:
        places: the regular expression for each `<place>`.

    Raises:
        NotationError: brackets do not close, or there is nothing between two bars.
    """
    return _compiled(source, tuple(sorted((places or {}).items())))


# Each item of each questionnaire asks for the same patterns.
@cache
def _compiled(source: str, places: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    if source != source.lower() or "'" in source:
        raise NotationError("write lower case and no apostrophes, as a message is seen here")
    parser = _Parser(_PARTS.findall(source), dict(places))
    expression = parser.sequence(in_group=False)
    if parser.parts:
        raise NotationError("a bracket closes that was never opened")
    compiled = re.compile(expression)
    if compiled.match(""):
        raise NotationError("every word of the pattern may be absent")
    return compiled


class _Parser:
    def __init__(self, parts: list[str], places: Mapping[str, str]) -> None:
        self.parts = parts
        self._places = places

    def sequence(self, *, in_group: bool) -> str:
        """Words and groups one after the other; in a group `|` parts whole sequences, outside it parts words."""
        alternatives, expression = [], ""
        while self.parts:
            part = self.parts[0]
            if part == ")" and in_group:
                break
            if part == ")":
                return expression
            if part == "|" and in_group:
                self.parts.pop(0)
                alternatives.append(self._not_empty(expression))
                expression = ""
            elif part.isspace():
                self.parts.pop(0)
            else:
                expression += self._one(in_group=in_group)
        return "|".join([*alternatives, self._not_empty(expression)])

    def _one(self, *, in_group: bool) -> str:
        choices = [self._atom()]
        while not in_group and self.parts and self.parts[0] == "|":
            self.parts.pop(0)
            choices.append(self._atom())
        expression = choices[0] if len(choices) == 1 else f"(?:{'|'.join(choices)})"
        if self.parts and self.parts[0] == "?":
            self.parts.pop(0)
            expression = f"(?:{expression})?"
        return expression

    def _atom(self) -> str:
        if not self.parts or self.parts[0] in ("|", "?", ")") or self.parts[0].isspace():
            raise NotationError("there is nothing between two signs")
        part = self.parts.pop(0)
        if part == "(":
            inner = self.sequence(in_group=True)
            if not self.parts:
                raise NotationError("a bracket is not closed")
            self.parts.pop(0)
            return f"(?:{inner})"
        if part.startswith("<"):
            if part[1:-1] not in self._places:
                raise NotationError(f"there is no place {part} here")
            return self._places[part[1:-1]]
        return f"{re.escape(part)} "

    @staticmethod
    def _not_empty(expression: str) -> str:
        if not expression:
            raise NotationError("there is nothing between two bars or brackets")
        return expression
