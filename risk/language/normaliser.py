"""From a raw message to its readings: plain words, with the way back to what the person typed."""

from __future__ import annotations

import itertools
import re
from typing import FrozenSet, List, Match, Tuple

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from risk.language.characters import plain, signs_named
from risk.language.letters import DISGUISED, SINGLE_LETTERS, SPACED, STRETCHED, LetterMender
from risk.language.lexicon import Lexicon
from risk.language.traced import TracedText
from risk.language.words import Reading

_NOT = re.compile(r"(\b(?:ca|wo|sha|ai))?n't\b")
_NOT_AFTER = {"ca": "can not", "wo": "will not", "sha": "shall not", "ai": "am not"}
_ENDINGS = re.compile(r"(?<=[a-z])'(m|re|ve|ll|d|s)\b")
_ENDING_MEANS = {"m": " am", "re": " are", "ve": " have", "ll": " will", "d": " would"}
_IS_AFTER = re.compile(r"(?:\b(?:it|he|she|that|there|what|who|here|how|where|every\w+|no\w+|some\w+|life))\Z")
_DROPPED_G = re.compile(r"(?<![\w'])([a-z]{2,}in)'?(?![\w'])")
_TOKEN = re.compile(r"[a-z0-9]+(?:'[a-z]+)*'?")
_LETTERS = re.compile(r"(?<![\w'])[a-z]+(?![\w'])")
_DIGITS = re.compile(r"(?<![\w.,:])\d{2,6}(?![\w.,:])")
_LONGEST_KEY = 4


class Normaliser:
    """Reads messages as people type them. Holds only data; safe to use from several threads."""

    def __init__(self, lexicon: Lexicon, *, vocabulary: FrozenSet[str]) -> None:
        """`vocabulary` is every word that a rule names: only these are worth finding in a disguise."""
        self._lexicon = lexicon
        short_forms = frozenset(typed[0] for typed in lexicon.replacements if len(typed) == 1 and typed[0].isalpha())
        self._vocabulary = vocabulary | lexicon.key_words | frozenset(lexicon.typo_words)
        self._mender = LetterMender(
            vocabulary=self._vocabulary, short_forms=short_forms, key_words=lexicon.key_words, leet=lexicon.leet
        )
        self._emoji = signs_named(lexicon.emoji)
        self._key_word_starts = frozenset(word[:2] for word in lexicon.key_words)

    def readings(self, raw: str) -> Tuple[Reading, ...]:
        """Returns the readings of a message, the likeliest first. A rule that matches any of them has matched.

        Mostly there is one. A message that disguises words with digits is read once more with its numbers as letters
        (`70 d13`), one that holds an emoji with a meaning of its own once more without the emoji, and one with single
        letters in a row once more with these joined.
        """
        characters = plain(raw, look_alikes=self._lexicon.look_alikes, emoji_words=self._lexicon.emoji)
        letters = self._mend_letters(characters)
        readings = [Reading.of(self._mend_words(letters))]
        if letters.text != characters.text and _DIGITS.search(letters.text):
            digits = letters.replace(_DIGITS, lambda found: self._mender.digits(found.group()))
            readings.append(Reading.of(self._mend_words(digits)))
        if not self._emoji.isdisjoint(raw):
            bare = plain(raw, look_alikes=self._lexicon.look_alikes, emoji_words={})
            readings.append(Reading.of(self._mend_words(self._mend_letters(bare))))
        joined = characters.replace(SINGLE_LETTERS, self._mender.single_letters)
        if joined.text != characters.text:
            readings.append(Reading.of(self._mend_words(self._mend_letters(joined))))
        return tuple(readings)

    def _mend_letters(self, text: TracedText) -> TracedText:
        text = text.replace(SPACED, self._mender.spaced)
        text = text.replace(DISGUISED, self._disguised)
        return text.replace(STRETCHED, self._mender.stretched)

    def _disguised(self, found: Match[str]) -> str:
        typed = found.group()
        return typed if (typed,) in self._lexicon.replacements else self._mender.disguised(found)

    def _mend_words(self, text: TracedText) -> TracedText:
        text = text.replace(_NOT, lambda found: _NOT_AFTER.get(found.group(1) or "", " not"))
        text = text.replace(_ENDINGS, _written_out)
        text = text.replace_spans(self._replacements(text.text))
        text = text.replace(_DROPPED_G, self._with_g)
        text = text.replace_spans(self._joins(text.text))
        return text.replace(_LETTERS, self._mend_word)

    def _replacements(self, text: str) -> List[Tuple[int, int, str]]:
        tokens = list(_TOKEN.finditer(text))
        edits: List[Tuple[int, int, str]] = []
        at = 0
        while at < len(tokens):
            for count in range(min(_LONGEST_KEY, len(tokens) - at), 0, -1):
                found = tokens[at : at + count]
                typed = tuple(token.group().strip("'") for token in found)
                means = self._lexicon.replacements.get(typed) or self._meaning_after_number(typed)
                if means is None and count == 1 and at + 1 < len(tokens):
                    means = self._meaning_before(typed[0], tokens[at + 1].group())
                if means is not None and _only_blanks_between(text, found):
                    edits.append((found[0].start(), found[-1].end(), means))
                    at += count
                    break
            else:
                at += 1
        return edits

    def _meaning_after_number(self, typed: Tuple[str, ...]) -> str | None:
        # "5 kms" is a distance: in the data, '#' stands for any number.
        return self._lexicon.replacements.get(("#", *typed[1:])) if len(typed) > 1 and typed[0].isdigit() else None

    def _meaning_before(self, typed: str, following: str) -> str | None:
        means, words = self._lexicon.replacements_before.get(typed, (None, frozenset()))
        return means if following in words else None

    def _with_g(self, found: Match[str]) -> str:
        typed = found.group(1)
        if typed in self._vocabulary or typed in self._lexicon.typo_stops or f"{typed}g" not in self._vocabulary:
            return found.group()
        return f"{typed}g"

    def _joins(self, text: str) -> List[Tuple[int, int, str]]:
        """Finds key words with a blank inside: `sui cide`, `ki ll`."""
        edits: List[Tuple[int, int, str]] = []
        tokens = list(_LETTERS.finditer(text))
        done = 0
        for first, second in itertools.pairwise(tokens):
            one, two = first.group(), second.group()
            if first.start() < done or len(one) + len(two) < 4 or (one + two)[:2] not in self._key_word_starts:
                continue
            strange = one not in self._vocabulary or two not in self._vocabulary
            if strange and one + two in self._lexicon.key_words and second.start() - first.end() <= 2:
                edits.append((first.start(), second.end(), one + two))
                done = second.end()
        return edits

    def _mend_word(self, found: Match[str]) -> str:
        """Mends a word that no rule knows: one wrong letter, or several words run together."""
        typed = found.group()
        if len(typed) < 6 or typed in self._vocabulary or typed in self._lexicon.typo_stops:
            return typed
        near = process.extractOne(typed, self._lexicon.typo_words, scorer=DamerauLevenshtein.distance, score_cutoff=1)
        if near:
            return str(near[0])
        words = self._mender.segment(typed) if len(typed) >= 8 else None
        if not words or self._lexicon.key_words.isdisjoint(words) or (len(words) == 2 and "myself" not in words):
            return typed
        return " ".join(words)


def _written_out(found: Match[str]) -> str:
    ending = found.group(1)
    if ending != "s":
        return _ENDING_MEANS[ending]
    return " is" if _IS_AFTER.search(found.string[max(0, found.start() - 12) : found.start()]) else ""


def _only_blanks_between(text: str, tokens: List[Match[str]]) -> bool:
    return all(not text[one.end() : two.start()].strip(" \n-") for one, two in itertools.pairwise(tokens))
