"""Screens a message with the rules: every match, with what its surroundings say of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Sequence, Set, Tuple

from spacy.vocab import Vocab

from risk.language.words import Reading
from risk.rules.context import ContextReader, Cues, InContext
from risk.rules.loader import Rule, RuleBook
from risk.rules.matching import Found, PatternMatcher


@dataclass(frozen=True)
class ReadingMatches:
    """The matches in one reading of a message, and its cues."""

    reading: Reading
    matches: Tuple[InContext, ...]
    cues: Cues


class RuleScreen:
    """Runs a rule book. Thread-safe."""

    def __init__(self, rulebook: RuleBook, context: ContextReader, *, vocab: Vocab) -> None:
        self._context = context
        self._matcher: PatternMatcher[Rule] = PatternMatcher(
            ((rule, pattern) for rule in rulebook.rules for pattern in rule.patterns), vocab=vocab
        )
        self._unless: Dict[str, PatternMatcher[str]] = {
            rule.id: PatternMatcher(((rule.id, pattern) for pattern in rule.unless), vocab=vocab)
            for rule in rulebook.rules
            if rule.unless
        }

    def screen(self, reading: Reading) -> ReadingMatches:
        """Returns what the rules find in one reading."""
        words = [word.text for word in reading.words]
        found = self._longest(self.matches(words))
        cues = self._context.cues(words)
        return ReadingMatches(reading, tuple(cues.of(one.key, one) for one in found), cues)

    def matches(self, words: Sequence[str]) -> List[Found[Rule]]:
        """Returns every match of a rule that none of its `unless` patterns takes back."""
        taken_back: Dict[str, List[Found[str]]] = {}
        kept = []
        for one in self._matcher.find(words):
            rule = one.key
            if rule.unless:
                if rule.id not in taken_back:
                    taken_back[rule.id] = self._unless[rule.id].find(words)
                if any(other.first < one.last and one.first < other.last for other in taken_back[rule.id]):
                    continue
            kept.append(one)
        return kept

    @staticmethod
    def _longest(found: Sequence[Found[Rule]]) -> List[Found[Rule]]:
        """Of a rule's matches that lie inside one another, keeps the longest: it holds the most of what was said."""
        kept: List[Found[Rule]] = []
        seen: Set[Tuple[str, int, int]] = set()
        for one in sorted(found, key=lambda match: match.first - match.last):
            inside = any(rule == one.key.id and first <= one.first and one.last <= last for rule, first, last in seen)
            if not inside:
                seen.add((one.key.id, one.first, one.last))
                kept.append(one)
        return sorted(kept, key=lambda match: (match.first, match.last))
