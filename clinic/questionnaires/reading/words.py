"""A message as plain words: lower case, no apostrophes, no pictures, number words as digits, slips put right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz.distance import OSA

_QUOTES = str.maketrans({"\u2013": "-", "\u2014": "-", "\u2012": "-", "\u2212": "-"})
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4\"\u201c\u201d]")
_FACES = re.compile(r"(?<!\w)[:;=]['-]?[()dpo/|\[\]]+(?!\w)|<3+")
# "Q3", "#3"; and "..., so 2" at the end, which is said of all before it.
_NUMBERED = re.compile(r"\b(q|question|number|item)(?=\d+\b)")
_HASH = re.compile(r"#(?=\d+\b)")
_SO = re.compile(r" so (?=\d\W*$)")
_ALWAYS = re.compile(r"\b24\s*[/-]\s*7\b")
# A number with what makes it another one: "1/2", "2-3", "2.5", "2+", "-1", "60%", "1st", "4/10".
_WORD = re.compile(
    r"\d+(?:[.,]\d+)?%|\d+\.\d+|\d+ ?/ ?\d+|\d+ ?- ?\d+|(?<![\w-])-\d+|\d+\+|\d+[a-z]+|\d+"
    r"|[a-z]+\d+\w*|[a-z]+|[?]|[.!;:,\n()=|-]"
)
_BREAKS = frozenset(".!;:,\n()=|-")
# Slips are put right only towards longer words: short ones have too many neighbours.
_SHORTEST = 5
_SHORTEST_WRITTEN = 4


@dataclass(frozen=True)
class Message:
    """What was written, as clauses of words.

    Attributes:
        plain: the text in lower case, without pictures and apostrophes.
        clauses: the words between punctuation, none empty.
        is_question: whether it has a question mark.
    """

    plain: str
    clauses: tuple[tuple[str, ...], ...]
    is_question: bool

    @property
    def words(self) -> tuple[str, ...]:
        """All words, in order."""
        return tuple(word for clause in self.clauses for word in clause)


def plain_text(text: str) -> str:
    """Lower case, one kind of dash, no apostrophes, no pictures, single spaces; lines stay."""
    folded = unicodedata.normalize("NFKC", text).lower().translate(_QUOTES)
    folded = _FACES.sub(" ", _APOSTROPHES.sub("", folded))
    kept = "".join(c if unicodedata.category(c)[0] not in "SC" or c in "\n+=|<>" else " " for c in folded)
    return re.sub(r"[^\S\n]+", " ", kept).strip()


def _respelled(plain: str) -> str:
    text = _NUMBERED.sub(r"\1 ", _HASH.sub("number ", _ALWAYS.sub("24 7", plain)))
    return _SO.sub(", ", text)


class Speller:
    """Puts number words and slips into one form."""

    def __init__(
        self,
        *,
        numbers: Mapping[str, int],
        spelling: Mapping[str, str],
        known: Iterable[str],
        corrected_to: Iterable[str],
    ) -> None:
        """`corrected_to` are the words that matter; a word in `known` is left as it is."""
        self._numbers = {word: str(number) for word, number in numbers.items()}
        self._spelling = spelling
        self._known = frozenset(known)
        self._targets = tuple(sorted(word for word in set(corrected_to) if len(word) >= _SHORTEST))

    def read(self, text: str) -> Message:
        """The message as words."""
        plain = plain_text(text)
        clauses: list[list[str]] = [[]]
        for found in _WORD.findall(_respelled(plain)):
            if found == "?":
                continue
            if found in _BREAKS:
                clauses.append([])
            else:
                clauses[-1] += self._words(found.replace(" ", ""))
        kept = tuple(tuple(clause) for clause in clauses if clause)
        if len(kept) > 2 and all(len(clause) == 1 and clause[0].isalpha() for clause in kept):
            # "Every. Single. Day."
            kept = (tuple(clause[0] for clause in kept),)
        return Message(plain=plain, clauses=kept, is_question="?" in plain)

    def _words(self, word: str) -> list[str]:
        word = self._numbers.get(word, word)
        if word in self._spelling:
            return self._spelling[word].split()
        if word in self._known or len(word) < _SHORTEST_WRITTEN or not word.isalpha():
            return [word]
        near = [target for target in self._targets if OSA.distance(word, target, score_cutoff=1) <= 1]
        return near if len(near) == 1 else [word]
