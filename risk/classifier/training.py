"""Trains the classifier and writes models/risk. Needs scikit-learn, so it runs in the clinic environment alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence, Tuple

import numpy as np

from risk.classifier.corpus import FOLDER as CORPUS
from risk.classifier.corpus import Labelled, corpus_files, read_corpus
from risk.classifier.features import BUCKETS, hashed_ngrams
from risk.classifier.model import FOLDER, FORMAT, HARMLESS, LABELS, Encoder, load_encoder
from risk.data_file import DataError
from risk.detector import Detector

# Chosen by cross-validation on the training corpus (docs/decisions/0004-the-detector.md). The scale weighs the sentence
# embedding against the n-grams under one common penalty.
EMBEDDING_SCALE = 3.0
PENALTY_C = 6.0
FOLDS = 5
# The share of risky messages that rules and classifier together must find in cross-validation. The threshold is the
# highest that does; missing one person costs more than looking at some messages too many.
RECALL_WANTED = 0.985
THRESHOLD_BOUNDS = (0.2, 0.5)
Report = Callable[[str], None]


def train(*, folder: Path = FOLDER, corpus: Path = CORPUS, report: Report = lambda line: None) -> str:
    """Trains on everything under `corpus` and writes `classifier.npz` and `manifest.json` to `folder`.

    Returns a summary for the terminal. The same data give the same model.

    Raises:
        DataError: a corpus file is wrong, or a category has no message.
        ModelMissing: the sentence encoder is not there.
    """
    files = corpus_files([corpus])
    rows = [row for path in files for row in read_corpus(path)]
    _check_complete(rows, corpus)
    encoder, fingerprint = load_encoder()
    detector = Detector.load(rules_only=True)
    report(f"reading {len(rows)} messages of {len(files)} files")
    texts = [detector.normalise(row.text) for row in rows]
    features = _features(texts, encoder)
    labels = np.array([LABELS.index(row.category or HARMLESS) for row in rows])
    by_rules = np.array([detector.screen(row.text).flagged for row in rows])

    report(f"cross-validating in {FOLDS} folds")
    scores = _out_of_fold_scores(features, labels)
    threshold, measured = choose_threshold(scores, by_rules, labels != LABELS.index(HARMLESS))
    report("fitting on everything")
    weights = _fit(features, labels)
    manifest: Dict[str, Any] = {
        "format": FORMAT,
        "labels": list(LABELS),
        "threshold": threshold,
        # A message that only worries together with those before it: asked for more, because they were screened already.
        "context_threshold": round(0.5 + threshold / 2, 3),
        "encoder": fingerprint,
        "data": data_hash(files, corpus),
        "messages": {label: int(np.sum(labels == index)) for index, label in enumerate(LABELS)},
        "cross_validation": measured,
    }
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "classifier.npz", **weights)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return f"{folder}: {json.dumps(measured)} at threshold {threshold}"


def data_hash(files: Sequence[Path], corpus: Path) -> str:
    """Returns the SHA-256 of the training data, names and contents, in hexadecimal."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(corpus).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def choose_threshold(
    scores: np.ndarray, by_rules: np.ndarray, risky: np.ndarray
) -> Tuple[float, Dict[str, float]]:
    """Returns the highest threshold with the recall wanted, and what was measured with it.

    Args:
        scores: float [n], out-of-fold scores of the classifier.
        by_rules: bool [n], flagged by the rules.
        risky: bool [n], what is true.
    """
    low, high = THRESHOLD_BOUNDS
    steps = [round(float(step), 3) for step in np.arange(high, low - 0.001, -0.01)]

    def recall(threshold: float) -> float:
        return float(np.mean((scores >= threshold)[risky] | by_rules[risky]))

    threshold = next((step for step in steps if recall(step) >= RECALL_WANTED), steps[-1])
    flagged = (scores >= threshold) | by_rules
    measured = {
        "recall": recall(threshold),
        "recall_of_rules": float(np.mean(by_rules[risky])),
        "false_alarms": float(np.mean(flagged[~risky])),
        "false_alarms_of_rules": float(np.mean(by_rules[~risky])),
    }
    return threshold, {name: round(value, 4) for name, value in measured.items()}


def _check_complete(rows: Sequence[Labelled], corpus: Path) -> None:
    present = {row.category or HARMLESS for row in rows}
    for label in LABELS:
        if label not in present:
            name = f"harmless/<kind>.tsv or {HARMLESS}.tsv" if label == HARMLESS else f"{label}.tsv"
            raise DataError(corpus, 1, f"no message is labelled {label}", f"Add {name}")


def _features(texts: Sequence[str], encoder: Encoder) -> Any:
    """Returns a sparse matrix [n, 384 + BUCKETS]: scaled embedding, then n-grams."""
    from scipy import sparse

    embeddings = np.asarray(encoder.encode(texts)) * EMBEDDING_SCALE
    columns: List[np.ndarray] = []
    values: List[np.ndarray] = []
    ends = [0]
    for text in texts:
        one = hashed_ngrams(text)
        columns.append(one.buckets)
        values.append(one.values)
        ends.append(ends[-1] + len(one.buckets))
    ngrams = sparse.csr_matrix(
        (np.concatenate(values), np.concatenate(columns), ends), shape=(len(texts), BUCKETS), dtype=np.float32
    )
    return sparse.hstack([sparse.csr_matrix(embeddings), ngrams], format="csr")


def _model() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=PENALTY_C, max_iter=400)


def _out_of_fold_scores(features: Any, labels: np.ndarray) -> np.ndarray:
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    probabilities = cross_val_predict(_model(), features, labels, cv=folds, method="predict_proba")
    return np.asarray(1.0 - probabilities[:, LABELS.index(HARMLESS)])


def _fit(features: Any, labels: np.ndarray) -> Dict[str, np.ndarray]:
    model = _model().fit(features, labels)
    weights = np.asarray(model.coef_.T, dtype=np.float32)
    dimensions = weights.shape[0] - BUCKETS
    return {
        "embedding": weights[:dimensions] * np.float32(EMBEDDING_SCALE),
        "ngrams": weights[dimensions:].astype(np.float16),
        "bias": np.asarray(model.intercept_, dtype=np.float32),
    }
