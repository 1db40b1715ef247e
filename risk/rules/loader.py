"""Reads the rules of one folder and refuses what is not well-formed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Dict, FrozenSet, List, Literal, Mapping, Tuple, cast

from risk.data_file import DataError, Entries, Items, Text, Value, check_keys, expect, read, texts
from risk.rules.pattern import Pattern, PatternError, compile_pattern
from risk.verdict import CATEGORIES, RESPONSES, Respond

FOLDER = Path(__file__).resolve().parent
About = Literal["self", "anyone"]


@dataclass(frozen=True)
class Rule:
    """One way in which people say one thing.

    Attributes:
        id: unique among all rules.
        category: of `risk.verdict.CATEGORIES`.
        respond: how soon a human should look when nothing slows or hastens it.
        stands_alone: whether its match is enough whatever the classifier thinks. The others match everyday talk too
            often: they count unless the classifier, which reads the whole message, finds it clearly harmless.
        about: "self" where it matters that the writer means themselves, "anyone" where the danger is the same.
        patterns: any of which must match.
        unless: where one of these overlaps a match, it was an everyday phrase.
        examples: messages that must match; every pattern has at least one.
        near_misses: messages that must not.
        reason: why the rule is there, with its source where there is one.
        path, line: where it stands.
    """

    id: str
    category: str
    respond: Respond
    about: About
    stands_alone: bool
    patterns: Tuple[Pattern, ...]
    unless: Tuple[Pattern, ...]
    examples: Tuple[str, ...]
    near_misses: Tuple[str, ...]
    reason: str
    path: Path
    line: int


@dataclass(frozen=True)
class RuleBook:
    """All rules, and what holds for a category as a whole."""

    rules: Tuple[Rule, ...]
    respond: Mapping[str, Respond]

    @property
    def words(self) -> FrozenSet[str]:
        """Every word that a rule names."""
        patterns = [pattern for rule in self.rules for pattern in (*rule.patterns, *rule.unless)]
        return frozenset().union(*(pattern.words for pattern in patterns))


def load_rules(folder: Path, *, word_sets: Mapping[str, FrozenSet[str]]) -> RuleBook:
    """Reads `<category>.yml` for every category. Checks the structure only; `check_rules` runs the examples.

    Raises:
        DataError: a file is missing or wrong; the message names file, line and cure.
    """
    rules: List[Rule] = []
    respond: Dict[str, Respond] = {}
    seen: Dict[str, Rule] = {}
    for category in CATEGORIES:
        path = folder / f"{category}.yml"
        data = read(path)
        check_keys(data, path, required=("category", "respond", "about", "rules"))
        if data["category"] != category:
            raise DataError(path, data["category"].line, "the category is not the file's name", f"Write '{category}'")
        respond[category] = _respond(data["respond"], path)
        about = _about(data["about"], path)
        for entry in expect(Items, data["rules"], path):
            rule = _rule(expect(Entries, entry, path), path, category, respond[category], about, word_sets)
            if rule.id in seen:
                other = seen[rule.id]
                where = f"it also stands in {other.path.name}:{other.line}"
                raise DataError(path, rule.line, f"the rule id '{rule.id}' is taken ({where})", "Choose another")
            seen[rule.id] = rule
            rules.append(rule)
    return RuleBook(tuple(rules), respond)


def compile_patterns(value: Value, path: Path, word_sets: Mapping[str, FrozenSet[str]]) -> Tuple[Pattern, ...]:
    """Compiles a list of patterns; raises DataError for one that is not in the notation."""
    patterns = []
    for source in texts(value, path):
        try:
            patterns.append(compile_pattern(source, word_sets))
        except PatternError as error:
            raise DataError(path, source.line, f"pattern '{source}'", f"{error}".capitalize()) from None
    return tuple(patterns)


def _rule(
    entry: Entries,
    path: Path,
    category: str,
    respond: Respond,
    about: About,
    word_sets: Mapping[str, FrozenSet[str]],
) -> Rule:
    check_keys(
        entry,
        path,
        required=("id", "reason", "patterns", "examples", "near_misses"),
        optional=("respond", "about", "stands", "unless"),
    )
    for key in ("patterns", "examples", "near_misses"):
        if not expect(Items, entry[key], path):
            raise DataError(path, entry[key].line, f"'{key}' is empty", "Give at least one")
    return Rule(
        id=str(expect(Text, entry["id"], path)),
        category=category,
        respond=_respond(entry["respond"], path) if "respond" in entry else respond,
        about=_about(entry["about"], path) if "about" in entry else about,
        stands_alone=_stands_alone(entry["stands"], path) if "stands" in entry else False,
        patterns=compile_patterns(entry["patterns"], path, word_sets),
        unless=compile_patterns(entry["unless"], path, word_sets) if "unless" in entry else (),
        examples=tuple(map(str, texts(entry["examples"], path))),
        near_misses=tuple(map(str, texts(entry["near_misses"], path))),
        reason=str(expect(Text, entry["reason"], path)),
        path=path,
        line=entry.line,
    )


def _respond(value: Value, path: Path) -> Respond:
    if value not in RESPONSES:
        raise DataError(path, value.line, f"'{value}' is no response speed", f"Use one of: {', '.join(RESPONSES)}")
    return cast(Respond, str(value))


def _stands_alone(value: Value, path: Path) -> bool:
    if value != "alone":
        raise DataError(path, value.line, f"'{value}' is no way for a rule to stand", "Write 'alone' or leave it out")
    return True


def _about(value: Value, path: Path) -> About:
    if value not in ("self", "anyone"):
        raise DataError(path, value.line, f"'{value}' is nothing a rule can be about", "Use one of: self, anyone")
    return cast(About, str(value))
