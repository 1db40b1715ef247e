"""Text that remembers where each of its characters came from."""

from __future__ import annotations

from typing import Callable, Iterable, Match, Pattern, Tuple, Union

from rapidfuzz.distance import Levenshtein

Span = Tuple[int, int]


class TracedText:
    """A text under normalisation; every character knows the span of the raw message it stands for.

    Every method returns a new text. `raw` is what the person typed.
    """

    def __init__(self, raw: str, text: str, origins: Tuple[Span, ...]) -> None:
        self.raw = raw
        self.text = text
        self._origins = origins

    @classmethod
    def of(cls, raw: str) -> TracedText:
        return cls(raw, raw, tuple((at, at + 1) for at in range(len(raw))))

    def replace(self, pattern: Pattern[str], new: Union[str, Callable[[Match[str]], str]]) -> TracedText:
        """Replaces every match; each new character stands for the whole of what it replaced."""
        edits = (
            (found.start(), found.end(), new if isinstance(new, str) else new(found))
            for found in pattern.finditer(self.text)
        )
        return self._edited(edit for edit in edits if edit[2] != self.text[edit[0] : edit[1]])

    def replace_spans(self, edits: Iterable[Tuple[int, int, str]]) -> TracedText:
        """Replaces the given `(start, end, new)` spans, which are in order and do not overlap."""
        return self._edited(edits)

    def become(self, text: str) -> TracedText:
        """Takes `text`, made from this one by a library that does not say what it changed, and finds out."""
        if text == self.text:
            return self
        changes = Levenshtein.opcodes(self.text, text)
        return self._edited(
            (change.src_start, change.src_end, text[change.dest_start : change.dest_end])
            for change in changes
            if change.tag != "equal"
        )

    def origin(self, start: int, end: int) -> Span:
        """Returns the span of the raw message that characters `start` to `end` of this text stand for."""
        if start >= end:
            raise ValueError("an empty span has no origin")
        spans = self._origins[start:end]
        return min(span[0] for span in spans), max(span[1] for span in spans)

    def typed(self, start: int, end: int) -> str:
        """Returns the person's own words behind characters `start` to `end`."""
        first, last = self.origin(start, end)
        return self.raw[first:last].strip()

    def _edited(self, edits: Iterable[Tuple[int, int, str]]) -> TracedText:
        pieces: list[str] = []
        origins: list[Span] = []
        done = 0
        for start, end, new in edits:
            pieces += (self.text[done:start], new)
            origins += self._origins[done:start]
            origins += [self._span_of_edit(start, end)] * len(new)
            done = end
        if not pieces:
            return self
        pieces.append(self.text[done:])
        origins += self._origins[done:]
        return TracedText(self.raw, "".join(pieces), tuple(origins))

    def _span_of_edit(self, start: int, end: int) -> Span:
        if start < end:
            return self.origin(start, end)
        # Something inserted stands for no character of its own: it points at the place between its neighbours.
        place = self._origins[start][0] if start < len(self._origins) else len(self.raw)
        return place, place
