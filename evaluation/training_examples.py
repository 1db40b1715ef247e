"""What the assistant is trained on (data/nlu), message by message, with the place of each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
TRAINING = ROOT / "data" / "nlu"


@dataclass(frozen=True)
class TrainingExample:
    """One message and the intent it teaches; `line` counts from 1."""

    text: str
    intent: str
    path: Path
    line: int


def training_examples(folder: Path = TRAINING) -> list[TrainingExample]:
    """All of them, in the order of the files.

    Raises:
        ValueError: a file is not in Rasa's format; names file and line.
    """
    return [example for path in sorted(folder.rglob("*.yml")) for example in _examples_of(path)]


def _examples_of(path: Path) -> list[TrainingExample]:
    with path.open(encoding="utf-8") as stream:
        root = yaml.compose(stream, Loader=yaml.SafeLoader)
    examples = []
    for entry in _field(path, root, "nlu").value:
        intent, block = _field(path, entry, "intent"), _field(path, entry, "examples")
        # The block's own line holds the key; its text begins on the next.
        for line, text in enumerate(block.value.splitlines(), start=block.start_mark.line + 2):
            if text.startswith("- "):
                examples.append(TrainingExample(text[2:].strip(), intent.value, path, line))
            elif text.strip():
                raise ValueError(f"{path}, line {line}: begin every example with '- '")
    return examples


def _field(path: Path, node: yaml.Node | None, name: str) -> yaml.Node:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == name:
                return value  # type: ignore[no-any-return]
    line = node.start_mark.line + 1 if node else 1
    raise ValueError(f"{path}, line {line}: '{name}' is missing. Write it as in Rasa's training data format")
