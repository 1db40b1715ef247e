"""Rasa's default pipeline trained on all our data, by `python -m bench --examples all`: more than an hour's work."""

from __future__ import annotations

import json
from pathlib import Path

from scripts.train import MODELS, fingerprint

FOLDER = MODELS / "bench"
ON_ALL_DATA = FOLDER / "default-all.tar.gz"
# What its understanding depends on. Answers' texts do not belong here: they change often and train nothing.
INPUTS = ("bench/default_config.yml", "domain.yml", "data/nlu", "data/rules", "data/stories")


def model_on_all_data() -> Path | None:
    """The model, if there is one and it was made from the data as they are now."""
    card = ON_ALL_DATA.with_name("default-all.json")
    if not (ON_ALL_DATA.is_file() and card.is_file()):
        return None
    return ON_ALL_DATA if json.loads(card.read_text())["inputs"] == fingerprint(INPUTS) else None
