"""What the detector is compared with: a list of phrases, and TF-IDF with logistic regression on the same data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from risk.classifier.corpus import Labelled
from risk.classifier.inputs import training_rows

# What a careful person would put on a list, written without looking at any message of ours.
PHRASES = (
    "kill myself", "killing myself", "end my life", "ending my life", "end it all", "take my own life", "suicide",
    "suicidal", "want to die", "wish i was dead", "wish i were dead", "better off dead", "better off without me",
    "no reason to live", "don't want to live", "dont want to live", "don't want to be here", "dont want to be here",
    "can't go on", "cant go on", "overdose", "overdosed", "took all my tablets", "took all my pills", "self harm",
    "self-harm", "cut myself", "cutting myself", "hurt myself", "hurting myself", "harm myself", "hang myself",
    "jump off", "goodbye forever", "no hope", "hopeless", "hearing voices", "voices tell me", "kill him", "kill her",
    "kill them", "hurt my baby", "hits me", "beats me", "hit my child", "raped", "abusing me", "not safe at home",
)  # fmt: skip
_LISTED = re.compile("|".join(re.escape(phrase) for phrase in PHRASES))


@dataclass(frozen=True)
class Flags:
    """Whether each message is flagged, in the order given; the name says by what."""

    name: str
    flagged: list[bool]


def phrase_list(rows: Sequence[Labelled]) -> Flags:
    """Flags a message that holds a phrase of the list."""
    return Flags("a list of phrases", [bool(_LISTED.search(_text(row))) for row in rows])


def tfidf(development: Sequence[Labelled], rows: Sequence[Labelled], *, hard_alarms: float) -> Flags:
    """Flags with words and pairs of words, trained on the detector's corpus.

    Args:
        development: where its threshold is chosen, so that it alarms as often on hard messages as the detector does.
        rows: what it flags.
        hard_alarms: that share.
    """
    training = training_rows()
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    features = vectorizer.fit_transform([_text(row) for row in training])
    model = LogisticRegression(C=10, max_iter=300).fit(features, [row.category is not None for row in training])

    def scores(messages: Sequence[Labelled]) -> np.ndarray:
        return np.asarray(model.predict_proba(vectorizer.transform([_text(row) for row in messages]))[:, 1])

    hard = scores([row for row in development if row.kind == "hard"])
    threshold = float(np.quantile(hard, 1 - hard_alarms))
    return Flags("TF-IDF with logistic regression", [bool(score > threshold) for score in scores(rows)])


def _text(row: Labelled) -> str:
    return row.text.lower().replace("\u2019", "'")
