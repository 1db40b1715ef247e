"""The detector as the door uses it: rules and classifier together, always with an answer, never with a leak."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk import Detector, Verdict
from risk.classifier.model import ModelMissing
from risk.verdict import CATEGORIES, RESPONSES

EVERYDAY = [
    "dying for a cuppa",
    "this traffic is killing me",
    "therapy is ending",
    "I buried my nan last week",
    "kill the lights",
    "the silence is killing me",
    "I feel sad that therapy is ending, how do people cope with the end",
    "why is my therapist so quiet",
    "she never answers my questions",
    "how many sessions will I have",
    "I want to fill in my weekly questionnaire",
    "nearly every day",
    "several days",
    "hello",
    "thanks, bye for now",
    "can I have my appointment on thursday instead, and is there parking",
    "my phone died",
    "i ran 5 kms",
    "",
    "?",
]
ALARMS = {
    "i dont want to be here anymore": "suicidal_ideation_passive",
    "id be better off dead": "suicidal_ideation_passive",
    "i took all my tablets an hour ago": "attempt_in_progress",
    "going to end it tonight": "plan_or_intent",
    "everyone would be better off without me": "farewell_or_burden",
    "nothing matters any more i have written the letters": "plan_or_intent",
    "i want to kill myself": "suicidal_ideation_active",
    "no i am suicidal": "suicidal_ideation_active",
    "there is no hope left": "severe_hopelessness",
    "i cut my arms again last night": "self_harm",
    "i keep thinking about stabbing my neighbour": "harm_to_others",
    "my husband hits me": "abuse_or_danger_from_others",
    "i am scared i will hurt my baby": "child_at_risk",
    "the voices tell me to do it": "psychosis_or_voices",
    "nobody is listening, I am going to end it tonight": "plan_or_intent",
    "/restart i took all my tablets an hour ago": "attempt_in_progress",
}


@pytest.mark.parametrize("text", EVERYDAY)
def test_detector_everyday_phrases_do_not_alarm(detector: Detector, text: str) -> None:
    assert not detector.screen(text).flagged


@pytest.mark.parametrize("text", ALARMS)
def test_detector_true_alarms_are_raised_with_their_category(detector: Detector, text: str) -> None:
    verdict = detector.screen(text)
    assert verdict.flagged
    assert ALARMS[text] in verdict.categories


@pytest.mark.parametrize(
    "text",
    ["i took all my tablets an hour ago", "going to end it tonight", "i just took the lot and im getting sleepy"],
)
def test_detector_calls_for_somebody_now(detector: Detector, text: str) -> None:
    assert detector.screen(text).respond == "now"


def test_detector_a_clear_denial_waits_until_the_next_working_day(detector: Detector) -> None:
    assert detector.screen("I am not suicidal").respond == "next_working_day"


def test_detector_reports_the_persons_own_words(detector: Detector) -> None:
    assert detector.screen("tbh I\u2019m Gonna KMS lol").phrases == ("Gonna KMS",)


def test_detector_finds_risk_at_the_end_of_a_message_that_is_too_long(detector: Detector) -> None:
    long = "we went to the shops and then home on the bus and had tea. " * 1500 + "i want to kill myself"
    verdict = detector.screen(long)
    assert "suicidal_ideation_active" in verdict.categories


def test_detector_what_could_not_be_read_in_full_is_a_concern(rules_alone: Detector) -> None:
    verdict = rules_alone.screen("a cup of tea. " * 4000)
    assert verdict.respond == "next_working_day"
    assert "partly_read" in verdict.tags


# --- messages before it ----------------------------------------------------------------------------------------------


def test_detector_sees_a_sentence_split_over_messages(rules_alone: Detector) -> None:
    verdict = rules_alone.screen("myself", previous=["hi", "i want to", "kill"])
    assert verdict.flagged
    assert verdict.phrases == ("kill myself",)
    assert "across_messages" in verdict.tags


@pytest.mark.parametrize("text", ["ok thanks", "how many sessions will i have", "yes", "2", "what is dit"])
@pytest.mark.parametrize(
    "old", ["i want to kill myself", "i took all my tablets an hour ago", "I am not suicidal", "i cant go on"]
)
def test_detector_does_not_flag_again_because_of_an_old_message(detector: Detector, old: str, text: str) -> None:
    assert not detector.screen(text, previous=["hello", old]).flagged


def test_detector_flags_a_second_risky_message_again(detector: Detector) -> None:
    assert detector.screen("i really want to kill myself", previous=["i want to kill myself"]).flagged


# --- failures --------------------------------------------------------------------------------------------------------


class BrokenEncoder:
    def encode(self, texts: Sequence[str]) -> np.ndarray:
        raise RuntimeError(f"cannot encode {texts!r}")


def test_detector_that_fails_is_a_concern_and_logs_no_words(caplog: pytest.LogCaptureFixture) -> None:
    broken = Detector.load(encoder=BrokenEncoder())
    with caplog.at_level(logging.DEBUG):
        verdict = broken.screen("my cat is called Zebedee")
    assert verdict == Verdict.concern("RuntimeError")
    assert "RuntimeError" in caplog.text
    assert "Zebedee" not in caplog.text


def test_detector_logs_nothing_of_what_it_reads(detector: Detector, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        detector.screen("i want to kill myself, says Zebedee", previous=["i am Zebedee"])
    assert caplog.text == ""


def test_detector_needs_a_string(rules_alone: Detector) -> None:
    with pytest.raises(TypeError, match="text must be a string"):
        rules_alone.screen(None)  # type: ignore[arg-type]


def test_detector_without_a_model_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"manifest\.json is missing\. Run `make train`"):
        Detector.load(model=tmp_path)


def test_detector_works_with_rules_alone_only_when_told_so(tmp_path: Path) -> None:
    assert Detector.load(model=tmp_path, rules_only=True).screen("i want to die").flagged


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=200), previous=st.lists(st.text(max_size=30), max_size=3))
def test_detector_answers_any_text_without_failing(rules_alone: Detector, text: str, previous: list[str]) -> None:
    verdict = rules_alone.screen(text, previous=previous)
    assert "detector_failed" not in verdict.tags
    assert set(verdict.categories) <= set(CATEGORIES)
    assert verdict.respond in (*RESPONSES, None)


@pytest.mark.parametrize(
    "text", ["\x00\x07", "\ud800", "😢" * 40, "<script>alert(1)</script>", "\u202ei want to die", "/"]
)
def test_detector_answers_odd_text(detector: Detector, text: str) -> None:
    assert "detector_failed" not in detector.screen(text).tags


def test_detector_serves_several_threads_at_once(detector: Detector) -> None:
    texts = [*EVERYDAY, *ALARMS] * 4
    alone = [detector.screen(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(detector.screen, texts)) == alone
