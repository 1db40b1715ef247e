"""Lets the pipeline look at the clauses of a message as well: the first half of finding two questions in one."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from assistant.clauses import clauses

# Of a clause: which message it is a part of.
WHOLE = "whole"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ClauseSplitter(GraphComponent, IntentClassifier):
    """Hands on each message and, behind all of them, the clauses of those that have several.

    Stands first, so that a clause goes through everything that a message goes through; `TwoQuestions` draws the
    conclusion and takes the clauses out again.
    """

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ClauseSplitter:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        return [*messages, *(part for message in messages for part in _parts(message))]


def _parts(message: Message) -> list[Message]:
    found = clauses(message.get(TEXT) or "")
    return [Message(data={TEXT: text, WHOLE: message}) for text in found] if len(found) > 1 else []
