"""What the clinic states about itself is its own, or production does not start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from clinic import __main__ as command_line
from clinic.journey.clinic_facts import CLINIC_FACTS, ClinicFacts
from clinic.settings import Settings
from tests.clinic.conftest import ScriptedDetector

OWN = {"are_examples: true": "are_examples: false", "01632 960123": "020 7123 4567"}


def facts(tmp_path: Path, **changes: str) -> str | None:
    text = CLINIC_FACTS.read_text()
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    path = tmp_path / "clinic.yml"
    path.write_text(text)
    return ClinicFacts.load(path).problem(path)


def test_facts_as_they_come_are_examples(tmp_path: Path) -> None:
    line = CLINIC_FACTS.read_text().split("are_examples:")[0].count("\n") + 1
    assert f"clinic.yml, line {line}: these lines are examples" in str(ClinicFacts.load().problem())
    assert facts(tmp_path, **OWN) is None


@pytest.mark.parametrize("number", ["01632 960123", "07700 900123", "+44 1632 960123"])
def test_facts_with_a_number_that_reaches_nobody_are_refused(tmp_path: Path, number: str) -> None:
    problem = facts(tmp_path, **{**OWN, "01632 960123": number})
    assert problem is not None and "progress holds a phone number that reaches nobody" in problem


@pytest.mark.parametrize("words", ["about 14 to 18 weeks since 2026-11-23", "9.00 to 17.30", "0300 123 4567"])
def test_facts_with_dates_hours_and_real_numbers_are_taken(tmp_path: Path, words: str) -> None:
    assert facts(tmp_path, **{**OWN, "It takes about an hour.": words}) is None


@pytest.mark.parametrize(("environment", "starts"), [("development", True), ("production", False)])
def test_facts_that_are_examples_stop_production_and_warn_development(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, environment: Any, starts: bool
) -> None:
    served: list[object] = []
    settings.environment = environment
    monkeypatch.setattr(command_line, "Settings", lambda: settings)
    monkeypatch.setattr(command_line.Detector, "load", ScriptedDetector)
    monkeypatch.setattr(command_line.uvicorn, "run", lambda *given, **named: served.append(given))
    result = CliRunner().invoke(command_line.cli, ["serve"])
    assert bool(served) is starts and "these lines are examples" in result.stderr
