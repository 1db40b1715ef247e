"""Copies and erasure from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clinic.__main__ import cli
from tests.clinic.rights.conftest import FAMILY, NEEDLES, Kept


@pytest.fixture
def run(kept: Kept, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setattr("clinic.rights.command.Settings", lambda: kept.services.settings)
    return lambda *arguments: CliRunner().invoke(cli, arguments)


async def test_command_writes_a_copy_once(kept: Kept, run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    patient_id = kept.person()
    into = tmp_path / "copy.json"
    assert run("export-person", str(into), "--patient", patient_id).exit_code == 0
    assert json.loads(into.read_text())["kept"]["patient"][0]["family_name"] == FAMILY
    assert into.stat().st_mode & 0o077 == 0
    assert run("export-person", str(into), "--patient", patient_id).exit_code == 1
    assert "export" in kept.everything()


async def test_command_erases_with_two_accounts(kept: Kept, run) -> None:  # type: ignore[no-untyped-def]
    patient_id = kept.person()
    erase = ("erase-person", "--patient", patient_id, "--by", "sam", "--confirmed-by")
    for other in ("sam", "nobody"):
        assert run(*erase, other, "--yes").exit_code == 1
    assert FAMILY in kept.everything()
    assert run(*erase, "kim", "--yes").exit_code == 0
    assert [needle for needle in NEEDLES if needle in kept.everything()] == []
