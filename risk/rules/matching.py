"""Runs many patterns over a message's words with spaCy's Matcher, fast enough for the longest message."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import Dict, FrozenSet, Generic, Hashable, Iterable, List, Sequence, Set, Tuple, TypeVar

from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from risk.language.words import BOUNDARY
from risk.rules.pattern import MAX_WORDS, Pattern

Key = TypeVar("Key", bound=Hashable)
# A word that no pattern names. Patients' own words never enter spaCy's string store, which keeps what it is given for
# as long as the process lives (and is not built for several threads).
_OTHER = "<other>"
# A stretch overlaps the next by more than any pattern can span, so that none is cut in two.
_STRETCH = 2 * MAX_WORDS


@dataclass(frozen=True)
class Found(Generic[Key]):
    """A pattern that matched words `first` to `last` (exclusive) of a message."""

    key: Key
    pattern: Pattern
    first: int
    last: int


class PatternMatcher(Generic[Key]):
    """Finds patterns in words. Safe to use from several threads."""

    def __init__(self, patterns: Iterable[Tuple[Key, Pattern]], *, vocab: Vocab) -> None:
        """`vocab` is that of a blank English pipeline; all matchers of a detector share one."""
        self._patterns = tuple(patterns)
        self._vocab = vocab
        self._words: FrozenSet[str] = frozenset({BOUNDARY}).union(*(pattern.words for _, pattern in self._patterns))
        self._matchers: List[Matcher] = []
        for word in (_OTHER, *self._words):
            vocab[word]  # entered now, so that screening only ever reads the vocabulary
        # For each pattern, its most telling required word: it is tried only where that word stands.
        self._by_word: Dict[str, List[int]] = defaultdict(list)
        common = self._counts()
        for index, (_, pattern) in enumerate(self._patterns):
            matcher = Matcher(self._vocab)
            matcher.add("pattern", [[dict(token) for token in pattern.tokens]])
            self._matchers.append(matcher)
            for word in min(pattern.required, key=lambda choice: sum(common[word] for word in choice)):
                self._by_word[word].append(index)
        self._lock = threading.Lock()

    def find(self, words: Sequence[str]) -> List[Found[Key]]:
        """Returns every match, in the order in which they stand."""
        known = [BOUNDARY, *(word if word in self._words else _OTHER for word in words), BOUNDARY]
        found: Set[Tuple[int, int, int]] = set()
        for start in range(0, len(known), _STRETCH - MAX_WORDS):
            stretch = known[start : start + _STRETCH]
            candidates = self._candidates(frozenset(stretch))
            if candidates:
                with self._lock:
                    doc = Doc(self._vocab, words=stretch)
                    for index in candidates:
                        found.update(
                            (start + first, start + last, index) for _, first, last in self._matchers[index](doc)
                        )
            if start + _STRETCH >= len(known):
                break
        # The first boundary was added here: places are counted without it.
        return [
            Found(*self._patterns[index], max(first - 1, 0), min(last - 1, len(words)))
            for first, last, index in sorted(found)
        ]

    def _candidates(self, present: FrozenSet[str]) -> List[int]:
        tried: Set[int] = set()
        for word in present:
            tried.update(self._by_word.get(word, ()))
        return [
            index
            for index in sorted(tried)
            if all(not present.isdisjoint(choice) for choice in self._patterns[index][1].required)
        ]

    def _counts(self) -> Dict[str, int]:
        counts: Dict[str, int] = defaultdict(int)
        for _, pattern in self._patterns:
            for choice in pattern.required:
                for word in choice:
                    counts[word] += 1
        counts[BOUNDARY] = 10 * len(self._patterns)
        return counts
