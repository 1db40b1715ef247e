"""The answers from the leaflet as Rasa says them (data/responses), for whoever says one without being asked."""

from __future__ import annotations

from pathlib import Path

from clinic.content.paths import DATA
from clinic.content.yaml_files import DataFileError, read_yaml
from clinic.conversations.replies import Reply, UnusableReply, reply_from_rasa

RESPONSES = DATA / "responses"


def leaflet_answers(folder: Path = RESPONSES) -> dict[str, Reply]:
    """The first answer to each topic, by the topic's id.

    Raises:
        DataFileError: a file is missing, or holds something that is no answer.
    """
    answers = {}
    for path in sorted(folder.glob("leaflet_*.yml")):
        for name, variants in read_yaml(path)["responses"].items():
            try:
                said = reply_from_rasa(variants[0])
            except UnusableReply as error:
                raise DataFileError(f"{path}: {name}: {error}. Correct it and start again.") from error
            if said.topic is not None and name == f"utter_{said.topic}":
                answers[said.topic] = said
    return answers
