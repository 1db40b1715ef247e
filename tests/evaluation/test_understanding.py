"""Asking a model, with a stand-in for Rasa; tests/system asks the real one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evaluation.nlu import understanding
from evaluation.nlu.understanding import ModelUnusable, keep_on_one_core, python_path, understand

ANSWERS = """
import json, sys
for line in sys.stdin:
    text = json.loads(line)["text"]
    print(json.dumps({"intent": text.upper(), "ranking": [["greet", 0.5]], "seconds": 0.25}), flush=True)
"""
ENDS_EARLY = """
import sys
sys.stdin.readline()
sys.exit("no such component")
"""


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    script = tmp_path / "script.py"
    script.write_text(ANSWERS)
    monkeypatch.setattr(understanding, "_PYTHON", Path(sys.executable))
    monkeypatch.setattr(understanding, "_SCRIPT", script)
    model = tmp_path / "model.tar.gz"
    model.touch()
    return model


def test_understanding_answers_every_text_in_order(model: Path) -> None:
    found = understand(model, ["one", "two"], title="asking")
    assert [(one.intent, one.ranking, one.seconds) for one in found] == [
        ("ONE", (("greet", 0.5),), 0.25),
        ("TWO", (("greet", 0.5),), 0.25),
    ]


def test_understanding_asks_what_the_door_would(model: Path) -> None:
    assert [one.intent for one in understand(model, ["/restart", "\x07"], title="asking")] == ["RESTART", "?"]


def test_understanding_shows_what_rasa_said_when_it_failed(model: Path) -> None:
    understanding._SCRIPT.write_text(ENDS_EARLY)
    with pytest.raises(ModelUnusable, match=r"answered 0 of 2 messages:\nno such component"):
        understand(model, ["one", "two"], title="asking")


def test_understanding_needs_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelUnusable, match="run `make train`"):
        understand(tmp_path / "none.tar.gz", ["one"], title="asking")


@pytest.mark.parametrize("given", ["", str(understanding.ROOT), f"{understanding.ROOT}{os.pathsep}"])
def test_understanding_puts_the_repository_on_the_path_once(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", given)
    assert python_path() == str(understanding.ROOT)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system keeps no process on a core")
def test_understanding_keeps_a_process_on_one_core() -> None:
    command = [sys.executable, "-c", "import os; input(); print(len(os.sched_getaffinity(0)))"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        keep_on_one_core(process.pid)
        assert json.loads(process.communicate("go\n")[0]) == 1
