"""Puts words together again that were spaced out, disguised or stretched: `k i l l`, `su1cide`, `diiiie`."""

from __future__ import annotations

import itertools
import re
from typing import FrozenSet, Iterator, List, Mapping, Match, Optional, Sequence

# Three single letters and more, with the same thing between each: "k i l l", "k.i.l.l", "k - m - s".
SPACED = re.compile(r"(?<![\w'])([a-z0-9@$])(\s{1,2}|\s?[.\-_*/|,+]{1,2}\s?)([a-z0-9@$])(?:\2[a-z0-9@$])+(?![\w'])")
# Any single letters in a row, for a second reading: "m y  h u s b a n d  h i t s  m e".
SINGLE_LETTERS = re.compile(r"(?<![\w'])[a-z](?:[\s.\-_*/|,+]+[a-z](?![\w']))+")
DISGUISED = re.compile(r"(?<![\w'])[@$]?[a-z0-9]+(?:[@$!*|+_#\-.]{1,3}[a-z0-9]+)*[@$]?(?![\w'])")
STRETCHED = re.compile(r"(?<![a-z])[a-z]*?([a-z])\1[a-z]*")
# "111", "2am", "5th", "20mg" and "4-5" are what they say.
_NUMBERS = re.compile(r"[\d.\-+]+(?:am|pm|mg|ml|kg|g|k|p|m|h|s|yr|yrs|hr|hrs)?|\d*(?:1st|2nd|3rd|\dth)")
_PIECES = re.compile(r"[^_#\-.*]+")
_RUNS = re.compile(r"([a-z])\1+")
_PLACEHOLDERS = re.compile(r"[*_#\-.]+")
# Bounds on work, so that no message can be built to keep the detector busy.
_MOST_SPELLINGS = 64
_LONGEST_DISGUISE = 40


class LetterMender:
    """Mends single words; a mended word is always one of `vocabulary`, so that ordinary words stay as they are."""

    def __init__(
        self,
        *,
        vocabulary: FrozenSet[str],
        short_forms: FrozenSet[str],
        key_words: FrozenSet[str],
        leet: Mapping[str, str],
    ) -> None:
        """`short_forms` are typed words with a replacement (`kms`): known, but no part of a word typed in one."""
        self._vocabulary = vocabulary
        self._known = vocabulary | short_forms
        self._key_words = key_words
        self._key_words_in_order = sorted(key_words)
        self._leet = leet
        self._longest = max(map(len, vocabulary), default=0)

    def spaced(self, found: Match[str]) -> str:
        """Mends a match of `SPACED`: letters that join into known words become these words."""
        joined = "".join(letter for letter in found.group() if letter.isalnum() or letter in "@$")
        for spelling in self._spellings(joined):
            words = [spelling] if spelling in self._known else self.segment(spelling, short_forms=True)
            if words and any(len(word) > 2 for word in words):
                return " ".join(words)
        return found.group()

    def single_letters(self, found: Match[str]) -> str:
        """Reads a match of `SINGLE_LETTERS` as words, where it is nothing but words."""
        words = self.segment("".join(filter(str.isalpha, found.group())), short_forms=True)
        return " ".join(words) if words else found.group()

    def disguised(self, found: Match[str]) -> str:
        """Mends a match of `DISGUISED`: letters replaced by digits, signs or a gap."""
        typed = found.group()
        if typed.isalpha() or len(typed) < 3 or typed in self._known or _NUMBERS.fullmatch(typed):
            return typed
        for spelling in self._spellings(typed):
            if spelling in self._known:
                return spelling
        joined = "".join(filter(str.isalnum, typed))
        for spelling in self._spellings(joined):
            if spelling in self._key_words:
                return spelling
        hidden = self._with_placeholders(typed)
        if hidden or not _PLACEHOLDERS.search(typed):
            return hidden or typed
        return _PIECES.sub(self.disguised, typed)

    def digits(self, typed: str) -> str:
        """Reads a word of digits alone as letters (`70` as `to`); for messages that disguise other words."""
        return next((spelling for spelling in self._spellings(typed) if spelling in self._known), typed)

    def stretched(self, found: Match[str]) -> str:
        """Mends a match of `STRETCHED`: any letter held too long, or a key word with a letter doubled."""
        typed = found.group()
        if typed in self._known:
            return typed
        runs = list(_RUNS.finditer(typed))
        if len(runs) > 5:
            return _RUNS.sub(r"\1", typed)
        known = self._known if any(len(run.group()) > 2 for run in runs) else self._key_words
        for lengths in itertools.product((1, 2), repeat=len(runs)):
            spelling = _with_runs(typed, runs, lengths)
            if spelling in known:
                return spelling
        return _RUNS.sub(lambda run: run.group(1) * min(2, len(run.group())), typed)

    def segment(self, joined: str, *, short_forms: bool = False) -> Optional[List[str]]:
        """Splits `joined` into the fewest known words, or returns None. `short_forms` may be among them (`dont`)."""
        known = self._known if short_forms else self._vocabulary
        fewest: List[Optional[int]] = [0] + [None] * len(joined)
        starts = [0] * (len(joined) + 1)
        for end in range(1, len(joined) + 1):
            for start in range(max(0, end - self._longest), end):
                before, word = fewest[start], joined[start:end]
                if before is None or not (word in known and (len(word) > 1 or word in "iau")):
                    continue
                current = fewest[end]
                if current is None or before + 1 < current:
                    fewest[end], starts[end] = before + 1, start
        if fewest[-1] is None:
            return None
        words, end = [], len(joined)
        while end:
            words.append(joined[starts[end] : end])
            end = starts[end]
        return words[::-1]

    def _spellings(self, typed: str) -> Iterator[str]:
        choices = [self._leet.get(letter, letter) for letter in typed]
        most = _MOST_SPELLINGS if len(typed) <= _LONGEST_DISGUISE else 1
        return ("".join(spelling) for spelling in itertools.islice(itertools.product(*choices), most))

    def _with_placeholders(self, typed: str) -> Optional[str]:
        """Finds the key word behind `k*ll` or `s**cide`: a sign for a letter, or for a few."""
        if len(typed) > _LONGEST_DISGUISE or not _PLACEHOLDERS.search(typed) or sum(map(str.isalpha, typed)) < 2:
            return None
        pieces = [re.escape(piece) for piece in _PLACEHOLDERS.split(typed)]
        for between in ("[a-z]", "[a-z]{1,4}"):
            wanted = re.compile(between.join(pieces))
            for word in self._key_words_in_order:
                if wanted.fullmatch(word):
                    return word
        return None


def _with_runs(typed: str, runs: Sequence[Match[str]], lengths: Sequence[int]) -> str:
    """Returns `typed` with each run of one letter cut to the given length."""
    pieces: List[str] = []
    done = 0
    for run, length in zip(runs, lengths, strict=True):
        pieces += (typed[done : run.start()], run.group(1) * length)
        done = run.end()
    return "".join((*pieces, typed[done:]))
