"""Trains the classifier and writes models/risk. Needs scikit-learn, so it runs in the clinic environment alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence, Tuple

import numpy as np

from risk.classifier.corpus import FOLDER as CORPUS
from risk.classifier.features import BUCKETS, hashed_ngrams
from risk.classifier.inputs import OF_RULES, inputs_hash, training_rows
from risk.classifier.model import FOLDER, FORMAT, HARMLESS, LABELS, Encoder, load_encoder
from risk.data_file import DataError
from risk.detector import Detector
from risk.language.windows import windows

# Chosen by cross-validation on the training corpus, see docs/decisions/0004-the-detector.md. The scales weigh sentence
# embedding and n-grams against each other under one common penalty.
EMBEDDING_SCALE = 2.0
NGRAM_SCALE = 3.0
PENALTY_C = 3.0
FOLDS = 3
# Cross-validation looks for the highest threshold at which rules and classifier find this share of risky messages, and
# stops where they would alarm at more than that share of the harmless, a fifth of which were written to look like risk.
RECALL_WANTED = 0.95
MOST_FALSE_ALARMS = 0.12
# Of "risky" times "now, if risky". Cross-validated: finds four in five of the flagged messages that are labelled "now",
# and calls one in four of those labelled "today" sooner than asked.
URGENT_THRESHOLD = 0.2
# The classifier always speaks up above, and never below.
THRESHOLD_BOUNDS = (0.15, 0.6)
Report = Callable[[str], None]


@dataclass(frozen=True)
class _Windows:
    """Features of every window of every message; `rows[k]` is the message of window k, `first[i]` message i's first."""

    features: Any
    rows: np.ndarray
    first: np.ndarray


def train(*, folder: Path = FOLDER, corpus: Path = CORPUS, report: Report = lambda line: None) -> str:
    """Trains on everything under `corpus` and on the rules' examples; writes `classifier.npz` and `manifest.json`.

    Returns a summary for the terminal. The same inputs give the same model.

    Raises:
        DataError: a file is wrong, or a category has no message.
        ModelMissing: the sentence encoder is not there.
    """
    made_from = inputs_hash(corpus)
    rows = training_rows(corpus)
    labels = np.array([LABELS.index(row.category or HARMLESS) for row in rows])
    _check_complete(labels, corpus)
    encoder, fingerprint = load_encoder()
    detector = Detector.load(rules_only=True)
    report(f"reading {len(rows)} messages")
    data = _window_features([detector.normalise(row.text) for row in rows], encoder)
    by_rules = np.array([detector.screen(row.text).flagged for row in rows])

    report(f"cross-validating in {FOLDS} folds")
    scores = _out_of_fold_scores(data, labels)
    # What the rules were written with says nothing about what they find.
    real = np.array([row.style != OF_RULES for row in rows])
    threshold, measured = choose_threshold(scores[real], by_rules[real], labels[real] != LABELS.index(HARMLESS))
    flagged = (scores >= threshold) | by_rules
    kinds = np.array([row.kind for row in rows])
    report("fitting on everything")
    now = np.array([row.respond == "now" for row in rows])
    weights = _fit(data.features[data.first], labels, now)
    manifest: Dict[str, Any] = {
        "format": FORMAT,
        "labels": list(LABELS),
        "threshold": threshold,
        # Messages that worry only when read together were screened one by one before: asked for more.
        "context_threshold": round((1 + threshold) / 2, 3),
        "urgent_threshold": URGENT_THRESHOLD,
        "encoder": fingerprint,
        "inputs": made_from,
        "messages": {label: int(np.sum(labels == index)) for index, label in enumerate(LABELS)},
        "cross_validation": measured,
        # Recall where the kind is a category, false alarms where it is a kind of harmless message.
        "flagged_in_cross_validation": {
            str(kind): round(float(np.mean(flagged[real & (kinds == kind)])), 3) for kind in np.unique(kinds[real])
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "classifier.npz", **weights)  # type: ignore[arg-type]
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return f"{folder}: {json.dumps(measured)} at threshold {threshold}"


def choose_threshold(scores: np.ndarray, by_rules: np.ndarray, risky: np.ndarray) -> Tuple[float, Dict[str, float]]:
    """Returns the threshold, and what rules and classifier together do with it.

    Args:
        scores: float [n], out-of-fold scores of the classifier.
        by_rules: bool [n], flagged by the rules.
        risky: bool [n], what is true.
    """
    low, high = THRESHOLD_BOUNDS
    steps = [round(float(step), 2) for step in np.arange(high, low - 0.001, -0.01)]

    def flagged(threshold: float) -> np.ndarray:
        return np.asarray((scores >= threshold) | by_rules)

    threshold = steps[0]
    for step in steps[1:]:
        enough = np.mean(flagged(threshold)[risky]) >= RECALL_WANTED
        if enough or np.mean(flagged(step)[~risky]) > MOST_FALSE_ALARMS:
            break
        threshold = step
    measured = {
        "recall": np.mean(flagged(threshold)[risky]),
        "recall_of_rules": np.mean(by_rules[risky]),
        "false_alarms": np.mean(flagged(threshold)[~risky]),
        "false_alarms_of_rules": np.mean(by_rules[~risky]),
    }
    return threshold, {name: round(float(value), 4) for name, value in measured.items()}


def _check_complete(labels: np.ndarray, corpus: Path) -> None:
    for index, label in enumerate(LABELS):
        if np.sum(labels == index) < FOLDS:
            name = "harmless/<kind>.tsv" if label == HARMLESS else f"{label}.tsv"
            raise DataError(corpus, 1, f"fewer than {FOLDS} messages are {label}", f"Add some to {name}")


def _window_features(texts: Sequence[str], encoder: Encoder) -> _Windows:
    from scipy import sparse  # type: ignore[import-untyped]

    pieces: List[str] = []
    rows: List[int] = []
    first: List[int] = []
    for index, text in enumerate(texts):
        first.append(len(pieces))
        # The whole message first, whatever its length: that is what carries the label.
        own = list(dict.fromkeys([text, *windows(text)]))
        pieces += own
        rows += [index] * len(own)
    embeddings = np.asarray(encoder.encode(pieces)) * EMBEDDING_SCALE
    ngrams = [hashed_ngrams(piece) for piece in pieces]
    matrix = sparse.csr_matrix(
        (
            np.concatenate([one.values for one in ngrams]) * NGRAM_SCALE,
            np.concatenate([one.buckets for one in ngrams]),
            np.cumsum([0, *(len(one.buckets) for one in ngrams)]),
        ),
        shape=(len(pieces), BUCKETS),
        dtype=np.float32,
    )
    features = sparse.hstack([sparse.csr_matrix(embeddings), matrix], format="csr")
    return _Windows(features, np.array(rows), np.array(first))


def _model() -> Any:
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    return LogisticRegression(C=PENALTY_C, max_iter=400)


def _out_of_fold_scores(data: _Windows, labels: np.ndarray) -> np.ndarray:
    """Returns float [messages]: each message's most worrying window, scored by a model that never saw the message."""
    from sklearn.model_selection import StratifiedKFold  # type: ignore[import-untyped]

    scores = np.zeros(len(labels))
    for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(labels, labels):
        model = _model().fit(data.features[data.first[seen]], labels[seen])
        chosen = np.flatnonzero(np.isin(data.rows, unseen))
        harmless = model.predict_proba(data.features[chosen])[:, LABELS.index(HARMLESS)]
        np.maximum.at(scores, data.rows[chosen], 1.0 - harmless)
    return scores


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
