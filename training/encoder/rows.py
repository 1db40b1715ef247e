"""Writes what the encoder is fine-tuned on, and what it is stopped by, as JSON lines. Runs in the clinic's environment.

    .venv/bin/python -m training.encoder.rows FOLDER

`train.jsonl` holds the assistant's training messages and the detector's corpus, `development.jsonl` the
development sets; nothing of a test set is read. Each line: `text` as the component reads it, `intent` (or null),
`risk` (a category, "harmless" or null), `respond` (or null), `kind` and `style`, which only reports use.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from assistant.wording import plain
from clinic.content.topics import Topics
from evaluation.nlu.sets import read_set
from evaluation.training_examples import training_examples
from risk.classifier.corpus import FOLDER as CORPUS
from risk.classifier.corpus import corpus_files, read_corpus
from risk.classifier.inputs import training_rows
from risk.classifier.model import HARMLESS
from risk.detector import Detector

ROOT = Path(__file__).resolve().parents[2]
_SAME_AS_INTENTS = "messages_to_the_assistant"
_DEVELOPMENT = ROOT / "evaluation" / "risk" / "development"


def main(folder: Path) -> None:
    """Writes both files."""
    folder.mkdir(parents=True, exist_ok=True)
    detector = Detector.load(rules_only=True)
    _write(folder / "train.jsonl", [*_intents(), *_risk(detector)])
    _write(folder / "development.jsonl", [*_development_intents(), *_development_risk(detector)])


def _intents() -> Iterator[dict[str, object]]:
    harmless = {
        row.text for path in corpus_files([CORPUS]) for row in read_corpus(path) if row.kind == _SAME_AS_INTENTS
    }
    for example in training_examples():
        # Out of scope has many kinds, a file each: told apart they teach more than thrown together.
        kind = example.path.stem if example.intent == "out_of_scope" else example.intent
        row: dict[str, object] = {"text": plain(example.text), "intent": example.intent, "kind": kind}
        yield row | ({"risk": HARMLESS} if example.text in harmless else {})


def _risk(detector: Detector) -> Iterator[dict[str, object]]:
    for row in training_rows():
        if row.kind == _SAME_AS_INTENTS:
            continue
        label = row.category or HARMLESS
        yield {
            "text": detector.normalise(row.text),
            "risk": label,
            "respond": row.respond,
            "kind": row.kind,
            "style": row.style,
        }


def _development_intents() -> Iterator[dict[str, object]]:
    topics = frozenset(topic.id for topic in Topics.load())
    for example in read_set("development", topics=topics):
        yield {"text": plain(example.text), "intent": example.intent, "kind": example.kind.value}


def _development_risk(detector: Detector) -> Iterator[dict[str, object]]:
    for path in corpus_files([_DEVELOPMENT]):
        for row in read_corpus(path):
            yield {
                "text": detector.normalise(row.text),
                "risk": row.category or HARMLESS,
                "respond": row.respond,
                "kind": row.kind,
                "style": row.style,
            }


def _write(path: Path, rows: Iterable[dict[str, object]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        count = sum(1 for row in rows if file.write(json.dumps(row, ensure_ascii=False) + "\n"))
    print(f"{path}: {count} lines", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    main(parser.parse_args().folder)
