"""Every rule does what its own data say, and data that are wrong are refused with file, line and cure."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from risk.data_file import DataError
from risk.language.lexicon import load_lexicon
from risk.rules.check import RuleChecker
from risk.rules.loader import FOLDER, Rule, load_rules
from risk.verdict import CATEGORIES

LEXICON = load_lexicon()
RULES = load_rules(FOLDER, word_sets=LEXICON.word_sets).rules


def named(cases: list[tuple[Rule, str]]) -> list[object]:
    return [pytest.param(rule, text, id=f"{rule.id}: {text}") for rule, text in cases]


@pytest.mark.parametrize(("rule", "text"), named([(rule, text) for rule in RULES for text in rule.examples]))
def test_rules_match_their_examples(checker: RuleChecker, rule: Rule, text: str) -> None:
    assert checker.patterns_matching(rule, text)


@pytest.mark.parametrize(("rule", "text"), named([(rule, text) for rule in RULES for text in rule.near_misses]))
def test_rules_leave_their_near_misses_alone(checker: RuleChecker, rule: Rule, text: str) -> None:
    assert not checker.patterns_matching(rule, text)


def test_rules_every_pattern_has_an_example_and_can_be_reached(checker: RuleChecker) -> None:
    assert checker.problems() == []


def test_rules_cover_every_category() -> None:
    assert {rule.category for rule in RULES} == set(CATEGORIES)
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_rules_an_attempt_is_always_looked_at_now() -> None:
    assert {rule.respond for rule in RULES if rule.category == "attempt_in_progress"} == {"now"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "rules"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


RULE = """category: self_harm
respond: today
about: self
rules:
  - id: cutting
    reason: a reason
    patterns:
      - cut myself
    examples:
      - i cut myself
    near_misses:
      - i cut the grass
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("respond: today", "respond: soon", 2, "now, today, next_working_day"),
        ("category: self_harm", "category: harm", 1, "Write 'self_harm'"),
        ("    reason: a reason\n", "", 5, "Add 'reason: ...'"),
        ("      - cut myself", "      - cut @nowhere", 8, "language/word_sets.yml"),
        ("      - cut myself", "      - don't cut", 8, "contractions written out"),
        ("      - cut myself", "      - cut ...", 8, "cannot begin or end with a gap"),
        ("      - cut myself", "      - cut? myself?", 8, "make one of them required"),
        ("      - i cut the grass", "      []", 12, "Give at least one"),
        ("    examples:", "    exampels:", 9, "unknown key 'exampels'"),
        ("      - cut myself", "      - cut # times", 8, "Put the whole item in quotes"),
        ("about: self", "about: [self", 3, "indent with two spaces"),
        ("  - id: cutting", "  - id: kill_myself", 5, "is taken"),
    ],
)
def test_rules_wrong_data_is_refused_with_file_line_and_cure(
    folder: Path, old: str, new: str, line: int, says: str
) -> None:
    assert old in RULE
    (folder / "self_harm.yml").write_text(RULE.replace(old, new, 1))
    with pytest.raises(DataError) as refused:
        load_rules(folder, word_sets=LEXICON.word_sets)
    message = str(refused.value)
    assert "self_harm.yml:" in message
    assert says in message
    assert abs(int(message.split(".yml:")[1].split(":")[0]) - line) <= 1


def test_rules_a_missing_category_is_refused(folder: Path) -> None:
    (folder / "self_harm.yml").unlink()
    with pytest.raises(DataError, match=r"self_harm\.yml:1: the file is missing"):
        load_rules(folder, word_sets=LEXICON.word_sets)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("      - i cut myself", "      - i painted the shed", "does not match its example"),
        ("      - i cut the grass", "      - you cut myself", "matches its near miss"),
        ("      - cut myself", "      - cut myself\n      - slash myself", "has no example for its pattern"),
        ("      - cut myself", "      - cut myself\n      - dont cut", "is always read as 'do not'"),
    ],
)
def test_rules_the_check_finds_a_rule_that_breaks_its_word(folder: Path, old: str, new: str, says: str) -> None:
    (folder / "self_harm.yml").write_text(RULE.replace(old, new, 1))
    problems = RuleChecker(folder).problems()
    assert any(says in problem and "self_harm.yml:5" in problem for problem in problems)
