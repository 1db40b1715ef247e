"""Holds every rule to its own examples and near misses: `python -m risk check-rules`, and in the tests."""

from __future__ import annotations

from pathlib import Path
from typing import List, Optional, Set, Tuple

import spacy

from risk.language.lexicon import FOLDER as LEXICON
from risk.language.lexicon import load_lexicon
from risk.language.normaliser import Normaliser
from risk.language.words import BOUNDARY, NUMBER
from risk.rules.context import ContextReader
from risk.rules.loader import FOLDER, Rule, RuleBook, load_rules
from risk.rules.screen import RuleScreen


class RuleChecker:
    """Runs rules against what their data says of them."""

    def __init__(self, folder: Optional[Path] = None) -> None:
        """Raises DataError where a file is not well-formed."""
        lexicon = load_lexicon()
        self.rulebook: RuleBook = load_rules(folder or FOLDER, word_sets=lexicon.word_sets)
        vocab = spacy.blank("en").vocab
        context = ContextReader(LEXICON / "context.yml", word_sets=lexicon.word_sets, vocab=vocab)
        self._normaliser = Normaliser(lexicon, vocabulary=self.rulebook.words | context.words)
        self._screen = RuleScreen(self.rulebook, context, vocab=vocab)

    def problems(self) -> List[str]:
        """Returns one line for everything that is wrong, with file, line and cure."""
        found = [problem for rule in self.rulebook.rules for problem in self.problems_of(rule)]
        return found + self._unreachable()

    def problems_of(self, rule: Rule) -> List[str]:
        where = f"{rule.path}:{rule.line}: rule '{rule.id}'"
        found: List[str] = []
        used: Set[str] = set()
        for example in rule.examples:
            patterns = self.patterns_matching(rule, example)
            used |= patterns
            if not patterns:
                found.append(f"{where} does not match its example '{example}'. Widen a pattern or move the example")
        for near_miss in rule.near_misses:
            patterns = self.patterns_matching(rule, near_miss)
            if patterns:
                found.append(
                    f"{where} matches its near miss '{near_miss}' ({', '.join(sorted(patterns))}). "
                    "Narrow the pattern or add an 'unless'"
                )
        for pattern in rule.patterns:
            if pattern.source not in used:
                found.append(f"{where} has no example for its pattern '{pattern.source}'. Add one, or drop the pattern")
        return found

    def flags(self, text: str) -> bool:
        """Whether any rule matches `text`."""
        readings = self._normaliser.readings(text)
        return any(self._screen.matches([word.text for word in reading.words]) for reading in readings)

    def patterns_matching(self, rule: Rule, text: str) -> Set[str]:
        """Returns the patterns of `rule` that match `text` in any reading."""
        return {
            one.pattern.source
            for reading in self._normaliser.readings(text)
            for one in self._screen.matches([word.text for word in reading.words])
            if one.key.id == rule.id
        }

    def _unreachable(self) -> List[str]:
        """A word that the normaliser itself rewrites can never be matched."""
        words: List[Tuple[str, Rule]] = sorted(
            {(word, rule.id): (word, rule) for rule in self.rulebook.rules for word in _words(rule)}.values(),
            key=lambda pair: pair[0],
        )
        found = []
        for word, rule in words:
            read = [one.text for one in self._normaliser.readings(word)[0].words]
            if word not in (NUMBER, BOUNDARY) and read != [word]:
                found.append(
                    f"{rule.path}:{rule.line}: rule '{rule.id}' waits for '{word}', which is always read as "
                    f"'{' '.join(read)}'. Write that instead"
                )
        return found


def _words(rule: Rule) -> Set[str]:
    return {word for pattern in (*rule.patterns, *rule.unless) for word in pattern.words}
