from __future__ import annotations

from pathlib import Path

import pytest

from evaluation import near_duplicates as module
from evaluation.near_duplicates import near_duplicates
from evaluation.nlu.sets import Example, Kind
from evaluation.training_examples import TrainingExample


def evaluation(text: str) -> Example:
    return Example(text, "therapist_silence", Kind.TOPIC, Path("test/therapist_silence.txt"), 7)


def training(text: str) -> TrainingExample:
    return TrainingExample(text, "therapist_silence", Path("data/nlu/therapist_silence.yml"), 12)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("why does she just sit there", "why does she just sit there"),
        ("why does she just sit there", "Why does SHE just sit there?!"),
        ("im not ready for this", "I'm not ready for this"),
        ("why does she just sit there", "she just sits there, why does"),
        ("finding the break really hard", "finding the break hard"),
        ("i don’t know what to say", "I don't know what to say"),
    ],
)
def test_near_duplicates_finds_same_words(ours: str, theirs: str) -> None:
    assert len(list(near_duplicates([evaluation(ours)], [training(theirs)]))) == 1


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        # Too short to be anybody's own.
        ("hello there you", "hello there you"),
        # A story that happens to use the words of a short question.
        (
            "what do i do",
            "I sat there and thought what on earth do I do with my hands now that she says nothing at all",
        ),
        ("why does she just sit there", "is it normal that he never asks me anything"),
    ],
)
def test_near_duplicates_leaves_others_alone(ours: str, theirs: str) -> None:
    assert not list(near_duplicates([evaluation(ours)], [training(theirs)]))


def test_near_duplicates_says_where_both_stand() -> None:
    found = next(near_duplicates([evaluation("she never says a word")], [training("She never says a word.")]))
    assert str(found).splitlines() == [
        "test/therapist_silence.txt:7: she never says a word",
        "    data/nlu/therapist_silence.yml:12: She never says a word.",
    ]


def test_near_duplicates_none_in_the_repository(capsys: pytest.CaptureFixture[str]) -> None:
    assert module.main() == 0, capsys.readouterr().out


def test_near_duplicates_exits_with_1_when_there_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stolen = module.read_set("test", topics=frozenset(t.id for t in module.Topics.load()))[0]
    assert len(stolen.text.split()) >= 4
    monkeypatch.setattr(module, "training_examples", lambda: [training(stolen.text)])
    assert module.main() == 1
    assert stolen.text in capsys.readouterr().out
