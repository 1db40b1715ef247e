"""Whole conversations with the running system."""

from __future__ import annotations

import concurrent.futures
from typing import Any

import pytest
import yaml

from clinic.content.topics import Topics
from clinic.settings import ROOT
from tests.system.stack import Stack

pytestmark = pytest.mark.system
TOPICS = Topics.load()
RESPONSES: dict[str, Any] = {}
for path in sorted((ROOT / "data" / "responses").glob("*.yml")):
    RESPONSES |= yaml.safe_load(path.read_text())["responses"]


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    return [message["kind"] for message in messages]


@pytest.mark.parametrize("topic", list(TOPICS), ids=lambda topic: topic.id)
def test_conversation_every_topic_is_answered_and_followed_up(stack: Stack, topic: Any) -> None:
    chat = stack.chat()
    (answer,) = chat.say(topic.question)
    assert (answer["kind"], answer["topic"], answer["source"]) == ("leaflet", topic.id, topic.section)
    for ask, part in (("tell me more", "more"), ("why?", "why")):
        (said,) = chat.say(ask)
        assert said["topic"] == topic.id
        assert said["text"] == RESPONSES[f"utter_{part}_{topic.id}"][0]["text"].strip()


def _buttons() -> list[str]:
    texts = {button["payload"] for variants in RESPONSES.values() for v in variants for button in v.get("buttons", [])}
    service = yaml.safe_load((ROOT / "data" / "service" / "texts.yml").read_text())
    texts |= {button["text"] for button in service["welcome_2"]["quick_replies"]}
    return sorted(texts)


def test_conversation_every_quick_reply_leads_somewhere(stack: Stack) -> None:
    lost = [text for text in _buttons() if not set(kinds(stack.chat().say(text))) - {"topic_choice"}]
    alone = [text for text in _buttons() if text != "tell me more"]
    missed = [text for text in alone if {"fallback", "crisis"} & set(kinds(stack.chat().say(text)))]
    assert (lost, missed) == ([], [])


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hi", "ack"),
        ("what can you do", "menu"),
        ("thanks", "ack"),
        ("bye", "goodbye"),
        ("are you a robot", "service"),
        ("who can see what I write here", "service"),
        ("is this an emergency service", "service"),
        ("can I talk to a real person please", "human"),
        ("you stupid useless machine", "ack"),
        ("what is the capital of France", "fallback"),
        ("can I have my appointment on thursday instead", "fallback"),
        ("asdfghjkl", "fallback"),
    ],
)
def test_conversation_everyday_talk(stack: Stack, text: str, kind: str) -> None:
    assert kind in kinds(stack.chat().say(text))


def test_conversation_asking_for_a_person_tells_one_once(stack: Stack) -> None:
    chat = stack.chat()
    for text in ("I want to talk to a person", "can i speak to someone"):
        # Out of hours a second message says that the clinic is closed.
        assert set(kinds(chat.say(text))) == {"human"}
    (found,) = stack.escalations(chat.id)
    # Who asks again should not wait until the next working day.
    assert found["reasons"] == ["asked_for_a_person", "repeated"] and found["respond"] == "today"


def test_conversation_second_miss_offers_a_person(stack: Stack) -> None:
    chat = stack.chat()
    chat.say("qwertz uiop")
    (second,) = chat.say("yxcvbnm qwertz")
    assert second["kind"] == "fallback"
    assert "I want to talk to a person" in [button["text"] for button in second["quick_replies"]]


@pytest.mark.parametrize(
    "text",
    ["/restart", "/risk", "/back", "\U0001f622" * 40, "<script>x</script>", "zażółć\u200b gęślą\u0007", "?", "a"],
)
def test_conversation_odd_messages_get_an_answer(stack: Stack, text: str) -> None:
    said = stack.chat().say(text)
    assert said and all(message["text"] for message in said)


def test_conversation_a_slash_command_wipes_nothing(stack: Stack) -> None:
    chat = stack.chat()
    chat.say("fill in my questionnaire")
    chat.say("/restart")
    assert chat.say("1")[-1]["item"] == 2


def test_conversation_questionnaire_from_beginning_to_end(stack: Stack) -> None:
    chat = stack.chat()
    said = chat.say("fill in my questionnaire")
    assert [m.get("item") for m in said] == [None, 1] and said[1]["questionnaire"] == "phq-9"
    said = chat.say("Why does my therapist not answer my questions?")
    assert said[0]["topic"] == "unanswered_questions" and said[-1]["item"] == 1
    said = chat.say("7")
    assert kinds(said) == ["correction", "questionnaire"] and said[-1]["item"] == 1
    for item in range(2, 10):
        assert chat.say("more than half the days")[-1]["item"] == item
    said = chat.say("1")
    assert kinds(said) == ["crisis", "ack", "menu"] and "116 123" in said[0]["text"]
    text = " ".join(message["text"] for message in said).lower()
    assert not any(word in text for word in ("score", "severe", "moderate", "17"))
    (found,) = stack.escalations(chat.id)
    assert found["reasons"] == ["phq-9 item 9: Several days"]
    assert chat.say("yes")[-1]["questionnaire"] == "gad-7"
    for item in range(2, 8):
        assert chat.say("0")[-1]["item"] == item
    assert kinds(chat.say("not at all")) == ["ack"]


def test_conversation_risk_in_a_questionnaire_stops_it_and_it_can_go_on(stack: Stack) -> None:
    chat = stack.chat()
    chat.say("fill in my questionnaire")
    chat.say("1")
    said = chat.say("i want to kill myself")
    assert kinds(said) == ["crisis"] and len(stack.escalations(chat.id)) == 1
    assert "crisis" in kinds(chat.say("yes"))  # safe, in answer to the question; not an answer to item 2
    assert chat.say("fill in my questionnaire")[-1]["item"] == 2


def test_conversation_pause_back_and_go_on(stack: Stack) -> None:
    chat = stack.chat()
    chat.say("fill in the GAD-7")
    chat.say("1")
    assert chat.say("back")[-1]["item"] == 1
    chat.say("2")
    assert kinds(chat.say("pause")) == ["ack"]
    assert "leaflet" in kinds(chat.say("What is DIT?"))
    assert chat.say("fill in my questionnaire")[-1]["item"] == 2


def test_conversation_many_at_once_lose_nothing(stack: Stack) -> None:
    def fill_in(_: int) -> list[Any]:
        chat = stack.chat()
        chat.say("fill in my questionnaire")
        return [chat.say("0")[-1].get("item") for _ in range(8)]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        results = list(pool.map(fill_in, range(8)))
    assert results == [list(range(2, 10))] * 8


def test_conversation_burst_in_one_conversation(stack: Stack) -> None:
    chat = stack.chat()
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(chat.post, ["hello", "What is DIT?", "thanks", "bye", "ok", "hi"]))
    assert {answer.status_code for answer in answers} == {200}
    assert all(len(answer.json()["messages"]) == 1 for answer in answers)
