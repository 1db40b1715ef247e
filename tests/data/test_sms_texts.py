"""Every text that can be sent by SMS, put together as it is sent: GSM-7, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest
import smsutil
import yaml

from actions.questionnaire import ask
from clinic.channels.sms.composing import MOST_SEGMENTS, compose
from clinic.channels.sms.texts import SmsTexts
from clinic.content.paths import DATA, QUESTIONNAIRES
from clinic.content.topics import Topics
from clinic.conversations.replies import Reply
from clinic.crisis.contacts import Contacts
from clinic.crisis.texts import CrisisTexts
from clinic.questionnaires.definitions import Questionnaires
from clinic.questionnaires.models import QuestionnaireResponse
from clinic.questionnaires.service import Position
from tests.data.test_texts import filled

TEXTS, CONTACTS = SmsTexts.load(), Contacts.load()
CRISIS = CrisisTexts.load(CONTACTS)
ITEMS = list(Questionnaires.load(QUESTIONNAIRES))


def _spoken(node: Any, where: str) -> Iterator[tuple[str, Reply]]:
    """Every text with a kind in a data file, its longest values filled in."""
    if isinstance(node, dict):
        if "kind" in node and "text" in node:
            text = filled(node["text"]).replace("{numbers}", CONTACTS.main_lines)
            yield where, Reply(kind=node["kind"], text=text, quick_replies=tuple(node.get("quick_replies", ())))
        for key, inner in node.items():
            yield from _spoken(inner, f"{where}.{key}")


def _responses() -> Iterator[tuple[str, Reply]]:
    for path in sorted(DATA.glob("responses/*.yml")):
        for name, (variant, *_) in yaml.safe_load(path.read_text())["responses"].items():
            buttons = tuple({"label": b["title"], "text": b["payload"]} for b in variant.get("buttons", []))
            yield name, Reply(kind=variant["metadata"]["kind"], text=variant["text"], quick_replies=buttons)


def _items() -> Iterator[tuple[str, Reply]]:
    for questionnaire in ITEMS:
        for number in range(1, len(questionnaire.items) + 1):
            position = Position(questionnaire, QuestionnaireResponse(), number)
            yield f"{questionnaire.id}.{number}", ask(position, with_stem=False)
            yield f"{questionnaire.id}.{number} with stem", ask(position, with_stem=True)


def _crisis() -> Iterator[tuple[str, Reply]]:
    categories = ["", "attempt_in_progress", "child_at_risk", "abuse_or_danger_from_others", "harm_to_others"]
    for told in ("sent", "not_sent", "sent_answer"):
        for respond in ("now", "today", "next_working_day"):
            for category in (*categories, "psychosis_or_voices"):
                reply = CRISIS.first(respond=respond, categories=[category], told=told)  # type: ignore[arg-type]
                yield f"crisis.{respond}.{category}.{told}", reply
                yield f"crisis.again.{category}.{told}", CRISIS.again(categories=[category], told=told)  # type: ignore[arg-type]
        yield f"crisis.item9.{told}", CRISIS.item9(told=told)  # type: ignore[arg-type]
    for answer in ("safe", "not_safe", "not_sure", "misread"):
        yield f"crisis.{answer}", CRISIS.safety_answer(answer, told="not_sent")  # type: ignore[arg-type]


def _offers() -> Iterator[tuple[str, Reply]]:
    longest = sorted(Topics.load(), key=lambda topic: len(topic.title))[-3:]
    buttons = tuple({"label": topic.title, "text": topic.question} for topic in longest)
    none = Topics.none_of_these.model_dump()
    yield "offer of the longest", Reply(kind="topic_choice", text="I am not sure:", quick_replies=(*buttons, none))


SERVICE = chain(*(_spoken(yaml.safe_load(path.read_text()), path.stem) for path in sorted(DATA.glob("service/*.yml"))))
EVERY = dict(chain(_responses(), _items(), _crisis(), _offers(), SERVICE))
every_text = pytest.mark.parametrize("name", EVERY)


def parts(name: str, *, is_unasked: bool = False) -> tuple[list[str], list[int], int]:
    reply = EVERY[name]
    details = {**reply.details, "quick_replies": list(reply.quick_replies)}
    made, at_once = compose(kind=reply.kind, text=reply.text, details=details, is_unasked=is_unasked, texts=TEXTS)
    return [part.text for part in made], [part.segments for part in made], at_once


@every_text
def test_sms_texts_are_gsm7_as_they_are_written(name: str) -> None:
    assert smsutil.is_valid_gsm(EVERY[name].text), "a sign outside GSM-7 doubles the cost of the whole message"
    assert all(smsutil.is_valid_gsm(text) for text in parts(name, is_unasked=True)[0])


@every_text
def test_sms_texts_cost_at_most_three_segments_at_once(name: str) -> None:
    texts, segments, at_once = parts(name)
    if EVERY[name].kind in ("crisis", "human"):
        # Read whole: the numbers must not wait for MORE.
        assert len(texts) == at_once == 1 and segments[0] <= 6
    else:
        assert at_once == 1 and max(segments) <= MOST_SEGMENTS


@pytest.mark.parametrize("name", [name for name, reply in EVERY.items() if reply.kind == "leaflet"])
def test_sms_leaflet_answers_are_one_message_whose_rest_is_announced(name: str) -> None:
    texts, _, _ = parts(name)
    # What does not fit is choices, never the answer: that is in the first message.
    assert EVERY[name].text in texts[0]
    if len(texts) > 1 or any(reply["text"] == "tell me more" for reply in EVERY[name].quick_replies):
        assert "Reply MORE" in texts[0]


@every_text
def test_sms_texts_hold_no_markup_and_unasked_no_clinical_first_line(name: str) -> None:
    texts, _, _ = parts(name, is_unasked=True)
    assert not any(sign in text for text in texts for sign in ("**", "__", "](", "<b", "http"))
    assert not TEXTS.is_clinical(texts[0].splitlines()[0])


def test_sms_both_questionnaires_cost_at_most_twenty_segments() -> None:
    cost = {q.id: 0 for q in ITEMS}
    for questionnaire in ITEMS:
        for number in range(1, len(questionnaire.items) + 1):
            suffix = " with stem" if number == 1 else ""
            cost[questionnaire.id] += sum(parts(f"{questionnaire.id}.{number}{suffix}")[1])
    assert sum(cost.values()) <= 20, cost


def test_sms_stop_and_help_answers_carry_every_main_line() -> None:
    for name in ("sms.stopped", "sms.help"):
        assert CONTACTS.main_lines in EVERY[name].text
