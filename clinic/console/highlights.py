"""Marking, in a person's own words, the phrases that the detector named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

_LONGEST_EXCERPT = 320
# How much of the text before the first marked phrase an excerpt keeps.
_LEAD = 120


class Piece(NamedTuple):
    """A stretch of text, marked or not. Templates escape it like any other text."""

    text: str
    is_marked: bool = False


def phrases_of(verdict: Mapping[str, object] | None) -> list[str]:
    """The phrases of a stored verdict, if it has any."""
    phrases = (verdict or {}).get("phrases")
    return [phrase for phrase in phrases if isinstance(phrase, str) and phrase] if isinstance(phrases, list) else []


def pieces(text: str, phrases: Sequence[str]) -> list[Piece]:
    """The whole text in pieces; put together again they are exactly `text`."""
    done, at = [], 0
    for start, end in _merged(text, phrases):
        if start > at:
            done.append(Piece(text[at:start]))
        done.append(Piece(text[start:end], is_marked=True))
        at = end
    if at < len(text) or not done:
        done.append(Piece(text[at:]))
    return done


def excerpt(text: str, phrases: Sequence[str]) -> list[Piece]:
    """The part of a long text that the first marked phrase stands in: what worries often stands at the end."""
    if len(text) <= _LONGEST_EXCERPT:
        return pieces(text, phrases)
    first = next(_merged(text, phrases), (0, 0))[0]
    start = min(max(0, first - _LEAD), len(text) - _LONGEST_EXCERPT)
    end = start + _LONGEST_EXCERPT
    if start:
        # Begins with a whole word, where there are words.
        start = max(start, text.find(" ", start, max(first, start)) + 1)
    before = [Piece("... ")] if start else []
    after = [Piece(" ...")] if end < len(text) else []
    return [*before, *pieces(text[start:end], phrases), *after]


def not_in(text: str, phrases: Sequence[str]) -> list[str]:
    """Phrases that stand in earlier messages, not in this one."""
    return [phrase for phrase in phrases if next(_places(text, phrase), None) is None]


def _merged(text: str, phrases: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where phrases stand, in order, those that touch or overlap as one."""
    current: tuple[int, int] | None = None
    for start, end in sorted(place for phrase in phrases for place in _places(text, phrase)):
        if current is None:
            current = (start, end)
        elif start <= current[1]:
            current = (current[0], max(current[1], end))
        else:
            yield current
            current = (start, end)
    if current is not None:
        yield current


def _places(text: str, phrase: str) -> Iterator[tuple[int, int]]:
    start = text.find(phrase)
    while start >= 0:
        yield start, start + len(phrase)
        start = text.find(phrase, start + len(phrase))
