"""What the start refuses, and what it only says."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from typer.testing import CliRunner

from clinic import __main__ as command_line
from clinic.crisis.contacts import Contacts
from clinic.journey.clinic_facts import ClinicFacts
from clinic.settings import Settings
from tests.clinic.conftest import ScriptedDetector


@pytest.mark.parametrize(("environment", "starts"), [("development", True), ("production", False)])
@pytest.mark.parametrize("is_overdue", [False, True])
def test_contacts_overdue_stop_production_and_warn_development(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, environment: Any, starts: bool, is_overdue: bool
) -> None:
    served: list[object] = []
    due = min(contact.review_on for contact in Contacts.load().contacts)
    settings.environment = environment
    monkeypatch.setattr(command_line, "Settings", lambda: settings)
    monkeypatch.setattr(command_line.Detector, "load", ScriptedDetector)
    monkeypatch.setattr(command_line, "_today", lambda: date(2999, 1, 1) if is_overdue else due)
    monkeypatch.setattr(ClinicFacts, "problem", lambda facts: None)
    monkeypatch.setattr(command_line.uvicorn, "run", lambda *given, **named: served.append(given))
    result = CliRunner().invoke(command_line.cli, ["serve"])
    assert bool(served) is (starts or not is_overdue), result.output
    assert ("was due for a check" in result.stderr) is is_overdue
    assert result.exit_code == (0 if served else 1)
