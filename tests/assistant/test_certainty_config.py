"""What config.yml says about being sure fits the intents that there are."""

from __future__ import annotations

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def test_certainty_dialogue_names_every_intent_about_the_conversation_itself() -> None:
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text())["pipeline"]
    (certainty,) = (part for part in pipeline if part["name"].endswith(".Certainty"))
    files = sorted((ROOT / "data" / "nlu" / "dialogue").glob("*.yml"))
    trained = {entry["intent"] for file in files for entry in yaml.safe_load(file.read_text())["nlu"]}
    assert set(certainty["dialogue"]) == trained | {"safe_now"}
