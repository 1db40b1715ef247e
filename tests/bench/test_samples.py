from __future__ import annotations

from pathlib import Path

import yaml

from bench.samples import conversations, known_messages, new_messages, sample_of, write_training_data
from evaluation.training_examples import TrainingExample, training_examples


def example(intent: str, number: int) -> TrainingExample:
    return TrainingExample(f"{intent} {number}", intent, Path("x.yml"), number)


EXAMPLES = [example(intent, number) for intent, many in (("greet", 30), ("thanks", 3)) for number in range(many)]


def test_samples_take_the_same_few_of_every_intent() -> None:
    chosen = sample_of(EXAMPLES, 5)
    assert [e.intent for e in chosen] == ["greet"] * 5 + ["thanks"] * 3
    assert len(set(chosen)) == 8
    assert chosen == sample_of(EXAMPLES, 5)


def test_samples_are_written_in_rasas_format(tmp_path: Path) -> None:
    path = tmp_path / "nlu.yml"
    written = write_training_data(path, per_intent=2)
    content = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
    intents = [entry["intent"] for entry in content]
    assert sorted(set(intents)) == intents == sorted({e.intent for e in training_examples()})
    texts = [line.removeprefix("- ") for entry in content for line in entry["examples"].splitlines()]
    assert len(texts) == written
    assert set(texts) <= {e.text for e in training_examples()}


def test_samples_without_a_limit_hold_everything(tmp_path: Path) -> None:
    path = tmp_path / "nlu.yml"
    assert write_training_data(path, per_intent=None) == len(training_examples())
    content = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
    assert sum(len(entry["examples"].splitlines()) for entry in content) == len(training_examples())


def test_samples_known_messages_are_trained_on_and_new_ones_are_not() -> None:
    trained_on = {e.text for e in training_examples()}
    known, new = known_messages(300, per_intent=10), new_messages(300)
    assert len(known) == len(set(known)) == len(new) == len(set(new)) == 300
    assert set(known) <= trained_on
    assert len(trained_on.intersection(new)) < 15
    assert (known, new) == (known_messages(300, per_intent=10), new_messages(300))


def test_samples_repeat_when_there_are_too_few() -> None:
    assert len(new_messages(3000)) == 3000


def test_samples_are_cut_into_conversations_of_ten() -> None:
    assert [len(c) for c in conversations([str(n) for n in range(25)])] == [10, 10, 5]
