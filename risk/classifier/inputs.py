"""What the classifier is trained on, and whether the trained model still belongs to it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import List

from risk.classifier.corpus import FOLDER as CORPUS
from risk.classifier.corpus import Labelled, corpus_files, read_corpus
from risk.classifier.model import FOLDER, FORMAT, ModelMissing, encoder_fingerprint
from risk.data_file import DataError
from risk.rules.check import RuleChecker

_PACKAGE = Path(__file__).resolve().parents[1]
OF_RULES = "rule_example"
# What the threshold is chosen on; nothing is trained on it.
DEVELOPMENT = _PACKAGE.parent / "evaluation" / "risk" / "development"


def training_rows(corpus: Path = CORPUS) -> List[Labelled]:
    """Returns every labelled message: the corpus, the rules' examples, and their near misses that no rule matches.

    Raises:
        DataError: a file is wrong; names file, line and cure.
    """
    rows = [row for path in corpus_files([corpus]) for row in read_corpus(path)]
    checker = RuleChecker()
    for rule in checker.rulebook.rules:
        where = (rule.path, rule.line)
        rows += [
            Labelled((example,), rule.category, rule.category, OF_RULES, rule.respond, *where)
            for example in rule.examples
        ]
        rows += [
            Labelled((near_miss,), None, OF_RULES, OF_RULES, None, *where)
            for near_miss in rule.near_misses
            if not checker.flags(near_miss)
        ]
    return rows


def inputs_hash(corpus: Path = CORPUS, development: Path = DEVELOPMENT) -> str:
    """Returns the SHA-256 of all that shapes the model: data, rules, word lists and the code that reads them."""
    folders = (corpus, development, _PACKAGE / "rules", _PACKAGE / "language")
    files: List[Path] = sorted(
        path for folder in folders for path in folder.rglob("*") if path.suffix in (".tsv", ".yml", ".py")
    )
    files += [_PACKAGE / "classifier" / "features.py", _PACKAGE / "classifier" / "training.py"]
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def is_trained(folder: Path = FOLDER) -> bool:
    """Whether the model in `folder` is there and was made from the inputs and the encoder as they are now."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        made_from = (manifest.get("format"), manifest.get("inputs"), manifest.get("encoder"))
        return (folder / "classifier.npz").is_file() and made_from == (FORMAT, inputs_hash(), encoder_fingerprint())
    except (OSError, ValueError, ModelMissing, DataError):
        return False
