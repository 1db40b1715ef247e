"""Trains what is out of date: the detector's classifier and Rasa's model. `--force` trains in any case."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from risk.classifier.inputs import is_trained
from scripts.progress import console, run_logged

ROOT = Path(__file__).resolve().parents[1]
MODELS = ROOT / "models"
MODEL = MODELS / "interlude.tar.gz"
_STAMP = MODELS / "interlude.json"
_LOGS = ROOT / "var" / "log"
# Everything that a trained model depends on.
_RASA_INPUTS = (
    "config.yml",
    "domain.yml",
    "data/nlu",
    "data/rules",
    "data/stories",
    "data/responses",
    "assistant",
    "encoder",
    "models/encoder/card.json",
)
QUIET_RASA = {
    "RASA_TELEMETRY_ENABLED": "false",
    "PYTHONWARNINGS": "ignore",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    # Rasa expands these in endpoints.yml whenever it reads it.
    "ACTIONS_URL": "http://127.0.0.1:8000/internal/actions",
    "INTERNAL_TOKEN": "",
}


def rasa_command(*arguments: str) -> list[str]:
    """Rasa's command line in its own environment."""
    return [str(ROOT / ".venv-assistant" / "bin" / "python"), "-m", "rasa", *arguments]


def fingerprint(inputs: Iterable[str] = _RASA_INPUTS) -> str:
    """SHA-256 over names and contents of all input files."""
    digest = hashlib.sha256()
    for name in inputs:
        path = ROOT / name
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if "__pycache__" in file.parts or not file.is_file():
                continue
            digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def is_rasa_trained() -> bool:
    """Whether the model was made from the inputs as they are now."""
    return MODEL.is_file() and _STAMP.is_file() and json.loads(_STAMP.read_text())["inputs"] == fingerprint()


def train_rasa() -> None:
    """Trains Rasa's model and notes what it was made from."""
    before = fingerprint()
    run_logged(
        "Training the assistant",
        rasa_command("train", "--fixed-model-name", "interlude", "--out", str(MODELS)),
        log=_LOGS / "train-assistant.log",
        env=QUIET_RASA,
    )
    _STAMP.write_text(json.dumps({"inputs": before}) + "\n")


def train_detector() -> None:
    """Trains the detector's classifier; it leaves one that is up to date alone."""
    run_logged("Training the detector", [sys.executable, "-m", "risk", "train"], log=_LOGS / "train-detector.log")


def main() -> None:
    """Trains what is out of date."""
    force = "--force" in sys.argv[1:]
    if force or not is_trained():
        train_detector()
    if force or not is_rasa_trained():
        train_rasa()
    else:
        console.print("* the trained models are up to date", highlight=False)


if __name__ == "__main__":
    main()
