"""Sure, unsure, outside: a wrong answer given confidently is the worst of the four outcomes (docs/decisions)."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from assistant.components.known_wording import put_first

UNSURE_INTENT = "unsure"
# "2" is an answer to something; where nothing was asked it means nothing, whatever it looks like.
_ONLY_NUMBERS = re.compile(r"(?:[\W_]*\d)+[\W_]*")
OUT_OF_SCOPE_INTENT = "out_of_scope"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Certainty(GraphComponent, IntentClassifier):
    """Leaves a sure intent alone, turns a doubtful one into `unsure`, a hopeless one into `nlu_fallback`.

    The ranking stays behind the new first entry, so that an action can offer the likely topics.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config

    @classmethod
    def required_components(cls) -> list[type]:
        return [IntentClassifier]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            # At or above this chance the first intent is answered at once ...
            "sure": 0.65,
            # ... unless the second is this close: then the person chooses.
            "margin": 0.3,
            # Below this chance nothing is offered.
            "outside": 0.05,
            # "Not in the leaflet" is said at once at or above this chance only: below it the likely topics are offered.
            "sure_outside": 0.5,
            # Intents about the conversation itself ("thanks", "stop"): a choice of topics is no help there, so that
            # less is enough, and nothing needs to be far behind.
            "dialogue": [],
            "sure_dialogue": 0.5,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Certainty:
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            self._decide(message)
        return messages

    def _decide(self, message: Message) -> None:
        ranking = message.get(INTENT_RANKING_KEY, [])
        if (
            not ranking
            or _ONLY_NUMBERS.fullmatch(message.get(TEXT) or "")
            or ranking[0]["confidence"] < self._config["outside"]
        ):
            put_first(message, DEFAULT_NLU_FALLBACK_INTENT_NAME, 1.0)
        elif not self._is_sure(ranking):
            put_first(message, UNSURE_INTENT, 1.0)

    def _is_sure(self, ranking: list[dict[str, Any]]) -> bool:
        name, first = ranking[0]["name"], ranking[0]["confidence"]
        if name in self._config["dialogue"]:
            return bool(first >= self._config["sure_dialogue"])
        if name == OUT_OF_SCOPE_INTENT:
            return bool(first >= self._config["sure_outside"])
        second = ranking[1]["confidence"] if len(ranking) > 1 else 0.0
        return bool(first >= self._config["sure"] and first - second >= self._config["margin"])
