"""What each part of understanding brings, and what more messages would: the tables of docs/measurements.

    python -m evaluation.nlu.experiments [--frozen FOLDER] [--write-docs]

Trains small classifiers on data/nlu and measures them on the development set; takes some minutes. `--frozen` names a
folder with the encoder as published (training/encoder/export.py makes it), to compare with the fine-tuned one. The test
set has no part in this: it would choose for us.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import yaml
from scipy.sparse import csr_matrix, hstack  # type: ignore[import-untyped]
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]
from sklearn.svm import LinearSVC  # type: ignore[import-untyped]

from assistant.wording import plain
from clinic.content.topics import Topics
from encoder import SentenceEncoder
from evaluation.nlu.report import table
from evaluation.nlu.sets import Kind, read_set
from evaluation.training_examples import ROOT, training_examples

DOCS = ROOT / "docs" / "measurements" / "understanding.md"
SHARPNESS, PENALTY_C = 5.5, 0.3
NEIGHBOURS = 20
_TEXT_SPEAK = {
    "u": "you", "ur": "your", "r": "are", "y": "why", "cos": "because", "coz": "because", "pls": "please",
    "plz": "please",
    "thx": "thanks", "rly": "really", "dont": "don't", "cant": "can't", "wont": "won't", "im": "i'm", "ive": "i've",
    "wat": "what", "wot": "what", "wen": "when", "abt": "about", "sumthing": "something", "smth": "something",
    "ppl": "people", "tho": "though", "thru": "through", "gonna": "going to", "wanna": "want to", "2": "to", "4": "for",
}  # fmt: skip


class Experiment:
    """The data once, and the parts that a classifier can be made of."""

    def __init__(self, frozen: Path | None) -> None:
        examples = training_examples()
        topics = frozenset(topic.id for topic in Topics.load())
        development = read_set("development", topics=topics)
        self.texts = [plain(example.text) for example in examples]
        self.labels = np.array([example.intent for example in examples])
        self.asked = [plain(example.text) for example in development]
        self.meant = np.array([example.intent for example in development])
        self.about_topics = np.array([example.kind is Kind.TOPIC for example in development])
        self.outside = np.array([example.kind is Kind.OUT_OF_SCOPE for example in development])
        self.names = sorted(set(self.labels))
        self.tuned = self._embedded(SentenceEncoder.load())
        self.frozen = self._embedded(SentenceEncoder.load(frozen)) if frozen else None

    def _embedded(self, encoder: SentenceEncoder) -> tuple[np.ndarray, np.ndarray]:
        return encoder.encode(self.texts), encoder.encode(self.asked)

    def sparse(self, change: Callable[[str], str] = lambda text: text) -> tuple[csr_matrix, csr_matrix]:
        """n-grams of words and of characters, of texts that were changed first."""
        words = {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"}
        characters = {"analyzer": "char_wb", "ngram_range": (2, 4)}
        train, ask = [], []
        for options in (words, characters):
            vectorizer = TfidfVectorizer(lowercase=False, sublinear_tf=True, min_df=2, dtype=np.float32, **options)
            train.append(vectorizer.fit_transform([change(text) for text in self.texts]))
            ask.append(vectorizer.transform([change(text) for text in self.asked]))
        return hstack(train, format="csr"), hstack(ask, format="csr")

    def chances(self, *parts: tuple[object, object], rows: np.ndarray | None = None) -> np.ndarray:
        """[asked, intents]: a linear classifier on the parts side by side, trained on `rows` (all)."""
        train = hstack([csr_matrix(part) for part, _ in parts], format="csr")
        ask = hstack([csr_matrix(part) for _, part in parts], format="csr")
        chosen = np.arange(len(self.labels)) if rows is None else rows
        model = LinearSVC(C=PENALTY_C, random_state=0).fit(train[chosen], self.labels[chosen])
        scores = model.decision_function(ask) * SHARPNESS
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        full = np.zeros((len(self.asked), len(self.names)))
        full[:, [self.names.index(name) for name in model.classes_]] = chances / chances.sum(axis=1, keepdims=True)
        return full

    def nearest(self) -> np.ndarray:
        """Chances by the training messages that are closest in meaning."""
        train, ask = self.tuned
        places = np.array([self.names.index(label) for label in self.labels])
        similar = ask @ train.T
        nearest = np.argpartition(-similar, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
        chances = np.zeros((len(self.asked), len(self.names)))
        for row, columns in enumerate(nearest):
            np.add.at(chances[row], places[columns], np.exp(15 * similar[row, columns]))
        return np.asarray(chances / chances.sum(axis=1, keepdims=True))

    def leaflet(self) -> np.ndarray:
        """Chances by how close the message is to what is answered: every response of a topic."""
        answers: dict[str, list[str]] = {}
        for path in sorted((ROOT / "data" / "responses").glob("*.yml")):
            responses = yaml.safe_load(path.read_text(encoding="utf-8"))["responses"]
            for variants in responses.values():
                topic = str((variants[0].get("metadata") or {}).get("topic"))
                if topic in self.names:
                    answers.setdefault(topic, []).append(plain(variants[0]["text"]))
        encoder = SentenceEncoder.load()
        chances = np.full((len(self.asked), len(self.names)), 1e-3)
        for topic, texts in answers.items():
            closest = (self.tuned[1] @ encoder.encode(texts).T).max(axis=1)
            chances[:, self.names.index(topic)] = np.exp(10 * closest)
        return np.asarray(chances / chances.sum(axis=1, keepdims=True))

    def measured(self, chances: np.ndarray) -> list[str]:
        """Right first, right among three, out of scope seen as such; for the development set."""
        ranked = np.array(self.names)[np.argsort(-chances, axis=1)]
        first = ranked[:, 0] == self.meant
        three = (ranked[:, :3] == self.meant[:, None]).any(axis=1)
        shares = first[self.about_topics], three[self.about_topics], first[self.outside]
        return [f"{np.mean(share):.3f}" for share in shares]


def spelled_out(text: str) -> str:
    """Text-speak as plain words."""
    return re.sub(r"[\w']+", lambda word: _TEXT_SPEAK.get(word[0], word[0]), text)


def run(frozen: Path | None) -> list[str]:
    """Both tables as lines of Markdown."""
    one = Experiment(frozen)
    sparse = one.sparse()
    both = one.chances(sparse, one.tuned)
    rows: list[Sequence[object]] = [
        ["n-grams of words and characters", *one.measured(one.chances(sparse))],
        ["fine-tuned encoder alone", *one.measured(one.chances(one.tuned))],
        ["nearest training messages alone", *one.measured(one.nearest())],
        ["**n-grams and fine-tuned encoder**", *one.measured(both)],
        ["... and text-speak spelled out", *one.measured(one.chances(one.sparse(spelled_out), one.tuned))],
        ["... mixed with the nearest messages (a quarter)", *one.measured(0.75 * both + 0.25 * one.nearest())],
        ["... mixed with closeness to the answers (a tenth)", *one.measured(0.9 * both + 0.1 * one.leaflet())],
    ]
    if one.frozen:
        rows += [
            ["encoder as published alone", *one.measured(one.chances(one.frozen))],
            ["n-grams and encoder as published", *one.measured(one.chances(sparse, one.frozen))],
            ["n-grams and both encoders", *one.measured(one.chances(sparse, one.frozen, one.tuned))],
        ]
    heads = ["", "right first", "right among three", "out of scope seen"]
    lines = ["## What each part brings", "", *table(heads, rows), "", "## What more messages bring", ""]
    order = np.random.default_rng(0).permutation(len(one.labels))
    curve = []
    for name, share in (("a quarter", 0.25), ("a half", 0.5), ("all", 1.0)):
        chosen = np.sort(order[: int(share * len(order))])
        curve.append([name, len(chosen), *one.measured(one.chances(sparse, one.tuned, rows=chosen))])
        if one.frozen:
            curve[-1] += one.measured(one.chances(sparse, one.frozen, rows=chosen))
    more = [f"{head}, encoder as published" for head in heads[1:]] if one.frozen else []
    return [*lines, *table(["messages", "", *heads[1:], *more], curve)]


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.nlu.experiments")
    parser.add_argument("--frozen", type=Path, help="folder of the encoder as published")
    parser.add_argument("--write-docs", action="store_true", help=f"also write {DOCS.relative_to(ROOT)}")
    options = parser.parse_args()
    lines = run(options.frozen)
    sys.stdout.write("\n".join(lines) + "\n")
    if options.write_docs:
        DOCS.write_text("\n".join(["# Understanding: what was tried", "", _ABOUT, "", *lines]) + "\n", encoding="utf-8")
    return 0


_ABOUT = """\
Made by `python -m evaluation.nlu.experiments --write-docs`. Measured on the development set, on which nothing was
trained; each row is a linear classifier (LinearSVC) trained on all of data/nlu. The encoder was fine-tuned on all of
it: what fewer messages would have made of it is not in the second table."""

if __name__ == "__main__":
    sys.exit(main())
