"""Numbers and words as choices, MORE, and questionnaires, where a number is an answer."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.clinic.sms.conftest import ANN, SmsClinic

MENU = {
    "text": "You can ask:",
    "buttons": [
        {"title": "What is DIT?", "payload": "What is DIT?"},
        {"title": "Why the silence?", "payload": "Why is my therapist silent?"},
    ],
    "metadata": {"kind": "menu"},
}
ITEM = {
    "text": "1 of 9: Little interest or pleasure in doing things",
    "buttons": [{"title": f"{n} - {word}", "payload": f"{n} - {word}"} for n, word in enumerate(("Not", "Several"))],
    "metadata": {"kind": "questionnaire", "questionnaire": "phq-9", "item": 1},
}
ANSWER = {
    "text": "DIT is a talking therapy.",
    "buttons": [{"title": "Tell me more", "payload": "tell me more"}, *MENU["buttons"]],
    "metadata": {"kind": "leaflet", "topic": "what_is_dit"},
}
LONG = {**ANSWER, "text": "DIT is a talking therapy. " * 40, "buttons": [*MENU["buttons"]]}


def says(sms: SmsClinic, *messages: dict[str, Any]) -> None:
    sms.clinic.rasa.answer_with = lambda body: httpx.Response(200, json={"messages": list(messages)})


def asked(sms: SmsClinic) -> str:
    return str(sms.clinic.rasa.asked[-1]["message"])


@pytest.mark.parametrize(
    "said", ["2", " 2 ", "2.", "2)", "no 2", "Number 2", "why the silence", "WHY THE SILENCE?", "option 2"]
)
async def test_choices_are_made_by_number_or_word(sms: SmsClinic, said: str) -> None:
    says(sms, MENU)
    menu, _ = await sms.write(ANN, "hello")
    assert menu.endswith("\n1 What is DIT?\n2 Why the silence?")
    await sms.write(ANN, said)
    assert asked(sms) == "Why is my therapist silent?"
    # What staff read is what the person chose, not a bare number.
    assert sms.clinic.stored(sms.conversation(ANN).id, "incoming")[-1].text == "Why is my therapist silent?"


@pytest.mark.parametrize("said", ["3", "22", "I have 2 children", "2 3", "0", "two of them never answer"])
async def test_choices_that_are_none_are_left_as_they_are(sms: SmsClinic, said: str) -> None:
    says(sms, MENU)
    await sms.write(ANN, "hello")
    await sms.write(ANN, said)
    assert asked(sms) == said


async def test_choices_under_a_question_are_its_own_numbers(sms: SmsClinic) -> None:
    says(sms, MENU)
    await sms.write(ANN, "hello")
    says(sms, {**MENU, "text": "This is the PHQ-9.", "buttons": []}, ITEM)
    _, item = await sms.write(ANN, "fill in my questionnaire")
    assert item.endswith("\n0 Not\n1 Several") and "Reply with a number" not in item
    await sms.write(ANN, "1")
    assert asked(sms) == "1"


async def test_choices_are_not_seen_in_what_staff_asked(sms: SmsClinic) -> None:
    says(sms, MENU)
    await sms.write(ANN, "hello")
    conversation = sms.conversation(ANN)
    url = f"/api/staff/conversations/{conversation.id}"
    answer = await sms.clinic.client.post(
        f"{url}/messages", json={"text": "How many hours did you sleep?"}, headers=sms.clinic.staff
    )
    assert answer.status_code == 200, answer.text
    await sms.settle()
    assert sms.received(ANN)[-1].text == "How many hours did you sleep?"
    await sms.write(ANN, "2")
    assert sms.clinic.stored(conversation.id, "incoming")[-1].text == "2"


async def test_choices_more_asks_for_more_of_the_topic(sms: SmsClinic) -> None:
    says(sms, ANSWER)
    answer, _ = await sms.write(ANN, "What is DIT?")
    assert answer.endswith("Reply MORE for more.") and "Tell me more" not in answer and "1 What is DIT?" in answer
    await sms.write(ANN, "more")
    assert asked(sms) == "tell me more"


async def test_choices_more_brings_the_rest_and_then_the_choices(sms: SmsClinic) -> None:
    says(sms, LONG)
    first, _ = await sms.write(ANN, "What is DIT?")
    assert first.endswith("Reply MORE for the rest.") and sms.deliveries()[0].segments <= 3
    calls = len(sms.clinic.rasa.asked)
    rest = []
    while not rest or rest[-1].endswith("for the rest."):
        rest += await sms.write(ANN, "MORE")
        assert len(rest) < 6
    assert len(sms.clinic.rasa.asked) == calls, "nothing new was asked"
    assert rest[-1].endswith("2 Why the silence?")
    whole = "".join([first, *rest]).replace("Reply MORE for the rest.", "")
    assert whole.count("talking therapy") == 40
    assert all(delivery.segments <= 3 for delivery in sms.deliveries())
    await sms.write(ANN, "2")
    assert asked(sms) == "Why is my therapist silent?"


async def test_choices_not_shown_yet_are_not_chosen(sms: SmsClinic) -> None:
    says(sms, LONG)
    await sms.write(ANN, "What is DIT?")
    await sms.write(ANN, "2")
    assert asked(sms) == "2"


async def test_choices_crisis_text_is_sent_whole_and_its_answers_are_numbered(sms: SmsClinic) -> None:
    conversation = sms.conversation(ANN)
    crisis = sms.clinic.services.crisis.texts.first(respond="now", categories=(), told="sent")
    buttons = [{"title": b["label"], "payload": b["text"]} for b in crisis.quick_replies]
    says(sms, {"text": crisis.text, "buttons": buttons, "metadata": {"kind": "crisis"}})
    (text,) = await sms.write(ANN, "I want to die")
    assert crisis.text in text and "2 I am not safe" in text
    await sms.write(ANN, "2")
    answered = sms.clinic.stored(conversation.id, "incoming")[-1]
    assert answered.text == "I am not safe right now" and answered.verdict and answered.verdict["flagged"]
    assert sms.clinic.escalations(conversation.id)[-1].respond == "now"
