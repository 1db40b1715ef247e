"""What is said in other languages: complete, with the right numbers, short."""

from __future__ import annotations

import unicodedata

import pytest

from clinic.languages.texts import LanguageTexts

TEXTS = LanguageTexts.load()
# Census 2021, England and Wales: the ten main languages most spoken after English and Welsh.
CENSUS = ["pl", "ro", "pa", "ur", "pt", "es", "ar", "bn", "gu", "it"]
SCRIPTS = {"pa": "GURMUKHI", "ur": "ARABIC", "ar": "ARABIC", "bn": "BENGALI", "gu": "GUJARATI"}


def test_other_languages_are_the_ten_of_the_census_welsh_and_english() -> None:
    assert sorted(code for code, _ in TEXTS.items()) == sorted([*CENSUS, "cy", "en"])


@pytest.mark.parametrize(("code", "text"), TEXTS.items())
def test_other_languages_give_the_numbers_and_how_to_ask_for_an_interpreter(code: str, text) -> None:
    for number in ("999", "111", "116 123"):
        assert number in text.text
    # 999 first: a life comes before everything else.
    assert text.text.index("999") < text.text.index("111")
    if code != "en":
        assert f"{text.in_english}, please" in text.text
    assert len(text.text) <= 600 and "http" not in text.text


@pytest.mark.parametrize(("code", "script"), SCRIPTS.items())
def test_other_languages_are_written_in_their_own_script(code: str, script: str) -> None:
    text = dict(TEXTS.items())[code].text
    letters = [letter for letter in text if letter.isalpha() and not letter.isascii()]
    assert len(letters) > 100
    assert all(script in unicodedata.name(letter) for letter in letters)


@pytest.mark.parametrize(("code", "text"), TEXTS.items())
def test_other_languages_reply_has_a_button_that_asks_for_a_person_in_english(code: str, text) -> None:
    reply = TEXTS.reply(code)
    assert reply.kind == "service" and reply.text == text.text
    assert reply.quick_replies == ({"label": text.person, "text": "I want to talk to a person"},)


def test_other_languages_without_a_text_get_the_english_one() -> None:
    assert TEXTS.reply("fr") == TEXTS.reply("en") == TEXTS.reply(None)
