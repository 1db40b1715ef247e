"""How easy an English text is to read: Flesch's reading ease and the Flesch-Kincaid grade.

Advisory: both know the lengths of words and sentences, nothing of meaning. Syllables are counted by rule, which
is right for about nine words in ten.

Source: Kincaid, Fishburne, Rogers and Chissom (1975); a pupil of grade g is about g + 5 years old.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")
_SENTENCE_END = re.compile(r"[.!?:]+(?:\s|$)|\n\n")
_VOWELS = re.compile(r"[aeiouy]+")
_AGE_OF_FIRST_GRADE = 5


@dataclass(frozen=True)
class ReadingEase:
    """Of one text.

    Attributes:
        ease: Flesch's reading ease, from about 0 (hard) to 100 (easy).
        age: the age in years from which somebody reads it without effort.
        words, sentences: how many there are.
    """

    ease: float
    age: float
    words: int
    sentences: int


def reading_ease(text: str) -> ReadingEase:
    """Of a text with at least one word; one without is as easy as can be."""
    words = _WORD.findall(text)
    if not words:
        return ReadingEase(100.0, float(_AGE_OF_FIRST_GRADE), 0, 0)
    sentences = max(1, sum(1 for part in _SENTENCE_END.split(text) if _WORD.search(part)))
    syllables = sum(map(syllables_of, words))
    per_sentence, per_word = len(words) / sentences, syllables / len(words)
    grade = 0.39 * per_sentence + 11.8 * per_word - 15.59
    return ReadingEase(
        ease=round(206.835 - 1.015 * per_sentence - 84.6 * per_word, 1),
        age=round(max(grade, 0) + _AGE_OF_FIRST_GRADE, 1),
        words=len(words),
        sentences=sentences,
    )


def syllables_of(word: str) -> int:
    """How many syllables an English word has, by rule."""
    word = word.lower().partition("'")[0]
    count = len(_VOWELS.findall(word))
    # Silent at the end: "time", "asked", "makes"; not silent: "table", "needed".
    if (word.endswith("e") and not word.endswith(("le", "ee", "ye"))) or (
        word.endswith(("ed", "es"))
        and not word.endswith(("ted", "ded", "ses", "xes", "zes", "ches", "shes", "ces", "ges"))
    ):
        count -= 1
    return max(count, 1)
