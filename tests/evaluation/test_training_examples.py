from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.training_examples import training_examples


def write(folder: Path, text: str) -> Path:
    (folder / "greet.yml").write_text(text, encoding="utf-8")
    return folder


def test_training_examples_knows_the_line_of_each(tmp_path: Path) -> None:
    write(tmp_path, 'version: "3.1"\n# comment\nnlu:\n- intent: greet\n  examples: |\n    - hello\n    - hi: there\n')
    found = training_examples(tmp_path)
    assert [(e.text, e.intent, e.line) for e in found] == [("hello", "greet", 6), ("hi: there", "greet", 7)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nlu:\n- intent: greet\n  examples: |\n    hello\n", "line 4: begin every example with '- '"),
        ("nlu:\n- examples: |\n    - hello\n", "line 2: 'intent' is missing"),
        ("version: '3.1'\n", "line 1: 'nlu' is missing"),
        ("", "line 1: 'nlu' is missing"),
    ],
)
def test_training_examples_names_what_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        training_examples(write(tmp_path, text))


def test_training_examples_misses_none() -> None:
    found = training_examples()
    dashes = sum(
        line.lstrip().startswith("- ") and not line.lstrip().startswith("- intent:")
        for path in {example.path for example in found}
        for line in path.read_text(encoding="utf-8").splitlines()
    )
    assert len(found) == dashes > 10_000
