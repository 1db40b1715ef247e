"""The hazard log has the form that a safety officer needs, and every control is proven by a test that exists."""

from __future__ import annotations

import re

import pytest

from clinic.settings import ROOT
from tests.docs.test_docs import names_of_tests

PAGE = (ROOT / "docs" / "safety" / "hazards.md").read_text(encoding="utf-8")
COLUMNS = ["#", "Hazard", "Cause", "Effect", "Control", "Proven by", "For the clinic's safety officer"]


def rows() -> list[list[str]]:
    lines = [line for line in PAGE.splitlines() if re.match(r"\| H\d+ \|", line)]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_hazards_have_the_columns_of_a_hazard_log() -> None:
    assert f"| {' | '.join(COLUMNS)} |" in PAGE


def test_hazards_are_numbered_once() -> None:
    numbers = [row[0] for row in rows()]
    assert numbers == sorted(set(numbers), key=lambda name: int(name[1:])) and len(numbers) >= 15


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_hazards_say_everything_and_are_proven(row: list[str]) -> None:
    assert len(row) == len(COLUMNS) and all(row), "a cell is missing"
    tests = re.findall(r"`(test_\w+)`", row[5])
    assert tests and set(tests) <= names_of_tests(), "name a test that exists"
    assert row[6].count("?") >= 1, "leave the clinic's safety officer a question"


def test_hazards_rate_nobody() -> None:
    """No risk levels of people: NICE NG225."""
    assert not re.search(r"(low|medium|high)[- ]risk (patient|person|people)", PAGE, re.IGNORECASE)
