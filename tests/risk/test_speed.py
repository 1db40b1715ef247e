"""No message keeps the door waiting, however it was built."""

from __future__ import annotations

import time

import pytest

from risk import Detector

STORY = "I went to see my mum and she was not well so i could not stop thinking about home, the kids and my husband. "


def fastest_ms(detector: Detector, text: str) -> float:
    """Processor time, not time on the clock: what else runs on the machine must not fail a test."""
    seconds = []
    for _ in range(3):
        start = time.process_time()
        detector.screen(text)
        seconds.append(time.process_time() - start)
    return 1000 * min(seconds)


def test_speed_a_short_message(rules_alone: Detector) -> None:
    assert fastest_ms(rules_alone, "why is my therapist so quiet") < 10


@pytest.mark.parametrize(
    "text",
    [
        pytest.param((STORY * 40)[:4200], id="a long story"),
        pytest.param("i want to kill myself " * 190, id="the same again and again"),
        pytest.param("k i l l " * 525, id="letters"),
        pytest.param("a" * 4200, id="one letter"),
        pytest.param("1-" * 2100, id="digits and dashes"),
        pytest.param("k*" * 2100, id="placeholders"),
        pytest.param("😢" * 4200, id="emoji"),
        pytest.param("...." * 1050, id="dots"),
        pytest.param("aab" * 1400, id="doubled letters"),
        pytest.param("\u0301" * 4200, id="accents"),
    ],
)
def test_speed_a_message_of_more_than_4000_characters(rules_alone: Detector, text: str) -> None:
    # 60 ms is the aim on an idle core (`docs/decisions/0004-the-detector.md`).
    assert fastest_ms(rules_alone, text) < 180
