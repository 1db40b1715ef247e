"""Training is replaced by something quick here: what is tested is what is kept, and when it is made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml

from bench import models
from bench.models import DEFAULT, OURS, trained
from scripts.train import ROOT

RASA = ROOT / ".venv-assistant" / "lib" / "python3.10" / "site-packages" / "rasa"
RASAS_OWN = RASA / "engine" / "recipes" / "config_files" / "default_config.yml"


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Sequence[str]]:
    """The commands that would have trained."""
    ran: list[Sequence[str]] = []

    def run(title: str, command: Sequence[str], *, log: Path, env: Mapping[str, str]) -> None:
        ran.append(command)
        name = command[command.index("--fixed-model-name") + 1]
        (tmp_path / f"{name}.tar.gz").write_bytes(b"model")

    monkeypatch.setattr(models, "FOLDER", tmp_path)
    monkeypatch.setattr(models, "run_logged", run)
    monkeypatch.setattr(models, "fingerprint", lambda inputs: "inputs as they are")
    return ran


def test_models_are_trained_once(commands: list[Sequence[str]]) -> None:
    first = trained(DEFAULT, 2)
    assert trained(DEFAULT, 2) == first
    assert len(commands) == 1
    assert first.examples > 50


def test_models_are_trained_again_when_told_or_when_inputs_changed(
    commands: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(DEFAULT, 2)
    trained(DEFAULT, 2, again=True)
    monkeypatch.setattr(models, "fingerprint", lambda inputs: "other inputs")
    assert models.cached(DEFAULT, 2) is None
    trained(DEFAULT, 2)
    assert len(commands) == 3


def test_models_of_another_size_are_others(commands: list[Sequence[str]]) -> None:
    assert trained(DEFAULT, 2).path != trained(DEFAULT, 3).path != trained(OURS, 3).path
    assert len(commands) == 3


def test_models_differ_in_nothing_but_the_configuration(commands: list[Sequence[str]]) -> None:
    trained(OURS, 2)
    trained(DEFAULT, 2)
    ours, default = (list(command) for command in commands)
    different = [
        (one, other)
        for one, other in zip(ours, default, strict=True)
        # The scratch folder with the same sample.
        if one != other and not one.endswith("/nlu.yml")
    ]
    assert different == [
        (str(ROOT / "config.yml"), str(ROOT / "bench" / "default_config.yml")),
        ("interlude-2", "default-2"),
    ]
    assert "--force" in ours


def test_default_config_is_rasas_own() -> None:
    ours = yaml.safe_load((ROOT / "bench" / "default_config.yml").read_text())
    rasas = yaml.safe_load(RASAS_OWN.read_text())
    assert (ours["pipeline"], ours["policies"]) == (rasas["pipeline"], rasas["policies"])


@pytest.mark.parametrize("pipeline", [OURS, DEFAULT])
def test_models_depend_on_files_that_exist(pipeline: models.Pipeline) -> None:
    # Stories come and go.
    missing = [name for name in pipeline.inputs if not (ROOT / name).exists()]
    assert missing in ([], ["data/stories"])
