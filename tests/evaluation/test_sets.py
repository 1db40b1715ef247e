from __future__ import annotations

from pathlib import Path

import pytest

from clinic.content.topics import Topics
from evaluation.nlu.sets import SETS, EvaluationDataError, Kind, read_set

TOPICS = frozenset(topic.id for topic in Topics.load())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "test"
    place.mkdir()
    (place / "therapist_silence.txt").write_text("she says nothing\nis he asleep\n", encoding="utf-8")
    (place / "out_of_scope.txt").write_text("can i drink on this\n", encoding="utf-8")
    (place / "service.tsv").write_text("greet\thello there\n", encoding="utf-8")
    return tmp_path


def read(folder: Path) -> list[tuple[str, str, Kind, int]]:
    found = read_set("test", topics=frozenset({"therapist_silence"}), folder=folder)
    return [(example.text, example.intent, example.kind, example.line) for example in found]


def test_sets_reads_every_kind(folder: Path) -> None:
    assert read(folder) == [
        ("can i drink on this", "out_of_scope", Kind.OUT_OF_SCOPE, 1),
        ("hello there", "greet", Kind.SERVICE, 1),
        ("she says nothing", "therapist_silence", Kind.TOPIC, 1),
        ("is he asleep", "therapist_silence", Kind.TOPIC, 2),
    ]


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("therapist_silence.txt", "one\n\ntwo\n", "therapist_silence.txt, line 2: empty"),
        ("service.tsv", "greet hello\n", "service.tsv, line 1: write intent, tab, message"),
        ("service.tsv", "greet\t \n", "service.tsv, line 1: write intent, tab, message"),
        ("what_is_dat.txt", "what is it\n", "what_is_dat.txt belongs to no topic"),
    ],
)
def test_sets_names_what_is_wrong(folder: Path, file: str, text: str, message: str) -> None:
    (folder / "test" / file).write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationDataError, match=message):
        read(folder)


def test_sets_misses_a_topic(folder: Path) -> None:
    (folder / "test" / "therapist_silence.txt").unlink()
    with pytest.raises(EvaluationDataError, match=r"therapist_silence\.txt missing"):
        read(folder)


@pytest.mark.parametrize("name", SETS)
def test_sets_in_the_repository_are_whole(name: str) -> None:
    found = read_set(name, topics=TOPICS)
    by_topic = {topic: sum(e.intent == topic for e in found) for topic in TOPICS}
    assert min(by_topic.values()) >= 20
    assert sum(e.kind is Kind.OUT_OF_SCOPE for e in found) >= 200
    assert sum(e.kind is Kind.SERVICE for e in found) >= 100
