"""Training both pipelines on the same data, and keeping what was trained until its inputs change."""

from __future__ import annotations

import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.processes import LOGS
from bench.samples import write_training_data
from clinic.clock import now
from evaluation.nlu import default_pipeline
from evaluation.nlu.understanding import python_path
from scripts.progress import run_logged
from scripts.train import QUIET_RASA, ROOT, fingerprint, rasa_command

FOLDER = default_pipeline.FOLDER
_OTHER_DATA = ("data/rules", "data/stories", "data/responses")


@dataclass(frozen=True)
class Pipeline:
    """A configuration, and the files that its training depends on."""

    name: str
    title: str
    config: str
    inputs: tuple[str, ...]


OURS = Pipeline(
    "interlude",
    "this assistant",
    "config.yml",
    ("config.yml", "domain.yml", "data/nlu", "data/rules", "data/stories", "assistant", "encoder", "models/encoder"),
)
DEFAULT = Pipeline("default", "Rasa's default pipeline", "bench/default_config.yml", default_pipeline.INPUTS)


@dataclass(frozen=True)
class Trained:
    """A trained model and how long that took. `cores` and `trained_at` say on what and when.

    `has_stories`: whether there were stories for its policies to learn from.
    """

    path: Path
    examples: int
    seconds: float
    trained_at: str
    cores: int
    has_stories: bool


def cached(pipeline: Pipeline, per_intent: int | None) -> Trained | None:
    """The model on so many examples an intent (None: all), if it was trained from the inputs as they are now."""
    path, card = _paths(pipeline, per_intent)
    if not (path.is_file() and card.is_file()):
        return None
    stored = json.loads(card.read_text())
    if stored.pop("inputs") != fingerprint(pipeline.inputs):
        return None
    return Trained(path=path, **stored)


def trained(pipeline: Pipeline, per_intent: int | None, *, again: bool = False) -> Trained:
    """The model, trained now unless it is there already.

    Raises:
        SystemExit: training failed; the end of its output has been shown.
    """
    return (None if again else cached(pipeline, per_intent)) or _train(pipeline, per_intent)


def _train(pipeline: Pipeline, per_intent: int | None) -> Trained:
    path, card = _paths(pipeline, per_intent)
    before = fingerprint(pipeline.inputs)
    has_stories = any((ROOT / "data" / "stories").rglob("*.yml"))
    with tempfile.TemporaryDirectory() as scratch:
        nlu = Path(scratch) / "nlu.yml"
        examples = write_training_data(nlu, per_intent=per_intent)
        data = [str(nlu), *(str(ROOT / name) for name in _OTHER_DATA if (ROOT / name).is_dir())]
        command = rasa_command(
            "train",
            # From the beginning: what Rasa remembers of an earlier training would make the time untrue.
            "--force",
            *("--config", str(ROOT / pipeline.config), "--domain", str(ROOT / "domain.yml"), "--data", *data),
            *("--out", str(FOLDER), "--fixed-model-name", path.name.removesuffix(".tar.gz")),
        )
        env = {**QUIET_RASA, "PYTHONPATH": python_path(), "RASA_CACHE_DIRECTORY": str(Path(scratch) / "cache")}
        title = f"Training {pipeline.title} on {examples} examples"
        started = time.perf_counter()
        run_logged(title, command, log=LOGS / f"bench-train-{pipeline.name}.log", env=env)
        seconds = time.perf_counter() - started
    trained = Trained(path, examples, seconds, now().date().isoformat(), os.cpu_count() or 1, has_stories)
    details = {name: value for name, value in asdict(trained).items() if name != "path"}
    card.write_text(json.dumps({"inputs": before, **details}) + "\n")
    return trained


def _paths(pipeline: Pipeline, per_intent: int | None) -> tuple[Path, Path]:
    name = f"{pipeline.name}-{'all' if per_intent is None else per_intent}"
    return FOLDER / f"{name}.tar.gz", FOLDER / f"{name}.json"
