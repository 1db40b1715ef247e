"""Words of other languages that may mean danger: each is found, none is English, and a human is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.content.yaml_files import DataFileError
from clinic.languages.crisis_words import CrisisWords, ScreenWithOtherLanguages, folded
from clinic.settings import ROOT
from risk import Verdict
from tests.clinic.conftest import Clinic, ScriptedDetector

WORDS = CrisisWords.load()
ENGLISH = [
    line.split("\t")[-1]
    for folder in ("evaluation/nlu", "evaluation/risk", "risk/corpus/harmless")
    for path in sorted((ROOT / folder).rglob("*.t[sx][vt]"))
    for line in path.read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize(("language", "phrase", "respond"), WORDS.phrases())
def test_crisis_words_each_is_found_as_typed_plainly_and_in_capitals(language: str, phrase: str, respond: str) -> None:
    for text in (phrase, f"... {phrase.upper()}!", folded(phrase), "\u200b".join(phrase)):
        found = WORDS.find(text)
        assert found is not None and (found.respond == "now" or respond == "today"), text


def test_crisis_words_are_no_english_words() -> None:
    assert len(ENGLISH) > 9000
    assert [text for text in ENGLISH if WORDS.find(text)] == []


@pytest.mark.parametrize("language", ["pl", "ro", "pa", "ur", "pt", "es", "ar", "bn", "gu", "it", "cy"])
def test_crisis_words_every_language_with_a_text_has_words_of_both_speeds(language: str) -> None:
    assert {respond for code, _, respond in WORDS.phrases() if code == language} == {"now", "today"}


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("chcę umrzeć", None, "now"),
        ("potrzebuję pomocy", None, "today"),
        ("pomocy, please", "next_working_day", "today"),
        ("pomocy, please", "now", "now"),
        ("how many sessions", None, None),
    ],
)
def test_crisis_words_raise_a_verdict_and_never_lower_it(text: str, before: str | None, after: str | None) -> None:
    detector = ScriptedDetector()
    detector.screen_with = lambda _: Verdict(flagged=before is not None, respond=before)  # type: ignore[arg-type]
    verdict = ScreenWithOtherLanguages(detector, WORDS).screen(text, previous=["x"])
    assert (verdict.flagged, verdict.respond) == (after is not None, after)
    assert detector.seen == [(text, ("x",))]


def test_crisis_words_broken_file_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "words.yml"
    path.write_text("pl:\n  in_english: Polish\n  now: []\n  today: [pomocy]\n")
    with pytest.raises(DataFileError, match="line 3"):
        CrisisWords.load(path)


async def test_door_tells_a_human_of_danger_in_another_language(clinic: Clinic) -> None:
    chat = await clinic.chat()
    said = await chat.say("nie chce zyc, chce umrzec")
    assert said[0]["kind"] == "crisis"
    (told,) = clinic.escalations(chat.id)
    assert (told.reasons, told.respond) == (["other_language"], "now")
    assert clinic.rasa.asked[-1]["metadata"]["language"] == "pl"


async def test_door_gives_rasa_the_language_and_nothing_for_english(clinic: Clinic) -> None:
    chat = await clinic.chat()
    await chat.say("No hablo inglés, ¿hay alguien que hable español?")
    await chat.say("why is she so quiet")
    assert [asked["metadata"]["language"] for asked in clinic.rasa.asked] == ["es", None]
    assert clinic.escalations(chat.id) == []
