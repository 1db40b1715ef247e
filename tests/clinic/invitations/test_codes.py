"""Codes: readable, hard to guess, found by their index only."""

from __future__ import annotations

import re

import pytest

from clinic.database import Database
from clinic.invitations.codes import ALPHABET, code_index, make_code, read_code


def test_codes_have_no_look_alikes_and_make_no_words() -> None:
    assert not set(ALPHABET) & set("O0I1LZ2S5B8UAEIOU") and len(set(ALPHABET)) == len(ALPHABET) == 22


def test_codes_are_made_in_two_halves_and_differ() -> None:
    codes = {make_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(re.fullmatch(rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}", code) for code in codes)
    assert all(any(sign.isalpha() for sign in code) for code in codes)


@pytest.mark.parametrize(
    "text",
    [
        "CDFG-HJKM",
        "cdfg-hjkm",
        "cdfghjkm",
        " CDFG HJKM ",
        "CDFG - HJKM.",
        "my code is cdfg hjkm",
        "Hello, code: CDFG-HJKM",
    ],
)
def test_codes_are_read_however_they_are_typed(text: str) -> None:
    assert read_code(text) == "CDFG-HJKM"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CDFG-HJK",
        "CDFG-HJKMN",
        "CDFG-HJKA",
        "3467 9979",
        "I got the code CDFG-HJKM but I am scared",
        "what is DIT?",
        "threaten",
    ],
)
def test_codes_are_not_read_into_other_messages(text: str) -> None:
    assert read_code(text) is None


def test_codes_index_is_the_same_for_the_same_code_and_tells_nothing(database: Database) -> None:
    assert code_index("CDFG-HJKM") == code_index("CDFG-HJKM") != code_index("CDFG-HJKN")
    assert "CDFG" not in code_index("CDFG-HJKM")
