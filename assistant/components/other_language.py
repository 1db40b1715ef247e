"""A message in another language: what the door has noticed becomes the intent."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA
from rasa.shared.nlu.training_data.message import Message

OTHER_LANGUAGE_INTENT = "other_language"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class OtherLanguage(GraphComponent, IntentClassifier):
    """Makes `other_language` the only intent of a message with `metadata.language`; topics mean nothing there.

    Stands before the known wordings: what is a known English wording is in English. The language is detected in the
    clinic's environment (clinic/languages/); in `rasa shell` nothing is detected.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> OtherLanguage:
        return cls()

    @classmethod
    def required_components(cls) -> list[type]:
        return [IntentClassifier]

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if (message.get(METADATA) or {}).get("language"):
                first = {"name": OTHER_LANGUAGE_INTENT, "confidence": 1.0}
                message.set(INTENT, first, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [first], add_to_output=True)
        return messages
