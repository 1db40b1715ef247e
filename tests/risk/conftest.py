"""One detector for all tests: loading takes a second, and screening keeps nothing."""

from __future__ import annotations

import pytest

from risk import Detector
from risk.language.lexicon import load_lexicon
from risk.language.normaliser import Normaliser
from risk.rules.check import RuleChecker


@pytest.fixture(scope="session")
def rules_alone() -> Detector:
    return Detector.load(rules_only=True)


@pytest.fixture(scope="session")
def detector() -> Detector:
    """Rules and the trained classifier; `make train` makes what is missing."""
    return Detector.load()


@pytest.fixture(scope="session")
def checker() -> RuleChecker:
    return RuleChecker()


@pytest.fixture(scope="session")
def normaliser(checker: RuleChecker) -> Normaliser:
    return Normaliser(load_lexicon(), vocabulary=checker.rulebook.words)
