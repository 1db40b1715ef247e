"""What is counted as answered, offered and wrong where a message has two questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.content.topics import Topics
from evaluation.nlu.sets import SETS, EvaluationDataError
from evaluation.nlu.two_questions import Asked, read_messages, what_came_of_it
from evaluation.nlu.understanding import Understood

TOPICS = frozenset({"a", "b", "c", "d"})


def _understood(*ranking: str) -> Understood:
    return Understood(ranking[0], tuple((name, 0.5) for name in ranking), 0.01)


@pytest.mark.parametrize(
    ("asked", "ranking", "outcome"),
    [
        ("ab", ("two_topics", "a", "b"), "both answered"),
        ("ab", ("two_topics", "a", "c", "b"), "one answered"),
        ("ab", ("unsure", "c", "b", "a"), "both offered"),
        ("ab", ("unsure", "c", "d", "a", "b"), "one offered"),
        ("ab", ("a", "b"), "one answered"),
        ("ab", ("c", "b"), "none answered"),
        ("ab", ("out_of_scope", "a"), "out of scope"),
        ("ab", ("greet", "a"), "other"),
        ("a", ("a", "b"), "answered"),
        ("a", ("two_topics", "b", "a"), "answered with another"),
        ("a", ("two_topics", "b", "c"), "wrong answered"),
        ("a", ("unsure", "b", "a"), "offered"),
        ("a", ("b", "a"), "wrong answered"),
    ],
)
def test_two_questions_outcomes(asked: str, ranking: tuple[str, ...], outcome: str) -> None:
    assert what_came_of_it(Asked("x", frozenset(asked)), _understood(*ranking), topics=TOPICS) == outcome


def test_two_questions_sets_are_whole_and_do_not_overlap() -> None:
    topics = frozenset(topic.id for topic in Topics.load())
    messages = {name: read_messages(name, topics=topics) for name in SETS}
    for of_set in messages.values():
        assert [sum(len(asked.topics) == n for asked in of_set) for n in (2, 1)] == [60, 100]
    texts = [{asked.text for asked in of_set} for of_set in messages.values()]
    assert not texts[0] & texts[1]


def test_two_questions_malformed_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "two.tsv").write_text("a\tb\tfine\na\tonly one\n")
    with pytest.raises(EvaluationDataError, match="line 2"):
        read_messages("test", topics=TOPICS, place=tmp_path)
