"""Two questions in one message: both are answered."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

from assistant.components.certainty import UNSURE_INTENT, Certainty
from assistant.components.clause_splitter import WHOLE
from assistant.components.known_wording import put_first

TWO_TOPICS_INTENT = "two_topics"
_TOPICS = Path(__file__).resolve().parents[2] / "data" / "topics.yml"
_FALLBACKS = (UNSURE_INTENT, DEFAULT_NLU_FALLBACK_INTENT_NAME)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class TwoQuestions(GraphComponent, IntentClassifier):
    """Makes `two_topics` the intent of a message whose clauses ask about two topics, and `unsure` where there are more.

    The topics follow in the ranking, in the order in which they were asked. Takes the clauses out of the list.
    """

    def __init__(self, config: dict[str, Any], topics: frozenset[str]) -> None:
        self._config = config
        self._topics = topics

    @classmethod
    def required_components(cls) -> list[type]:
        return [Certainty]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            # A clause counts from this chance on. Higher than what a whole message needs: a clause is short, and a
            # story of several sentences must not fall apart into topics that nobody asked about.
            "sure_of_a_clause": 0.975,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TwoQuestions:
        topics = yaml.safe_load(_TOPICS.read_text(encoding="utf-8"))
        return cls(config, frozenset(topic["id"] for topic in topics))

    def process(self, messages: list[Message]) -> list[Message]:
        parts: defaultdict[int, list[Message]] = defaultdict(list)
        for message in messages:
            if message.get(WHOLE) is not None:
                parts[id(message.get(WHOLE))].append(message)
        wholes = [message for message in messages if message.get(WHOLE) is None]
        for whole in wholes:
            self._decide(whole, parts[id(whole)])
        return wholes

    def _decide(self, whole: Message, parts: list[Message]) -> None:
        if _is_certain(whole):
            return
        asked = self._asked(parts)
        if len(asked) < 2:
            return
        for topic in reversed(asked):
            put_first(whole, topic, asked[topic])
        put_first(whole, TWO_TOPICS_INTENT if len(asked) == 2 else UNSURE_INTENT, 1.0)

    def _asked(self, parts: list[Message]) -> dict[str, float]:
        """The topics that clauses surely ask about, with their chances, in the order of the clauses."""
        asked: dict[str, float] = {}
        for part in parts:
            first = part.get(INTENT) or {}
            if first.get("name") in self._topics and first["confidence"] >= self._config["sure_of_a_clause"]:
                asked.setdefault(first["name"], first["confidence"])
        return asked


def _is_certain(message: Message) -> bool:
    """Whether a component before has decided: a known wording, another language."""
    first = (message.get(INTENT_RANKING_KEY) or [{}])[0]
    return first.get("confidence") == 1.0 and first["name"] not in _FALLBACKS
