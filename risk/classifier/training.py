"""Trains the classifier and writes models/risk. Needs scikit-learn, so it runs in the clinic environment alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence, Tuple

import numpy as np

from risk.classifier.corpus import FOLDER as CORPUS
from risk.classifier.corpus import corpus_files, read_corpus
from risk.classifier.features import BUCKETS, hashed_ngrams
from risk.classifier.inputs import DEVELOPMENT, inputs_hash, training_rows
from risk.classifier.model import FOLDER, FORMAT, HARMLESS, LABELS, Classifier, Encoder, load_encoder
from risk.data_file import DataError
from risk.detector import Detector
from risk.language.windows import windows

# See docs/decisions/0004-the-detector.md. The scales weigh sentence
# embedding and n-grams against each other under one common penalty.
EMBEDDING_SCALE = 4.0
NGRAM_SCALE = 1.0
PENALTY_C = 0.1
FEWEST_MESSAGES = 3
# The operating point is chosen on the development set (docs/decisions/0004-the-detector.md): the lowest thresholds that
# alarm at no more than these shares of its messages written to look like risk, and of its everyday ones.
MOST_HARD_ALARMS = 0.20
MOST_EVERYDAY_ALARMS = 0.03
# Of "risky" times "now, if risky". Cross-validated: finds four in five of the flagged messages that are labelled "now",
# and calls one in four of those labelled "today" sooner than asked.
URGENT_THRESHOLD = 0.2
# The classifier always speaks up above, and never below.
THRESHOLD_BOUNDS = (0.05, 0.9)
# A rule that does not stand alone counts from this share of the threshold on.
AGREEMENT = 0.2
HARD, EVERYDAY = "hard", "everyday"
_NOTHING_YET = {"threshold": 1.0, "agreement_threshold": 1.0, "context_threshold": 1.0, "urgent_threshold": 1.0}
Report = Callable[[str], None]


@dataclass(frozen=True)
class Judged:
    """What is known of the development set's messages, one place each.

    Attributes:
        scores: float, the classifier's, of the most worrying window.
        alone: bool, a rule that stands alone matches.
        by_rules: bool, any rule matches.
        risky, hard, everyday: bool, what the message is: risky; harmless, but written to look like risk; plain talk.
    """

    scores: np.ndarray
    alone: np.ndarray
    by_rules: np.ndarray
    risky: np.ndarray
    hard: np.ndarray
    everyday: np.ndarray

    def flagged(self, threshold: float) -> np.ndarray:
        """Returns bool: what rules and classifier flag together at this threshold."""
        agreed = self.by_rules & (self.scores >= agreement_threshold(threshold))
        return np.asarray((self.scores >= threshold) | self.alone | agreed)

    def measured(self, threshold: float) -> Dict[str, float]:
        """Returns recall and false alarms as shares of 1."""
        flagged = self.flagged(threshold)
        shares = {
            "recall": flagged[self.risky],
            "recall_of_rules": self.by_rules[self.risky],
            "false_alarms_hard": flagged[self.hard],
            "false_alarms_everyday": flagged[self.everyday],
        }
        return {name: round(float(np.mean(values)), 4) if len(values) else 0.0 for name, values in shares.items()}


def agreement_threshold(threshold: float) -> float:
    """Returns the score from which on a rule counts that does not stand alone."""
    return round(threshold * AGREEMENT, 4)


def train(
    *,
    folder: Path = FOLDER,
    corpus: Path = CORPUS,
    development: Path = DEVELOPMENT,
    report: Report = lambda line: None,
) -> str:
    """Trains on everything under `corpus` and on the rules' examples; writes `classifier.npz` and `manifest.json`.

    The threshold is chosen on `development`, which nothing is trained on: the encoder was fine-tuned on the corpus, so
    that cross-validation would flatter. Returns a summary for the terminal. The same inputs give the same model.

    Raises:
        DataError: a file is wrong, or a category has no message.
        ModelMissing: the sentence encoder is not there.
    """
    made_from = inputs_hash(corpus, development)
    rows = training_rows(corpus)
    labels = np.array([LABELS.index(row.category or HARMLESS) for row in rows])
    _check_complete(labels, corpus)
    encoder, fingerprint = load_encoder()
    detector = Detector.load(rules_only=True)
    report(f"reading {len(rows)} messages")
    pieces, of_row = _pieces([detector.normalise(row.text) for row in rows], labels)
    features = _features(pieces, encoder)
    report("fitting")
    now = np.array([row.respond == "now" for row in rows])
    weights = _fit(features, labels[of_row], now[of_row])
    report("choosing the threshold on the development set")
    judged = judge_development(detector, Classifier(encoder, weights, _NOTHING_YET), development)
    threshold = choose_threshold(judged)
    manifest: Dict[str, Any] = {
        "format": FORMAT,
        "labels": list(LABELS),
        "threshold": threshold,
        "agreement_threshold": agreement_threshold(threshold),
        # Messages that worry only when read together were screened one by one before: asked for more.
        "context_threshold": round((1 + threshold) / 2, 3),
        "urgent_threshold": URGENT_THRESHOLD,
        "encoder": fingerprint,
        "inputs": made_from,
        "messages": {label: int(np.sum(labels == index)) for index, label in enumerate(LABELS)},
        "development": judged.measured(threshold),
    }
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "classifier.npz", **weights)  # type: ignore[arg-type]
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return f"{folder}: {json.dumps(manifest['development'])} on the development set at threshold {threshold}"


def judge_development(detector: Detector, classifier: Classifier, development: Path) -> Judged:
    """Reads the development set as the detector would, threshold apart."""
    rows = [row for path in corpus_files([development]) for row in read_corpus(path)]
    opinions = [classifier.opinion(detector.windows(row.text)) for row in rows]
    matches = [detector.rule_matches(row.text) for row in rows]
    return Judged(
        scores=np.array([opinion.score for opinion in opinions]),
        alone=np.array([alone for alone, _ in matches]),
        by_rules=np.array([found for _, found in matches]),
        risky=np.array([row.category is not None for row in rows]),
        hard=np.array([row.kind == HARD for row in rows]),
        everyday=np.array([row.kind == EVERYDAY for row in rows]),
    )


def choose_threshold(judged: Judged) -> float:
    """Returns the lowest threshold with no more false alarms than MOST_HARD_ALARMS and MOST_EVERYDAY_ALARMS."""
    low, high = THRESHOLD_BOUNDS
    chosen = high
    for step in np.arange(high, low - 0.001, -0.01):
        threshold = round(float(step), 2)
        measured = judged.measured(threshold)
        if measured["false_alarms_hard"] > MOST_HARD_ALARMS or measured["false_alarms_everyday"] > MOST_EVERYDAY_ALARMS:
            break
        chosen = threshold
    return chosen


def _check_complete(labels: np.ndarray, corpus: Path) -> None:
    for index, label in enumerate(LABELS):
        if np.sum(labels == index) < FEWEST_MESSAGES:
            name = "harmless/<kind>.tsv" if label == HARMLESS else f"{label}.tsv"
            raise DataError(corpus, 1, f"fewer than {FEWEST_MESSAGES} messages are {label}", f"Add some to {name}")


def _pieces(texts: Sequence[str], labels: np.ndarray) -> Tuple[List[str], np.ndarray]:
    """Returns what is learnt from, and of which message each piece is.

    The whole of every message, which is what carries the label; of a long harmless one also the windows that it is
    screened in, because no part of it is risky. Which part of a long risky one is, nobody wrote down.
    """
    pieces, of_row = list(texts), list(range(len(texts)))
    for row, text in enumerate(texts):
        if LABELS[labels[row]] == HARMLESS:
            own = [window for window in windows(text) if window != text]
            pieces += own
            of_row += [row] * len(own)
    return pieces, np.array(of_row)


def _features(texts: Sequence[str], encoder: Encoder) -> Any:
    """Returns a sparse matrix, a row a message: the whole of it, which is what carries the label."""
    from scipy import sparse  # type: ignore[import-untyped]

    embeddings = np.asarray(encoder.encode(texts)) * EMBEDDING_SCALE
    ngrams = [hashed_ngrams(text) for text in texts]
    matrix = sparse.csr_matrix(
        (
            np.concatenate([one.values for one in ngrams]) * NGRAM_SCALE,
            np.concatenate([one.buckets for one in ngrams]),
            np.cumsum([0, *(len(one.buckets) for one in ngrams)]),
        ),
        shape=(len(texts), BUCKETS),
        dtype=np.float32,
    )
    return sparse.hstack([sparse.csr_matrix(embeddings), matrix], format="csr")


def _model() -> Any:
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    return LogisticRegression(C=PENALTY_C, max_iter=400)


def _fit(features: Any, labels: np.ndarray, now: np.ndarray) -> Dict[str, np.ndarray]:
    """Returns the weights: a column for each label, and one, learnt from risky messages alone, for "look now"."""
    by_label = _model().fit(features, labels)
    risky = np.flatnonzero(labels != LABELS.index(HARMLESS))
    by_speed = _model().fit(features[risky], now[risky])
    weights = np.vstack([by_label.coef_, by_speed.coef_]).T.astype(np.float32)
    dimensions = weights.shape[0] - BUCKETS
    return {
        "embedding": weights[:dimensions] * np.float32(EMBEDDING_SCALE),
        "ngrams": (weights[dimensions:] * np.float32(NGRAM_SCALE)).astype(np.float16),
        "bias": np.concatenate([by_label.intercept_, by_speed.intercept_]).astype(np.float32),
    }
