"""The classifier computes the same everywhere, from plain arrays, and its training chooses on the safe side."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from risk.classifier import training
from risk.classifier.features import BUCKETS, hashed_ngrams
from risk.classifier.inputs import OF_RULES, is_trained, training_rows
from risk.classifier.model import COLUMNS, FOLDER, LABELS, MOST_WINDOWS, Classifier, ModelMissing
from risk.language.windows import END, LENGTH, WHOLE, windows
from risk.rules.check import RuleChecker


class CountingEncoder:
    """Stands for the sentence encoder: a text's embedding depends on its letters alone."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += texts
        rows = np.array([[text.count(letter) for letter in "abcdefgh"] for text in texts], dtype=np.float32)
        return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1))


GOLDEN_BUCKETS = [238, 1230, 2397, 2615]
GOLDEN_SUM = 6.363962
MANIFEST = {"threshold": 0.3, "agreement_threshold": 0.1, "context_threshold": 0.6, "urgent_threshold": 0.3}


def test_features_are_the_same_on_every_machine() -> None:
    features = hashed_ngrams("i want to die")
    assert features.buckets[:4].tolist() == GOLDEN_BUCKETS
    assert float(features.values.sum()) == pytest.approx(GOLDEN_SUM, abs=1e-5)


def test_features_are_a_unit_of_characters_and_of_words() -> None:
    features = hashed_ngrams("she never answers my questions")
    assert np.all(np.diff(features.buckets) > 0)
    assert features.buckets.max() < BUCKETS
    assert float(np.linalg.norm(features.values)) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("text", ["", "a", "?"])
def test_features_take_the_shortest_text(text: str) -> None:
    assert np.isfinite(hashed_ngrams(text).values).all()


def test_classifier_computes_what_scikit_learn_trained() -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(["tea", "bus", "die", "end", "cat", "sea"], 5)) for _ in range(240)]
    labels = np.arange(240) % len(LABELS)
    features = training._features(texts, CountingEncoder())
    now = np.arange(240) % 5 == 0
    weights = training._fit(features, labels, now)
    trained = training._model().fit(features, labels)
    classifier = Classifier(CountingEncoder(), weights, MANIFEST)
    for index in range(0, 240, 17):
        expected = 1 - trained.predict_proba(features[index])[0, -1]
        assert classifier.opinion([texts[index]]).score == pytest.approx(expected, abs=0.01)


def test_classifier_encodes_few_windows_of_a_long_message_and_always_its_two_ends() -> None:
    encoder = CountingEncoder()
    weights = {
        "embedding": np.zeros((8, COLUMNS)),
        "ngrams": np.zeros((BUCKETS, COLUMNS)),
        "bias": np.zeros(COLUMNS),
    }
    texts = [f"window {index}" for index in range(40)]
    Classifier(encoder, weights, MANIFEST).opinion(texts)
    assert len(encoder.texts) <= MOST_WINDOWS
    assert (encoder.texts[0], encoder.texts[-1]) == ("window 0", "window 39")


@pytest.mark.parametrize(("words", "count"), [(1, 1), (END, 1), (END + 1, 2), (WHOLE, 2), (WHOLE + 1, 4), (800, 29)])
def test_windows_cover_a_message_and_end_with_its_end(words: int, count: int) -> None:
    text = " ".join(str(number) for number in range(words))
    found = windows(text)
    assert len(found) == count
    assert {word for window in found for word in window.split()} == set(text.split())
    assert found[-1].split()[-1] == text.split()[-1]
    assert words <= WHOLE or all(len(window.split()) <= LENGTH for window in found)
    assert words <= WHOLE or found[0].split() == text.split()[:END]


# --- the trained model -----------------------------------------------------------------------------------------------


def test_model_is_small_and_plain() -> None:
    assert (FOLDER / "classifier.npz").stat().st_size < 5_000_000
    with np.load(FOLDER / "classifier.npz", allow_pickle=False) as arrays:
        assert {name: arrays[name].shape[-1] for name in arrays.files} == dict.fromkeys(
            ("embedding", "ngrams", "bias"), COLUMNS
        )


def test_model_belongs_to_its_inputs() -> None:
    assert is_trained(), "data, rules or word lists changed since training: run `make train`"


def test_model_is_not_taken_for_trained_when_it_is_not_there(tmp_path: Path) -> None:
    assert not is_trained(tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"format": 0}, "another version of the detector"),
        ({"labels": ["harmless"]}, "another version of the detector"),
        ({"encoder": "0000"}, "another sentence encoder"),
    ],
)
def test_model_that_does_not_belong_is_refused(tmp_path: Path, change: dict[str, object], says: str) -> None:
    shutil.copytree(FOLDER, tmp_path / "risk")
    manifest = json.loads((FOLDER / "manifest.json").read_text())
    (tmp_path / "risk" / "manifest.json").write_text(json.dumps({**manifest, **change}))
    with pytest.raises(ModelMissing, match=rf"{says}\. Run `make train`"):
        Classifier.load(tmp_path / "risk")


@pytest.mark.parametrize("kept", [0, 100, 10_000])
def test_model_that_is_cut_off_is_refused(tmp_path: Path, kept: int) -> None:
    shutil.copytree(FOLDER, tmp_path / "risk")
    whole = (FOLDER / "classifier.npz").read_bytes()
    (tmp_path / "risk" / "classifier.npz").write_bytes(whole[:kept])
    with pytest.raises(ModelMissing, match="cannot be read"):
        Classifier.load(tmp_path / "risk")


# --- training --------------------------------------------------------------------------------------------------------


def test_training_learns_from_the_rules_examples_too(checker: RuleChecker) -> None:
    rows = [row for row in training_rows() if row.style == OF_RULES]
    examples = sum(len(rule.examples) for rule in checker.rulebook.rules)
    assert sum(row.category is not None for row in rows) == examples
    assert all(not checker.flags(row.text) for row in rows if row.category is None)


def judged(
    scores: np.ndarray, *, alone: np.ndarray | None = None, by_rules: np.ndarray | None = None
) -> training.Judged:
    """A hundred risky messages, a hundred that look like it, a hundred of plain talk, in this order."""
    nothing = np.zeros(300, dtype=bool)
    place = np.arange(300)
    return training.Judged(
        scores=scores,
        alone=nothing if alone is None else alone,
        by_rules=nothing if by_rules is None else by_rules,
        risky=place < 100,
        hard=(place >= 100) & (place < 200),
        everyday=place >= 200,
    )


def test_training_goes_as_low_as_false_alarms_allow() -> None:
    one = judged(np.concatenate([np.linspace(0.3, 0.9, 100), np.linspace(0.0, 0.99, 100), np.zeros(100)]))
    threshold = training.choose_threshold(one)
    assert one.measured(threshold)["false_alarms_hard"] <= training.MOST_HARD_ALARMS
    assert one.measured(threshold - 0.01)["false_alarms_hard"] > training.MOST_HARD_ALARMS


def test_training_spares_everyday_talk_first() -> None:
    one = judged(np.concatenate([np.full(100, 0.9), np.zeros(100), np.linspace(0.0, 0.8, 100)]))
    threshold = training.choose_threshold(one)
    assert one.measured(threshold)["false_alarms_everyday"] <= training.MOST_EVERYDAY_ALARMS


def test_training_counts_rules_that_stand_alone_and_others_unless_clearly_harmless() -> None:
    risky = np.arange(300) < 100
    scores = np.where(np.arange(300) < 50, 0.3, 0.0)
    alone, others = judged(scores, alone=risky), judged(scores, by_rules=risky)
    assert alone.measured(0.9)["recall"] == 1
    assert others.measured(0.9)["recall"] == 0.5
