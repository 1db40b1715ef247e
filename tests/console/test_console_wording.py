"""Times, reasons and highlights, by themselves."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.console import STATIC, highlights, wording
from clinic.console.times import ClinicTimes, ago, lasted
from clinic.content.paths import QUESTIONNAIRES
from clinic.escalations.service import RESPOND_ORDER, SERVICE_REASONS
from clinic.questionnaires.definitions import Questionnaires
from risk.verdict import CATEGORIES

QUESTIONS = Questionnaires.load(QUESTIONNAIRES)
LONDON = ClinicTimes(ZoneInfo("Europe/London"))
NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("reason", [*CATEGORIES, *sorted(SERVICE_REASONS), "asked_for_help", "detector_failed"])
def test_wording_knows_every_reason(reason):
    (line,) = wording.reasons_in_words([reason], None, QUESTIONS)
    assert line.lower() != reason.replace("_", " ")
    assert "risk" not in line.lower()


def test_wording_shows_an_unknown_reason_rather_than_nothing():
    assert wording.reasons_in_words(["something_new"], {}, QUESTIONS) == ["Something new"]


@pytest.mark.parametrize(
    ("reason", "line"),
    [
        (
            "phq-9 item 9: Several days",
            'PHQ-9, question 9 ("Thoughts that you would be better off dead or of hurting yourself in some way"), '
            "answered: Several days",
        ),
        ("phq-9 item 99: Several days", "phq-9 item 99: Several days"),
        ("gone-1 item 1: Yes", "gone-1 item 1: Yes"),
    ],
)
def test_wording_shows_the_question_that_was_answered(reason, line):
    assert wording.reasons_in_words([reason], None, QUESTIONS) == [line]


def test_wording_adds_what_the_message_alone_does_not_show():
    verdict = {"tags": ["past", "across_messages"], "score": 0.93}
    lines = wording.reasons_in_words(["self_harm"], verdict, QUESTIONS)
    assert lines == ["May be about hurting themselves", "Seen together with the messages before it"]


def test_wording_knows_every_response_and_takes_the_unknown_for_urgent():
    words = [wording.respond_in_words(respond) for respond in RESPOND_ORDER]
    assert words == ["Look now", "Look today", "Look by the next working day"]
    assert wording.respond_in_words("made_up") == "Look now"


@pytest.mark.parametrize(
    ("moment", "seen_at", "said"),
    [
        # British summer time, then winter time.
        (NOON, NOON, "13:00"),
        (datetime(2026, 12, 1, 12, 0, tzinfo=UTC), datetime(2026, 12, 1, 18, 0, tzinfo=UTC), "12:00"),
        # 23:30 UTC is the next day in London in summer.
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), NOON, "00:30"),
        (datetime(2026, 6, 30, 12, 0, tzinfo=UTC), NOON, "30 June at 13:00"),
        (datetime(2025, 12, 31, 12, 0, tzinfo=UTC), NOON, "31 December 2025 at 12:00"),
    ],
)
def test_times_are_those_of_the_clinics_clock(moment, seen_at, said):
    assert LONDON.at(moment, seen_at) == said


def test_times_of_a_clinic_elsewhere_are_its_own():
    assert ClinicTimes(ZoneInfo("Pacific/Auckland")).at(NOON, NOON) == "00:00"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=-90), "less than 1 min"),
        (timedelta(seconds=59), "less than 1 min"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(hours=24), "1 day"),
        (timedelta(days=3, hours=5), "3 days"),
    ],
)
def test_times_say_how_long(length, said):
    assert lasted(NOON, NOON + length) == said
    assert ago(NOON, NOON + length) == f"{said} ago"


def test_times_name_the_day():
    assert LONDON.day(NOON) == "Wednesday 1 July 2026"


def marked(pieces):
    return [piece.text for piece in pieces if piece.is_marked]


@pytest.mark.parametrize(
    ("text", "phrases", "found"),
    [
        ("I want to die. I want to die.", ["want to die"], ["want to die", "want to die"]),
        ("the tablets here", ["the tablets", "tablets here"], ["the tablets here"]),
        ("no more", ["no more", "no"], ["no more"]),
        ("fine", ["die"], []),
        ("", ["die"], []),
    ],
)
def test_highlights_mark_what_the_detector_named(text, phrases, found):
    assert marked(highlights.pieces(text, phrases)) == found


@given(st.text(alphabet="ab <\n", max_size=60), st.lists(st.text(alphabet="ab <", min_size=1, max_size=4), max_size=4))
def test_highlights_change_no_character(text, phrases):
    pieces = highlights.pieces(text, phrases)
    assert "".join(piece.text for piece in pieces) == text
    assert not any(first.is_marked and second.is_marked for first, second in pairwise(pieces))


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_highlights_excerpt_always_holds_the_first_marked_phrase(before, after):
    pieces = highlights.excerpt("word " * before + "the tablets" + " word" * after, ["the tablets"])
    assert marked(pieces) == ["the tablets"]
    assert sum(len(piece.text) for piece in pieces) <= 330


@pytest.mark.parametrize("verdict", [None, {}, {"phrases": None}, {"phrases": ["", 3]}])
def test_highlights_take_any_stored_verdict(verdict):
    assert highlights.phrases_of(verdict) == []


def test_vendored_files_are_what_their_readme_says():
    folder = STATIC / "vendor"
    rows = re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", (folder / "README.md").read_text(), re.MULTILINE)
    files = {path.name for path in folder.iterdir()} - {"README.md"}
    assert {name for name, _ in rows} == files
    for name, said in rows:
        content = (folder / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == said, name
        if name.endswith(".css"):
            assert b"@font-face" not in content
            assert b"://" not in content
