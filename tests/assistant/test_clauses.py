"""Where a second question may begin."""

from __future__ import annotations

import time

import pytest

from assistant.clauses import clauses


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Why is she so quiet?", ["why is she so quiet?"]),
        ("why is she so quiet and how many sessions do i get", ["why is she so quiet", "how many sessions do i get"]),
        ("How long is it? Is it private?", ["how long is it?", "is it private?"]),
        ("one more thing\nhow does it end", ["one more thing", "how does it end"]),
        ("it is hard, also my forms are late", ["it is hard", "my forms are late"]),
        # Too short to say anything alone: stays with the clause before it, or the one after.
        ("my mum and dad", ["my mum dad"]),
        ("Hi. Why does he say nothing?", ["hi. why does he say nothing?"]),
        ("", []),
        ("??!", ["??!"]),
        ("android and candy", ["android candy"]),
    ],
)
def test_clauses_end_at_sentences_and_conjunctions(text: str, expected: list[str]) -> None:
    assert clauses(text) == expected


@pytest.mark.parametrize(
    "text", ["a and " * 2000, "word " * 4000, ", " * 3000, "\n" * 4000, "\U0001f600" * 500, "\u200b" * 4000]
)
def test_clauses_of_anything_are_few_and_quick(text: str) -> None:
    started = time.perf_counter()
    found = clauses(text)
    assert len(found) <= 8 and time.perf_counter() - started < 0.1


def test_clauses_of_a_long_story_are_the_last_ones() -> None:
    found = clauses("We talked about the garden for a while. " * 60 + "How many sessions do I get?")
    assert found[-1] == "how many sessions do i get?"
