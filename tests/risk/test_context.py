"""What stands round a match slows it by one step at most, hastens it, and never makes it vanish."""

from __future__ import annotations

import pytest

from risk import Detector


@pytest.mark.parametrize(
    ("text", "respond", "tag"),
    [
        # denied
        ("I am not suicidal", "next_working_day", "negation"),
        ("i do not want to kill myself", "next_working_day", "negation"),
        ("no suicidal thoughts", "next_working_day", "negation"),
        ("i would never hurt myself", "next_working_day", "negation"),
        ("i dont think i want to die", "next_working_day", "negation"),
        # not denied, though a negation stands near
        ("no i am suicidal", "today", None),
        ("No, I am suicidal", "today", None),
        ("i am not ok i want to die", "today", None),
        ("i cant stop thinking about suicide", "today", None),
        ("why not kill myself", "today", None),
        ("i dont know how to say this but i want to die", "today", None),
        ("not just suicidal, worse", "today", None),
        ("i dont want to live", "today", None),
        ("i am not sure i want to die or live", "today", None),
        # over, or not
        ("i used to want to die years ago", "next_working_day", "past"),
        ("years ago i wanted to die and now i do again", "now", "past"),
        ("i was suicidal at school and lately it is back, i still am", "today", None),
        # supposed
        ("what happens if i say i am suicidal", "next_working_day", "hypothetical"),
        ("if nobody helps me i want to die", "today", "hypothetical"),
        # somebody else
        ("my friend wants to die", "next_working_day", "other_person"),
        ("my mum makes me want to die", "today", None),
        ("he left and i want to die", "today", None),
        # now
        ("i want to die tonight", "now", "imminent"),
        ("i want to die right now", "now", "imminent"),
        ("i want to die, it has been like that for years now", "today", None),
        ("my friend is going to kill himself tonight", "now", "imminent"),
        # attempts
        ("i took all my tablets an hour ago", "now", "imminent"),
        ("i took an overdose", "now", None),
        ("i have not taken an overdose", "today", "negation"),
        ("i took an overdose when i was a student years ago", "today", "past"),
    ],
)
def test_context_slows_and_hastens(rules_alone: Detector, text: str, respond: str, tag: str | None) -> None:
    verdict = rules_alone.screen(text)
    assert verdict.respond == respond
    assert tag is None or tag in verdict.tags


@pytest.mark.parametrize("text", ["i took an overdose years ago", "i have not taken an overdose"])
def test_context_an_attempt_that_is_over_is_not_called_one_in_progress(rules_alone: Detector, text: str) -> None:
    assert "attempt_in_progress" not in rules_alone.screen(text).categories


def test_context_one_denial_does_not_slow_what_is_not_denied(rules_alone: Detector) -> None:
    assert rules_alone.screen("i am not suicidal. i cut myself last night").respond != "next_working_day"


@pytest.mark.parametrize(
    "text",
    [
        "what happens if I tell you things? I am not suicidal",
        "do you tell my gp if i say things, im not suicidal or anything",
    ],
)
def test_context_a_question_about_procedure_with_a_denial_is_no_alarm(rules_alone: Detector, text: str) -> None:
    verdict = rules_alone.screen(text)
    assert not verdict.flagged
    assert verdict.tags == ("procedure_question",)


@pytest.mark.parametrize(
    "text",
    [
        "do you tell my gp if i say i want to kill myself",
        "what happens if i am suicidal",
        "will you tell anyone, i am not suicidal but i cut myself last night",
        "what do you do when somebody is suicidal",
    ],
)
def test_context_a_question_about_procedure_alone_cancels_nothing(rules_alone: Detector, text: str) -> None:
    assert rules_alone.screen(text).flagged
