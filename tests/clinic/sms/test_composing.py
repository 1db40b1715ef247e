"""Messages as text messages: GSM-7, parts that fit, a first line that gives nothing away."""

from __future__ import annotations

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from clinic.channels.sms.composing import MOST_SEGMENTS, compose, plain
from clinic.channels.sms.texts import SmsTexts

TEXTS = SmsTexts.load()
REPLIES = [{"label": f"Choice {n}", "text": f"choice {n}"} for n in range(1, 5)]


def parts(text: str, *, kind: str = "leaflet", replies: object = (), is_unasked: bool = False):  # type: ignore[no-untyped-def]
    return compose(kind=kind, text=text, details={"quick_replies": replies}, is_unasked=is_unasked, texts=TEXTS)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("it\u2019s \u201cfine\u201d \u2013 or\u00a0not\u2026", 'it\'s "fine" - or not...'),
        ("Dr Si\u00e2n \u0141ukasz", "Dr Sian \u0141ukasz"),
        ("caf\u00e9 Z\u00fcrich", "caf\u00e9 Z\u00fcrich"),
        ("\u4f60\u597d", "\u4f60\u597d"),
    ],
)
def test_composing_print_characters_become_plain_ones(written: str, sent: str) -> None:
    assert plain(written) == sent


@pytest.mark.parametrize(
    ("text", "segments"),
    [("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("\u20ac" * 80, 1), ("\u20ac" * 81, 2)],
)
def test_composing_counts_what_it_costs(text: str, segments: int) -> None:
    assert parts(text)[0][0].segments == segments


@given(st.text(alphabet="abc .,?!\n'-", min_size=1, max_size=2500), st.integers(0, 4))
def test_composing_long_answers_come_in_parts_that_fit_and_lose_nothing(text: str, choices: int) -> None:
    made, at_once = parts(text, replies=REPLIES[:choices])
    assert at_once == 1 and all(part.segments <= MOST_SEGMENTS for part in made)
    said = "".join(part.text for part in made).replace(TEXTS.rest, "")
    kept = [letter for letter in said.split(TEXTS.choices)[0] if not letter.isspace()]
    assert kept == [letter for letter in text if not letter.isspace()]
    assert [choice.number for part in made for choice in part.choices] == list(range(1, choices + 1))
    assert [part.text.endswith(TEXTS.rest) for part in made] == [True] * (len(made) - 1) + [False]


@given(st.text(alphabet="abc .,?!\n'-\u20ac\u00e9", min_size=1, max_size=4500))
def test_composing_crisis_texts_and_staffs_words_leave_nothing_for_later(text: str) -> None:
    for kind in ("crisis", "staff"):
        made, at_once = parts(text, kind=kind, replies=REPLIES)
        assert at_once == len(made) and all(len(part.text) <= 1600 for part in made)


@pytest.mark.parametrize(
    ("text", "is_shown"),
    [
        ("Hello, a reminder for Tuesday.\n\nYour therapist", False),
        ("Your therapist has joined", True),
        ("The PHQ-9 is due", True),
        ("About your mental health", True),
    ],
)
def test_composing_first_line_of_what_comes_unasked_holds_no_clinical_word(text: str, is_shown: bool) -> None:
    (part,), _ = parts(text, kind="service", is_unasked=True)
    assert part.text.startswith(TEXTS.unasked) is is_shown
    assert not TEXTS.is_clinical(part.text.splitlines()[0])
    assert parts(text, kind="service")[0][0].text == text, "an answer needs no cover"


def test_composing_staffs_words_are_always_covered_when_they_come_unasked() -> None:
    assert parts("See you!", kind="staff", is_unasked=True)[0][0].text.startswith(TEXTS.unasked)
    assert not TEXTS.is_clinical(TEXTS.unasked) and smsutil.is_valid_gsm(TEXTS.unasked)
