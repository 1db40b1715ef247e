"""The notation in which rules are written, and the spaCy Matcher patterns that it stands for.

    want to die            these words, in this order
    want|need to? die      one of several words; a word that may be absent
    @want to die           one of a named set of words (language/word_sets.yml); @want|crave adds to it
    end ... life           up to three words of any kind between, inside one sentence; ...6 is up to six
    !not going to          any one word but these
    # tablets              a number
    . goodbye .            the beginning or the end of a sentence or of the message

A pattern sees normalised words: lower case, contractions written out (`do not`, `i am`), text-speak expanded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, FrozenSet, List, Mapping, Tuple

from risk.language.words import BOUNDARY, NUMBER

NEGATORS = frozenset({"not", "no", "never", "nothing", "nobody", "none", "without", "nowhere", "neither", "nor"})
MAX_WORDS = 24
_GAP = re.compile(r"\.\.\.(\d*)")
_WORD = re.compile(r"[a-z]+\Z")


class PatternError(ValueError):
    """A pattern is not written in the notation; the message says what is wrong and what to write."""


@dataclass(frozen=True)
class Pattern:
    """One compiled pattern.

    Attributes:
        source: as written in the data file.
        tokens: the spaCy Matcher pattern, one dict a token.
        required: for each word that must be there, the words that can stand for it.
        words: every word the pattern names, wanted or not.
        length: the largest number of words it can span.
        negates: its own words include a negation, so that the negation is part of what it means.
    """

    source: str
    tokens: Tuple[Mapping[str, Any], ...]
    required: Tuple[FrozenSet[str], ...]
    words: FrozenSet[str]
    length: int
    negates: bool


def compile_pattern(source: str, word_sets: Mapping[str, FrozenSet[str]]) -> Pattern:
    """Compiles one line of the notation.

    Raises:
        PatternError: the line is empty, too long, begins or ends with a gap, names an unknown set, or holds
            something that no normalised message can contain.
    """
    parts = source.split()
    if not parts:
        raise PatternError("the pattern is empty; write at least one word")
    if _GAP.fullmatch(parts[0]) or _GAP.fullmatch(parts[-1]):
        raise PatternError("a pattern cannot begin or end with a gap; take the dots away")
    tokens: List[Mapping[str, Any]] = []
    required: List[FrozenSet[str]] = []
    words: FrozenSet[str] = frozenset()
    negates = False
    for part in parts:
        gap = _GAP.fullmatch(part)
        if gap:
            tokens += [{"LOWER": {"NOT_IN": [BOUNDARY]}, "OP": "?"}] * int(gap.group(1) or 3)
            continue
        optional, excluded = part.endswith("?"), part.startswith("!")
        choice = _choice(part[1 if excluded else 0 : -1 if optional else None], word_sets)
        words |= choice
        if excluded:
            # What stands here must still be a word: the end of a sentence is none.
            token: dict[str, Any] = {"LOWER": {"NOT_IN": sorted(choice | {BOUNDARY})}}
        else:
            token = {"LOWER": {"IN": sorted(choice)}} if len(choice) > 1 else {"LOWER": next(iter(choice))}
            negates = negates or bool(choice & NEGATORS)
            if not optional:
                required.append(choice)
        if optional:
            token["OP"] = "?"
        tokens.append(token)
    if not required or all(choice == {BOUNDARY} for choice in required):
        raise PatternError("every word of the pattern may be absent; make one of them required")
    if len(tokens) > MAX_WORDS:
        raise PatternError(f"the pattern can span {len(tokens)} words; keep to {MAX_WORDS}, or make two patterns of it")
    return Pattern(source, tuple(tokens), tuple(required), words, len(tokens), negates)


def _choice(part: str, word_sets: Mapping[str, FrozenSet[str]]) -> FrozenSet[str]:
    choice: set[str] = set()
    for word in part.split("|"):
        if word == BOUNDARY:
            choice.add(BOUNDARY)
        elif word == "#":
            choice.add(NUMBER)
        elif word.startswith("@"):
            if word[1:] not in word_sets:
                raise PatternError(f"there is no word set '{word}'; define it in language/word_sets.yml")
            choice |= word_sets[word[1:]]
        elif _WORD.match(word):
            choice.add(word)
        else:
            raise PatternError(
                f"'{word}' cannot stand in a normalised message; write lower-case words, contractions written out "
                "(do not, i am), '|' between alternatives without spaces"
            )
    return frozenset(choice)
