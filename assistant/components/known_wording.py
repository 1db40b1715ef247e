"""A message that is word for word a quick reply or a training example needs no guess."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.wording import same_wording_key


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class KnownWording(GraphComponent, IntentClassifier):
    """Puts the intent of an identical training example first, with confidence 1.

    Quick replies post plain text; this is what makes tapping one certain, without `/intent` payloads that any
    patient could type as well.
    """

    def __init__(self, intents: dict[str, str], model_storage: ModelStorage, resource: Resource) -> None:
        self._intents = intents
        self._model_storage = model_storage
        self._resource = resource

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> KnownWording:
        return cls({}, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        seen: dict[str, set[str]] = defaultdict(set)
        for example in training_data.intent_examples:
            if example.get(TEXT) and example.get(INTENT):
                seen[same_wording_key(example.get(TEXT))].add(example.get(INTENT))
        # A wording that stands under two intents decides nothing.
        self._intents = {key: intents.pop() for key, intents in seen.items() if key and len(intents) == 1}
        with self._model_storage.write_to(self._resource) as folder:
            (folder / "wordings.json").write_text(json.dumps(self._intents), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> KnownWording:
        with model_storage.read_from(resource) as folder:
            intents = json.loads((folder / "wordings.json").read_text(encoding="utf-8"))
        return cls(intents, model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            known = self._intents.get(same_wording_key(message.get(TEXT) or ""))
            if known:
                put_first(message, known, 1.0)
        return messages


def put_first(message: Message, intent: str, confidence: float) -> None:
    """Makes `intent` the message's intent and the head of its ranking."""
    first = {"name": intent, "confidence": confidence}
    others = [entry for entry in message.get(INTENT_RANKING_KEY, []) if entry["name"] != intent]
    message.set(INTENT, first, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [first, *others], add_to_output=True)
