"""Which topic or intent a message is about: n-grams and the sentence embedding into a linear classifier."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from assistant.components.sentence_features import SentenceFeatures
from assistant.wording import plain

_VECTORIZERS: dict[str, dict[str, Any]] = {
    "words": {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"},
    "characters": {"analyzer": "char_wb", "ngram_range": (2, 4)},
}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(GraphComponent, IntentClassifier):
    """Ranks the intents of a message. What it stores is neutral: an array file and JSON, no pickle."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._vectorizers: dict[str, TfidfVectorizer] = {}
        self._labels: list[str] = []
        self._weights = np.empty((0, 0), dtype=np.float32)
        self._bias = np.empty(0, dtype=np.float32)

    @classmethod
    def required_components(cls) -> list[type]:
        return [SentenceFeatures]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            # Inverse strength of regularisation.
            "C": 0.3,
            # How much the embedding counts beside the two n-gram blocks (each of length 1).
            "embedding_weight": 1.0,
            # n-grams seen in fewer messages than this are left out.
            "min_df": 2,
            # Margins times this, through a softmax, are the chances: set where they are best calibrated on the
            # development set (evaluation/).
            "sharpness": 4.0,
            # How many of the ranked intents travel with the message.
            "ranking_length": 10,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TopicClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        texts = [plain(e.get(TEXT)) for e in examples]
        for name, options in _VECTORIZERS.items():
            self._vectorizers[name] = _vectorizer(options, min_df=self._config["min_df"]).fit(texts)
        # One against the rest: as good as multinomial logistic regression here and trained in a tenth of the time.
        model = LinearSVC(C=self._config["C"], random_state=0)
        model.fit(self._features(examples), [e.get(INTENT) for e in examples])
        self._labels = [str(label) for label in model.classes_]
        self._weights = (model.coef_.T * self._config["sharpness"]).astype(np.float32)
        self._bias = (model.intercept_ * self._config["sharpness"]).astype(np.float32)
        self._persist()
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        if not messages:
            return messages
        scores = self._features(messages) @ self._weights + self._bias
        for message, row in zip(messages, scores, strict=True):
            self._rank(message, row)
        return messages

    def _rank(self, message: Message, scores: np.ndarray) -> None:
        chances = np.exp(scores - scores.max())
        chances /= chances.sum()
        order = np.argsort(-chances)[: self._config["ranking_length"]]
        ranking = [{"name": self._labels[i], "confidence": float(chances[i])} for i in order]
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)

    def _features(self, messages: list[Message]) -> csr_matrix:
        texts = [plain(m.get(TEXT) or "") for m in messages]
        blocks = [self._vectorizers[name].transform(texts) for name in _VECTORIZERS]
        embeddings = np.vstack([_embedding(m) for m in messages]) * self._config["embedding_weight"]
        return hstack([*blocks, csr_matrix(embeddings)], format="csr", dtype=np.float32)

    def _persist(self) -> None:
        with self._model_storage.write_to(self._resource) as folder:
            np.savez(
                folder / "weights.npz",
                weights=self._weights,
                bias=self._bias,
                **{f"idf_{name}": v.idf_ for name, v in self._vectorizers.items()},
            )
            vocabularies = {
                name: {term: int(index) for term, index in v.vocabulary_.items()}
                for name, v in self._vectorizers.items()
            }
            (folder / "labels.json").write_text(
                json.dumps({"labels": self._labels, "vocabularies": vocabularies}), encoding="utf-8"
            )

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TopicClassifier:
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            stored = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
            component._labels = stored["labels"]
            with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
                component._weights, component._bias = arrays["weights"], arrays["bias"]
                for name, options in _VECTORIZERS.items():
                    vectorizer = _vectorizer(options, min_df=1)
                    vectorizer.vocabulary = stored["vocabularies"][name]
                    vectorizer.idf_ = arrays[f"idf_{name}"]
                    component._vectorizers[name] = vectorizer
        return component


def _vectorizer(options: dict[str, Any], *, min_df: int) -> TfidfVectorizer:
    return TfidfVectorizer(lowercase=False, sublinear_tf=True, min_df=min_df, dtype=np.float32, **options)


def _embedding(message: Message) -> np.ndarray:
    sentence = message.get_dense_features(TEXT)[1]
    # A message without text (an intent given as a button payload) has no features: zeros rank by prior alone.
    return sentence.features[0] if sentence else np.zeros(384, dtype=np.float32)
