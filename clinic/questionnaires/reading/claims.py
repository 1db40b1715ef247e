"""Finding in a clause what speaks for an answer, and whether anything is left that was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from string import ascii_lowercase

from clinic.questionnaires.definitions import Item, Questionnaire
from clinic.questionnaires.reading.notation import compile_pattern
from clinic.questionnaires.reading.wordings import Plain, Scale, compiled

_COUNT = re.compile(
    r"(?P<low>\d+)(?:-| or | to )?(?P<high>(?<=[-\s])\d+)? "
    r"(?P<unit>days? )?(?P<of>(?:out )?of (?:the )?(?P<total>\d+) (?:days? )?)?"
    r"(?P<weekly>(?:a|per|each|every) week )?"
)


_PERCENT = re.compile(r"(?P<percent>\d+)% of (?:the |my )?(?:days?|nights?|time) ")


class Sort(Enum):
    """How a piece of a clause speaks."""

    NUMBER = "a number of the scale"
    SAID = "an answer in words"
    BARE = "an answer that any other word could turn round"
    SOFT = "an answer, but not a plain one"
    BETWEEN = "two answers, or too vague for one"
    OTHER_NUMBER = "a number that is no answer"
    MENTION = "names the complaint that the question asks about"
    NAME = "names the question: only a number beside it is an answer"
    POLITE = "words that make another thing of a bare answer"
    WRAPPING = "closers, frames, the name of the question"
    OPENER = "means nothing before everything else"
    FILLER = "words that mean nothing here"
    UNKNOWN = "not understood"


CLAIMS = frozenset({Sort.NUMBER, Sort.SAID, Sort.BARE, Sort.SOFT})
_BEFORE_AN_OPENER = frozenset({Sort.WRAPPING, Sort.OPENER, Sort.BARE})
# Where two sorts cover the same words, the one named first counts.
_ORDER = list(Sort)


@dataclass(frozen=True)
class Piece:
    """Some words of a clause and what they are; `value` only for claims."""

    sort: Sort
    words: tuple[str, ...]
    value: int | None = None


@dataclass(frozen=True)
class Phrasebook:
    """Every phrase that may stand in an answer to one item, with its sort and value."""

    questionnaire: Questionnaire
    scale: Scale | None
    phrases: tuple[tuple[re.Pattern[str], Sort, int | None], ...] = field(repr=False)

    @classmethod
    def of(cls, questionnaire: Questionnaire, item: Item | None, plain: Plain, scale: Scale | None) -> Phrasebook:
        """The phrases for an item; without one, for answers out of their place ("change 3 to most days")."""
        found: list[tuple[re.Pattern[str], Sort, int | None]] = []

        def add(sources: Iterable[str], sort: Sort, value: int | None = None) -> None:
            found.extend((pattern, sort, value) for pattern in compiled(list(sources)))

        for option in questionnaire.options:
            add([_as_written(option.label)], Sort.SAID, option.value)
        if scale is not None:
            for way in scale.options:
                add(way.said, Sort.SAID, way.value)
                add(way.bare, Sort.BARE, way.value)
                add(way.soft, Sort.SOFT, way.value)
            add(scale.between, Sort.BETWEEN)
        add(plain.openers, Sort.OPENER)
        add(plain.closers, Sort.WRAPPING)
        add(plain.frames, Sort.WRAPPING)
        add(plain.polite, Sort.POLITE)
        add(plain.fillers, Sort.FILLER)
        add(plain.complaints, Sort.MENTION)
        if item is not None:
            names = [_as_written(name) for name in item.called]
            add((f"(for|on|with) (the|my)? ({name}) (1|question|bit|part)?" for name in names), Sort.WRAPPING)
            add((f"the ({name}) 1|question|bit|part" for name in names), Sort.WRAPPING)
            add(item.said_as, Sort.MENTION)
            add(names, Sort.NAME)
        found += _places(questionnaire, plain)
        return cls(questionnaire, scale, tuple(found))

    def pieces(self, clause: Sequence[str]) -> list[Piece]:
        """The clause from left to right, the longest phrase first."""
        found: list[Piece] = []
        text, position = "".join(f"{word} " for word in clause), 0
        while position < len(text):
            piece, position = self._longest(text, position)
            begun = any(earlier.sort not in _BEFORE_AN_OPENER for earlier in found)
            found.append(replace(piece, sort=Sort.UNKNOWN) if begun and piece.sort is Sort.OPENER else piece)
        return found

    def _longest(self, text: str, position: int) -> tuple[Piece, int]:
        best: tuple[int, int, Sort, int | None] | None = None
        for end, sort, value in self._candidates(text, position):
            rank = (end, -_ORDER.index(sort))
            if best is None or rank > best[:2]:
                best = (*rank, sort, value)
        if best is None:
            end = text.index(" ", position) + 1
            word = text[position:end].strip()
            return Piece(self._lonely(word), (word,), self._number(word)), end
        end, _, sort, value = best
        return Piece(sort, tuple(text[position:end].split()), value), end

    def _candidates(self, text: str, position: int) -> Iterator[tuple[int, Sort, int | None]]:
        for pattern, sort, value in self.phrases:
            match = pattern.match(text, position)
            if match:
                yield match.end(), sort, value
        counted = _COUNT.match(text, position)
        if counted and self.scale is not None and self.scale.days is not None:
            claim = _counted(counted, self.scale, self.scale.days)
            if claim is not None:
                yield (counted.end(), *claim)
        share = _PERCENT.match(text, position)
        if share and self.scale is not None and self.scale.days is not None:
            yield (share.end(), *_days(self.scale, [round(int(share["percent"]) * self.scale.days / 100)]))

    def _number(self, word: str) -> int | None:
        if not word.isdigit():
            return None
        return next((option.value for option in self.questionnaire.options if option.value == int(word)), None)

    def _lonely(self, word: str) -> Sort:
        if self._number(word) is not None:
            return Sort.NUMBER
        if re.fullmatch(r"\d+ ?[-/] ?\d+|\d+\.\d+", word):
            return Sort.BETWEEN
        if re.fullmatch(r"-?\d+\+?", word):
            return Sort.OTHER_NUMBER
        return Sort.UNKNOWN


def _as_written(label: str) -> str:
    """Words of a questionnaire's data file in the notation."""
    return " ".join(re.findall(r"[a-z0-9]+", label.lower().replace("'", "")))


def _places(questionnaire: Questionnaire, plain: Plain) -> Iterator[tuple[re.Pattern[str], Sort, int | None]]:
    """ "The second one", "option b", "bottom box"."""
    values = [option.value for option in questionnaire.options]
    sources = [
        (value, f"({'|'.join(ordinal)}) (1|option|answer|choice|box)")
        for value, ordinal in zip(values, plain.ordinals, strict=False)
    ]
    sources += [
        (value, f"(option|answer|letter|choice|box) {letter}")
        for value, letter in zip(values, ascii_lowercase, strict=False)
    ]
    sources += [(values[-1], "bottom (1|option|answer|choice|box)"), (values[-1], "last (option|answer|choice|box)")]
    for value, source in sources:
        yield compile_pattern(f"the? {source}"), Sort.SAID, value


def _counted(match: re.Match[str], scale: Scale, days: int) -> tuple[Sort, int | None] | None:
    """What a count of days claims; None if it is none ("3", "3 out of 5")."""
    if not (match["unit"] or match["of"]):
        return None
    if match["of"] and int(match["total"]) != days:
        return None
    times = 2 if match["weekly"] else 1
    counts = [int(number) * times for number in (match["low"], match["high"]) if number]
    return _days(scale, counts)


def _days(scale: Scale, counts: Sequence[int]) -> tuple[Sort, int | None]:
    """What so many days claim; between two answers where the counts do not agree."""
    values = {
        next((value for value, (low, high) in scale.counts.items() if low <= count <= high), None) for count in counts
    }
    value = values.pop() if len(values) == 1 else None
    return (Sort.BETWEEN, None) if value is None else (Sort.SAID, value)
