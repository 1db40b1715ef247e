"""The notation of rules means what it says, also at the seams of long messages."""

from __future__ import annotations

import pytest
import spacy

from risk.rules.matching import PatternMatcher
from risk.rules.pattern import MAX_WORDS, PatternError, compile_pattern

SETS = {"verb": frozenset({"kill", "hang"})}


def found(pattern: str, text: str) -> list[tuple[int, int]]:
    matcher = PatternMatcher([("p", compile_pattern(pattern, SETS))], vocab=spacy.blank("en").vocab)
    return [(one.first, one.last) for one in matcher.find(text.split())]


@pytest.mark.parametrize(
    ("pattern", "text", "spans"),
    [
        ("want to die", "i want to die now", [(1, 4)]),
        ("want to? die", "want die", [(0, 2)]),
        ("want|need to die", "i need to die", [(1, 4)]),
        ("@verb|drown myself", "drown myself or hang myself", [(0, 2), (3, 5)]),
        ("end ... life", "end my whole sad life", [(0, 5)]),
        ("end ... life", "end one two three four life", []),
        ("end ...4 life", "end one two three four life", [(0, 6)]),
        ("end ... life", "end . life", []),
        ("!not going", "i am going", [(1, 3)]),
        ("!not going", "i am not going", []),
        ("!not going", ". going", []),
        ("<number> tablets".replace("<number>", "#"), "took <number> tablets", [(1, 3)]),
        (". goodbye .", "goodbye", [(0, 1)]),
        (". goodbye .", "hello . goodbye", [(1, 3)]),
        (". goodbye .", "say goodbye now", []),
    ],
)
def test_pattern_matches(pattern: str, text: str, spans: list[tuple[int, int]]) -> None:
    assert found(pattern, text) == spans


@pytest.mark.parametrize("before", range(0, 120, 7))
def test_pattern_is_found_wherever_it_stands_in_a_long_message(before: int) -> None:
    filler = ["word"] * before
    text = " ".join([*filler, "kill", *["x"] * 20, "myself", *["word"] * (100 - before // 2)])
    assert found("kill ...20 myself", text) == [(before, before + 22)]


@pytest.mark.parametrize(
    "source", ["", "...", "die ...", "... die", "a? b?", "don't", "Die", "@none", ".", "a ...30 b"]
)
def test_pattern_that_is_not_in_the_notation_is_refused(source: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(source, SETS)


def test_pattern_may_span_as_many_words_as_stretches_overlap() -> None:
    assert compile_pattern(f"a ...{MAX_WORDS - 2} b", SETS).length == MAX_WORDS


def test_pattern_knows_whether_negation_is_part_of_it() -> None:
    assert compile_pattern("do not want to live", SETS).negates
    assert not compile_pattern("want to live", SETS).negates
    assert not compile_pattern("!not live", SETS).negates


def test_matching_never_gives_spacy_a_patients_word() -> None:
    vocab = spacy.blank("en").vocab
    PatternMatcher([("p", compile_pattern("want to die", SETS))], vocab=vocab).find(
        ["i", "zyxwvu", "want", "to", "die"]
    )
    assert "want" in vocab.strings
    assert "zyxwvu" not in vocab.strings
