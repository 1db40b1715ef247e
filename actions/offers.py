"""Offering topics as choices."""

from __future__ import annotations

from collections.abc import Sequence

from rasa_sdk.executor import CollectingDispatcher

from clinic.content.topics import Topics

_MOST_OFFERED = 3


def offer(
    dispatcher: CollectingDispatcher, topics: Topics, names: Sequence[str], *, response: str, with_person: bool = False
) -> None:
    """Says `response` with the first few topics as quick replies, then "None of these" or a person."""
    offered = [topics.get(name) for name in names][:_MOST_OFFERED]
    last = topics.a_person if with_person else topics.none_of_these
    buttons = [{"title": topic.title, "payload": topic.question} for topic in offered]
    buttons.append({"title": last.label, "payload": last.text})
    dispatcher.utter_message(
        response=response,
        buttons=buttons,
        json_message={"kind": "topic_choice", "topics": [topic.id for topic in offered]},
    )
