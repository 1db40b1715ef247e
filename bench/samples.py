"""The training data that both pipelines get, and the messages that both are asked."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import cycle, groupby, islice
from pathlib import Path

from clinic.content.topics import Topics
from evaluation.nlu.sets import read_set
from evaluation.training_examples import TrainingExample, training_examples

_SEED = 20261122
# A turn of the questionnaire needs the clinic's database; the two pipelines are compared without it.
_ABOUT_QUESTIONNAIRES = frozenset({"start_questionnaire", "stop_questionnaire", "explain_item", "go_back"})
TURNS_IN_A_CONVERSATION = 10


def sample_of(examples: Sequence[TrainingExample], per_intent: int) -> list[TrainingExample]:
    """At most `per_intent` messages of every intent; the same ones as long as the data are the same."""
    by_intent: dict[str, list[TrainingExample]] = defaultdict(list)
    for example in examples:
        by_intent[example.intent].append(example)
    chosen: list[TrainingExample] = []
    for intent in sorted(by_intent):
        own = by_intent[intent]
        chosen += own if len(own) <= per_intent else random.Random(f"{_SEED}{intent}").sample(own, per_intent)
    return chosen


def write_training_data(path: Path, *, per_intent: int | None) -> int:
    """Writes a file in Rasa's format and returns how many messages are in it; all of them where there is no limit."""
    examples = training_examples()
    chosen = examples if per_intent is None else sample_of(examples, per_intent)
    lines = ['version: "3.1"', "nlu:"]
    for intent, own in groupby(sorted(chosen, key=_intent), key=_intent):
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {example.text}" for example in own)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(chosen)


def new_messages(turns: int) -> list[str]:
    """So many messages of the development set, topics and others mixed; repeated when there are too few."""
    topics = frozenset(topic.id for topic in Topics.load())
    return _mixed(
        [e.text for e in read_set("development", topics=topics) if e.intent not in _ABOUT_QUESTIONNAIRES], turns
    )


def known_messages(turns: int, *, per_intent: int) -> list[str]:
    """So many of the messages that both pipelines were trained on.

    Both give the same answer to these, with the same actions. With others, the time of a turn would mostly tell which
    of the two is unsure more often, because a fallback costs a call of the action server.
    """
    sample = sample_of(training_examples(), per_intent)
    return _mixed([e.text for e in sample if e.intent not in _ABOUT_QUESTIONNAIRES], turns)


def conversations(texts: Sequence[str]) -> Iterator[list[str]]:
    """The messages, cut into conversations."""
    for start in range(0, len(texts), TURNS_IN_A_CONVERSATION):
        yield list(texts[start : start + TURNS_IN_A_CONVERSATION])


def _mixed(texts: list[str], turns: int) -> list[str]:
    random.Random(_SEED).shuffle(texts)
    return list(islice(cycle(texts), turns))


def _intent(example: TrainingExample) -> str:
    return example.intent
