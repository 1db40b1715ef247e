"""The detector inside Rasa, so that `rasa shell` alone is safe too."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from assistant.components.known_wording import put_first
from risk import Detector

RISK_INTENT = "risk"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class RiskScreen(GraphComponent, IntentClassifier):
    """Makes `risk` the intent of a flagged message, whatever else it says. Stands last in the pipeline.

    Where the door has already screened, its verdict travels as `metadata.verdict` and is not computed again.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> RiskScreen:
        return cls(Detector.load())

    @classmethod
    def required_components(cls) -> list[type]:
        return [IntentClassifier]

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if self._is_flagged(message):
                put_first(message, RISK_INTENT, 1.0)
        return messages

    def _is_flagged(self, message: Message) -> bool:
        verdict = (message.get(METADATA) or {}).get("verdict")
        if verdict is not None:
            return bool(verdict["flagged"])
        return self._detector.screen(message.get(TEXT) or "").flagged
