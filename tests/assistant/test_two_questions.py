"""Two questions in one message, run in Rasa's own environment with chances that are made up."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-assistant" / "bin" / "python"
pytestmark = pytest.mark.skipif(not PYTHON.is_file(), reason="the assistant's environment is not there (make run)")

_PROGRAM = """
import json, sys
from rasa.shared.nlu.training_data.message import Message
from assistant.components.clause_splitter import ClauseSplitter
from assistant.components.other_language import OtherLanguage
from assistant.components.two_questions import TwoQuestions

chances = json.loads(sys.argv[1])
component = TwoQuestions(TwoQuestions.get_default_config(), frozenset({"silence", "length", "privacy"}))
found = []
for text, language in json.loads(sys.argv[2]):
    whole = Message(data={"text": text, "metadata": {"language": language}})
    messages = ClauseSplitter().process([whole])
    for message in messages:
        intent, chance = chances.get(message.get("text"), ["out_of_scope", 0.4])
        message.set("intent", {"name": intent, "confidence": chance})
        message.set("intent_ranking", [{"name": intent, "confidence": chance}])
    (after,) = component.process(OtherLanguage().process(messages))
    found.append([entry["name"] for entry in after.get("intent_ranking")])
print(json.dumps(found))
"""
BOTH = "why so quiet today and how long is it"
_CHANCES: dict[str, list[Any]] = {
    "why so quiet today": ["silence", 0.99],
    "how long is it": ["length", 0.99],
    "how long was that": ["length", 0.7],
    "who can read this": ["privacy", 0.99],
    "and still so quiet": ["silence", 0.8],
    BOTH: ["silence", 0.6],
    "tell me again why so quiet today": ["silence", 0.99],
}
_KNOWN = "who can read this and how long is it"


@pytest.fixture(scope="module")
def rankings() -> dict[str, list[str]]:
    asked = [
        (BOTH, None),
        ("why so quiet today and how long was that", None),
        ("why so quiet today but how long is it, who can read this", None),
        ("how long is it", None),
        (_KNOWN, None),
        ("why so quiet today, how long is it", "pl"),
    ]
    arguments = [json.dumps({**_CHANCES, _KNOWN: ["menu", 1.0]}), json.dumps(asked)]
    done = subprocess.run(
        [str(PYTHON), "-W", "ignore", "-c", _PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = json.loads(done.stdout.splitlines()[-1])
    return {
        f"{text} [{language}]" if language else text: one for (text, language), one in zip(asked, answers, strict=True)
    }


@pytest.mark.parametrize(
    ("text", "ranking"),
    [
        (BOTH, ["two_topics", "silence", "length"]),
        # The second is not sure enough: the message stays what it was.
        ("why so quiet today and how long was that", ["out_of_scope"]),
        # Three are offered, not answered.
        ("why so quiet today but how long is it, who can read this", ["unsure", "silence", "length", "privacy"]),
        ("how long is it", ["length"]),
        # A known wording is certain, and another language has no topics.
        (_KNOWN, ["menu"]),
        ("why so quiet today, how long is it [pl]", ["other_language"]),
    ],
)
def test_two_questions_are_found(rankings: dict[str, list[str]], text: str, ranking: list[str]) -> None:
    assert rankings[text][: len(ranking)] == ranking
