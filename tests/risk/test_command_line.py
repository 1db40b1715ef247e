"""`python -m risk` keeps the contract, in both environments and with the same verdicts."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import pytest

from risk import Detector
from risk.__main__ import main
from tests.risk.test_detector import ALARMS, EVERYDAY

ROOT = Path(__file__).resolve().parents[2]
ASSISTANT = ROOT / ".venv-assistant" / "bin" / "python"
FIXED = [
    *(text for text in EVERYDAY if text),
    *ALARMS,
    "I am not suicidal",
    "k i l l  m y s e l f",
    "1 w4n7 70 d13",
    "i want to 🔪 myself",
    "I don\u2019t want to be here",
    "i used to want to die years ago",
    "my friend is going to kill himself tonight",
    "ive been saving up my tablets",
    "i'm just so tired of fighting, you won't have to worry about me much longer",
    "Chcę umrzeć",
    "we went to the shops and then home on the bus. " * 60 + "i want to kill myself",
]


def screened(
    lines: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> list[dict[str, object]]:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    monkeypatch.setattr("sys.stdout.reconfigure", lambda **_: None, raising=False)
    assert main([]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_command_line_writes_one_verdict_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, empty, last = screened("i want to die\n\nwhat is dit", monkeypatch, capsys)
    assert {"flagged", "respond", "categories", "phrases", "score"} <= set(first)
    assert (first["flagged"], empty["flagged"], last["flagged"]) == (True, False, False)
    assert last["respond"] is None


def test_command_line_answers_bytes_that_are_no_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"i want to die \xff\xfe\n")))
    monkeypatch.setattr("sys.stdout.reconfigure", lambda **_: None, raising=False)
    assert main(["--rules-only"]) == 0
    assert json.loads(capsys.readouterr().out)["flagged"]


def test_command_line_checks_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-rules"]) == 0
    assert "0 problems" in capsys.readouterr().out


def test_command_line_evaluates_and_shows_every_miss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "self_harm.tsv").write_text("explicit\ttoday\ti cut myself\nodd\tnow\tthe weather is nice\n")
    (tmp_path / "idioms.tsv").write_text("plain\tdying for a cuppa\nplain\ti want to die\n")
    assert main(["--rules-only", "evaluate", str(tmp_path)]) == 0
    report = capsys.readouterr().out
    assert "MISSED       self_harm.tsv:2" in report
    assert "FALSE ALARM  idioms.tsv:2" in report
    assert [line.split()[1:4] for line in report.splitlines() if line.startswith("self_harm")] == [["2", "1", "50.0%"]]
    assert [line.split()[1:4] for line in report.splitlines() if line.startswith("idioms")] == [["2", "1", "50.0%"]]


def test_command_line_names_file_line_and_cure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "self_harm.tsv").write_text("explicit\ti cut myself\n")
    assert main(["--rules-only", "evaluate", str(tmp_path)]) == 2
    assert "self_harm.tsv:1: 2 fields. Write style<TAB>respond<TAB>text" in capsys.readouterr().err


@pytest.mark.skipif(not ASSISTANT.is_file(), reason="the assistant's environment is not there (make run sets it up)")
def test_command_line_gives_the_same_verdicts_in_both_environments(detector: Detector) -> None:
    done = subprocess.run(
        [ASSISTANT, "-m", "risk"],
        input="\n".join(FIXED).encode(),
        capture_output=True,
        cwd=ROOT,
        timeout=240,
        check=True,
    )
    there = [json.loads(line) for line in done.stdout.decode().splitlines()]
    here = [detector.screen(text).to_dict() for text in FIXED]
    # The encoder's arithmetic differs in the third decimal between onnxruntime's versions; no verdict may hang on it.
    scores = [(verdict.pop("score"), other.pop("score")) for verdict, other in zip(there, here, strict=True)]
    assert there == here
    assert max(abs(one - other) for one, other in scores) < 0.03
