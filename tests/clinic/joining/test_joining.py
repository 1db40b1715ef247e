"""Joining, from outside: who it is, what this is, consent, preferences; safe in the middle of any of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import select

from clinic.conversations.models import Conversation
from clinic.patients.models import Consent
from clinic.patients.service import has_consented
from clinic.questionnaires.models import QuestionnaireResponse
from tests.clinic.conftest import Clinic
from tests.clinic.joining.conftest import BORN_ON, PERSON, Joiner, add, invite, open_with

Join = Callable[..., Awaitable[Joiner]]


def consents(joiner: Joiner) -> list[Consent]:
    return joiner.patient.consents


def linked_to(clinic: Clinic, conversation_id: str) -> str | None:
    with clinic.services.database.read() as session:
        return session.get_one(Conversation, conversation_id).patient_id


async def test_joining_from_code_to_the_end(join: Join, clinic: Clinic) -> None:
    joiner = await join()
    about = await joiner.say(BORN_ON)
    assert "Ines" in about[0] and "not a person" in about[0]
    assert "not an emergency service" in about[1] and "116 123" in about[1]
    assert "Who reads this" in about[2] and clinic.services.facts.read_when in about[2]
    assert "withdraw my consent" in about[3] and "place on the list" in about[3]
    assert "How may messages reach you" in await joiner.says("I agree")
    assert "ending in 123" in await joiner.says("By text message")
    assert "time of day" in await joiner.says("yes")
    assert "else use your phone" in await joiner.says("10 to 6")
    assert "safe number, or a word" in await joiner.says("Somebody else may see it")
    assert "each week" in await joiner.says("ask for Auntie Jo")
    done = await joiner.says("yes")
    assert "you have joined" in done and "between 10:00 and 18:00" in done and "first questionnaire" in done
    patient = joiner.patient
    assert (patient.preferred_channel, patient.contact_from_hour, patient.contact_until_hour) == ("sms", 10, 18)
    assert patient.is_phone_shared and patient.wants_weekly_topic and patient.safe_contact == "ask for Auntie Jo"
    assert patient.joined_at is not None and patient.contact_points[0].verified_at is not None
    assert joiner.step is None and linked_to(clinic, joiner.chat.id) == joiner.patient_id
    assert clinic.rasa.asked == [], "nothing of joining goes to Rasa"


async def test_joining_says_nothing_personal_before_both_are_right(join: Join) -> None:
    joiner = await join()
    said = " ".join(message["text"] for message in joiner.chat.welcome)
    assert "Ines" not in said and "date of birth" in said and "116 123" in said
    assert [message["kind"] for message in joiner.chat.welcome] == ["onboarding", "onboarding"]


async def test_joining_answers_a_wrong_code_and_a_wrong_date_alike(join: Join, clinic: Clinic) -> None:
    right_code = await join()
    wrong_code, welcome = await open_with(clinic, "CDFG-HJKM")
    assert [m["text"] for m in welcome] == [m["text"] for m in right_code.chat.welcome]
    for _ in range(6):
        to_wrong_date = await right_code.chat.say("13 March 1984")
        to_wrong_code = await wrong_code.say(BORN_ON)
        assert [(m["kind"], m["text"]) for m in to_wrong_date] == [(m["kind"], m["text"]) for m in to_wrong_code]
    assert linked_to(clinic, right_code.chat.id) is None


async def test_joining_takes_the_right_date_after_a_slip(join: Join) -> None:
    joiner = await join()
    assert "did not match" in await joiner.says("12 March 1948")
    assert "Ines" in await joiner.says("sorry 12 March 1984") or "Ines" in await joiner.says(BORN_ON)


async def test_joining_gives_up_after_several_tries(join: Join, clinic: Clinic) -> None:
    joiner = await join()
    said = await joiner.says(*["13 March 1984"] * 5)
    assert "stopped trying" in said and clinic.services.facts.progress in said
    assert "Ines" not in await joiner.says(joiner.code, BORN_ON)
    again, _ = await open_with(clinic, joiner.code)
    assert "Ines" not in str(await again.say(BORN_ON)), "the code has ended, wherever it is tried"


async def test_joining_by_sending_the_code_in_an_open_chat(clinic: Clinic) -> None:
    code = invite(clinic, add(clinic))
    chat = await clinic.chat()
    asked = await chat.say(f"hello, my code is {code.lower().replace('-', ' ')}")
    assert "date of birth" in asked[0]["text"] and asked[0]["kind"] == "onboarding"
    assert "Ines" in (await chat.say(BORN_ON))[0]["text"]


async def test_joining_with_a_code_alone_where_the_clinic_chose_so(clinic: Clinic) -> None:
    clinic.services.invitations.second_factor = "none"
    code = invite(clinic, add(clinic, replace(PERSON, born_on=None)))
    _, wrong = await open_with(clinic, "CDFG-HJKM")
    _, right = await open_with(clinic, code)
    assert "did not match" in wrong[-1]["text"] and "Ines" in right[1]["text"]


async def test_joining_can_be_refused_and_nothing_follows(join: Join, clinic: Clinic) -> None:
    joiner = await join()
    said = await joiner.says(BORN_ON, "no thank you")
    assert "Nothing changes about your care" in said
    assert [(c.decision, c.version, c.channel) for c in consents(joiner)] == [("refused", "1", "web")]
    assert linked_to(clinic, joiner.chat.id) is None and joiner.patient.joined_at is None
    assert "An answer." in await joiner.says("What is DIT?"), "the general assistant is still there"


@pytest.mark.parametrize("text", ["withdraw my consent", "I withdraw my consent.", "Take back my consent!"])
async def test_joining_consent_can_be_withdrawn_at_any_time(join: Join, clinic: Clinic, text: str) -> None:
    joiner = await join()
    said = await joiner.says(BORN_ON, "yes", text)
    assert "taken your consent back" in said and "Nothing changes about your care" in said
    assert [c.decision for c in consents(joiner)] == ["given", "withdrawn"]
    assert all(consent.at.tzinfo is not None for consent in consents(joiner))
    assert joiner.patient.preferred_channel == "none" and joiner.step is None
    assert "An answer." in await joiner.says("What is DIT?")
    assert "Would you like to use it?" in await joiner.says("change my settings")
    await joiner.says("I agree")
    with clinic.services.database.read() as session:
        assert has_consented(session, joiner.patient_id)


async def test_joining_risk_in_the_middle_gets_the_crisis_text_and_a_human(join: Join, clinic: Clinic) -> None:
    joiner = await join()
    await joiner.says(BORN_ON, "yes")
    said = await joiner.chat.say("I want to die")
    assert [message["kind"] for message in said] == ["crisis"], "no question about settings after that"
    assert len(clinic.escalations(joiner.chat.id)) == 1
    assert joiner.step == "channel"
    # A harmless message after it goes to the assistant first; then the question is asked again.
    after = await joiner.chat.say("only in this chat")
    assert [message["kind"] for message in after] == ["leaflet", "onboarding"]
    await joiner.says("only in this chat")
    assert joiner.patient.preferred_channel == "web"


@pytest.mark.parametrize("step", [(), (BORN_ON,), (BORN_ON, "yes"), (BORN_ON, "yes", "no messages at all", "only me")])
async def test_joining_never_takes_danger_for_an_answer(join: Join, clinic: Clinic, step: tuple[str, ...]) -> None:
    joiner = await join()
    for text in step:
        await joiner.say(text)
    before = joiner.step
    said = await joiner.chat.say("12 pills, I will die")
    assert said[0]["kind"] == "crisis" and joiner.step == before
    assert joiner.patient.safe_contact is None


async def test_joining_leaves_the_answer_to_are_you_safe_alone(join: Join, clinic: Clinic) -> None:
    joiner = await join()
    await joiner.says(BORN_ON)
    crisis = {"text": "Are you safe?", "buttons": [{"title": "Yes", "payload": "yes"}], "metadata": {"kind": "crisis"}}
    clinic.rasa.answer_with = lambda body: httpx.Response(200, json={"messages": [crisis]})
    await joiner.says("I want to die")
    await joiner.say("yes")
    assert consents(joiner) == [], "a yes to one question is no consent to another"


async def test_joining_answers_questions_in_between_and_asks_again(join: Join, clinic: Clinic) -> None:
    joiner = await join()
    await joiner.says(BORN_ON)
    said = await joiner.chat.say("Who will see what I write here?")
    assert [message["kind"] for message in said] == ["leaflet", "onboarding"]
    assert "Would you like to use it?" in said[1]["text"] and said[1]["quick_replies"]


async def test_joining_works_while_rasa_is_down(join: Join, clinic: Clinic) -> None:
    clinic.rasa.answer_with = lambda body: httpx.Response(500)
    joiner = await join()
    assert "How may messages" in await joiner.says(BORN_ON, "I agree")


async def test_joining_does_not_take_answers_to_a_questionnaire(join: Join, clinic: Clinic) -> None:
    joiner = await join()
    await joiner.says(BORN_ON)
    with clinic.services.database.write() as session:
        session.add(
            QuestionnaireResponse(
                conversation_id=joiner.chat.id,
                questionnaire="phq-9",
                version=clinic.services.questionnaires.questionnaires.get("phq-9").version,
                status="in_progress",
                started_at=joiner.patient.added_at,
            )
        )
    said = await joiner.chat.say("1")
    assert [message["kind"] for message in said] == ["leaflet"] and consents(joiner) == []


async def test_joining_survives_a_message_delivered_twice(join: Join) -> None:
    joiner = await join()
    await joiner.says(BORN_ON)
    first = (await joiner.chat.post("I agree", "same")).json()["messages"]
    assert (await joiner.chat.post("I agree", "same")).json()["messages"] == first
    assert len(consents(joiner)) == 1


async def test_joining_offers_only_what_can_work(join: Join) -> None:
    joiner = await join(replace(PERSON, phone=None))
    said = await joiner.chat.say(BORN_ON)
    asked = await joiner.chat.say("I agree")
    assert said and [reply["label"] for reply in asked[0]["quick_replies"]] == [
        "Only in this chat",
        "No messages at all",
    ]


async def test_joining_by_a_code_that_came_as_a_text_proves_the_number(join: Join) -> None:
    joiner = await join(way="sms")
    said = await joiner.says(BORN_ON, "yes", "by text message")
    assert "time of day" in said and joiner.patient.contact_points[0].verified_at is not None


async def test_joining_a_number_that_is_not_theirs_gets_nothing(join: Join) -> None:
    joiner = await join()
    assert "no text messages" in await joiner.says(BORN_ON, "yes", "by text message", "no")
    assert joiner.patient.preferred_channel == "web" and joiner.patient.contact_points[0].verified_at is None


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("in the morning", (9, 12)),
        ("evenings", (17, 21)),
        ("9 to 5", (9, 17)),
        ("10am - 2pm", (10, 14)),
        ("between 8 and 20", (8, 20)),
    ],
)
async def test_joining_hours_as_people_write_them(join: Join, text: str, hours: tuple[int, int]) -> None:
    joiner = await join()
    await joiner.says(BORN_ON, "yes", "only in this chat", text)
    assert joiner.step == "shared"
    assert (joiner.patient.contact_from_hour, joiner.patient.contact_until_hour) == hours


async def test_joining_does_not_keep_a_question_as_a_safe_word(join: Join) -> None:
    joiner = await join()
    await joiner.says(BORN_ON, "yes", "no messages at all", "only me", "why do you need that?")
    assert joiner.step == "safe_contact" and joiner.patient.safe_contact is None
    assert "you have joined" in await joiner.says("skip")


async def test_joining_again_on_another_device_asks_nothing_twice(join: Join, clinic: Clinic) -> None:
    joiner = await join()
    await joiner.says(BORN_ON, "yes", "no messages at all", "only me", "skip")
    chat, _ = await open_with(clinic, invite(clinic, joiner.patient_id))
    said = await chat.say(BORN_ON)
    assert "settings are as they were" in said[0]["text"] and linked_to(clinic, chat.id) == joiner.patient_id
    assert [c.decision for c in consents(joiner)] == ["given"]


async def test_joining_settings_can_be_changed_later(join: Join) -> None:
    joiner = await join()
    await joiner.says(BORN_ON, "yes", "only in this chat", "any time", "only me", "skip", "yes please")
    assert joiner.patient.wants_weekly_topic
    assert "no more weekly" in await joiner.says("stop the weekly messages")
    assert not joiner.patient.wants_weekly_topic
    await joiner.says("change my settings", "no messages at all")
    assert joiner.patient.preferred_channel == "none"


async def test_joining_is_recorded_in_the_audit_trail(join: Join, clinic: Clinic) -> None:
    from clinic.audit.models import AuditEvent

    joiner = await join()
    await joiner.says(BORN_ON, "yes", "withdraw my consent")
    with clinic.services.database.read() as session:
        actions = session.scalars(select(AuditEvent.action).where(AuditEvent.entity_id == joiner.patient_id)).all()
    assert list(actions) == ["invite_by_letter", "consent", "withdraw"]
