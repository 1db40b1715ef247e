from __future__ import annotations

from pathlib import Path

import pytest

import evaluation.__main__ as command
from evaluation.nlu import default_pipeline, evaluate, report
from evaluation.nlu.outcomes import Judged, judge
from evaluation.nlu.sets import Example, Kind
from evaluation.nlu.understanding import ModelUnusable, Understood

TOPICS = frozenset({"silence", "ending"})


def judged(meant: str, said: str, text: str = "four words are here", chance: float = 0.8) -> Judged:
    kinds = {"out_of_scope": Kind.OUT_OF_SCOPE, "greet": Kind.SERVICE}
    example = Example(text, meant, kinds.get(meant, Kind.TOPIC), Path("x.txt"), 1)
    return judge(example, Understood(said, ((said, chance), ("silence", 0.1)), 0.01), topics=TOPICS)


MESSAGES = [
    judged("silence", "silence"),
    judged("silence", "silence", text="why"),
    judged("silence", "unsure"),
    judged("silence", "ending", text="she `never` says | a word"),
    judged("ending", "nlu_fallback", text=" ".join(["word"] * 40)),
    judged("out_of_scope", "out_of_scope"),
    judged("out_of_scope", "silence"),
    judged("out_of_scope", "greet"),
    judged("greet", "greet"),
]


def values() -> dict[str, tuple[int, int]]:
    return {name: (share.hits, share.total) for name, share in report.headline(MESSAGES, TOPICS).items()}


def test_report_headline_counts_each_kind_by_itself() -> None:
    assert values() == {
        "topics: right at once": (2, 5),
        "topics: right or offered": (3, 5),
        "topics: offered others": (0, 5),
        "topics: fallback": (1, 5),
        "topics: wrong": (1, 5),
        "out of scope: said so": (1, 3),
        "out of scope: offered topics": (0, 3),
        "out of scope: answered from the leaflet": (1, 3),
        "service: right": (1, 1),
    }


def test_report_never_invents_what_was_not_measured() -> None:
    lines = report.summary({"test": MESSAGES}, None, TOPICS)
    assert len(lines) > 2
    assert all(line.count("not measured") == 1 for line in lines[2:])


def test_report_puts_the_default_beside() -> None:
    lines = report.summary({"test": MESSAGES}, {"test": MESSAGES[:1]}, TOPICS)
    assert "| topics: right at once | 0.400 (0.118-0.769) | 1.000 (0.207-1.000) |" in lines


def test_report_lists_every_wrong_answer_word_for_word() -> None:
    assert report.wrong_answers(MESSAGES) == [
        "- out_of_scope -> silence (0.80): `four words are here`",
        "- out_of_scope -> greet (0.80): `four words are here`",
        "- silence -> ending (0.80): `she 'never' says | a word`",
    ]


def test_report_sorts_by_length() -> None:
    rows = [line.split(" | ")[:2] for line in report.by_length(MESSAGES)[2:]]
    assert rows == [["| 1-3", "1"], ["| 4-8", "3"], ["| 31 and more", "1"]]


def test_report_rows_of_topics_add_up() -> None:
    for line in report.per_topic(MESSAGES, None)[2:]:
        total, *outcomes = (int(cell) for cell in line.split(" | ")[1:7])
        assert total == sum(outcomes)


def test_report_names_what_is_confused_and_what_was_said() -> None:
    assert "| silence | ending | 1 | 1 |" in report.pairs(MESSAGES)


def test_report_whole_is_the_same_for_the_same() -> None:
    results = {"development": MESSAGES, "test": MESSAGES[:3]}
    lines = evaluate.write_up(results, None, ["(summary)"], TOPICS)
    assert lines == evaluate.write_up(results, None, ["(summary)"], TOPICS)
    assert sum(line.startswith("## Test set") for line in lines) == 7
    assert "(summary)" in lines


def test_report_default_counts_only_for_the_data_as_they_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    model = tmp_path / "default-all.tar.gz"
    monkeypatch.setattr(default_pipeline, "ON_ALL_DATA", model)
    monkeypatch.setattr(default_pipeline, "fingerprint", lambda inputs: "now")
    assert default_pipeline.model_on_all_data() is None
    model.touch()
    card = tmp_path / "default-all.json"
    card.write_text('{"inputs": "then"}')
    assert default_pipeline.model_on_all_data() is None
    card.write_text('{"inputs": "now"}')
    assert default_pipeline.model_on_all_data() == model


def test_report_command_writes_the_file_and_prints_the_summary(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "REPORT", tmp_path / "evaluation.md")
    monkeypatch.setattr(
        command, "PARTS", (lambda: (["short"], ["# Long", "all of it"]), lambda: (["other"], ["# Other"]))
    )
    assert command.main() == 0
    assert command.REPORT.read_text() == "# Long\nall of it\n\n# Other\n"
    assert capsys.readouterr().out == "short\n\nother\n"


def test_report_command_fails_without_a_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def no_model() -> None:
        raise ModelUnusable("run `make train`")

    monkeypatch.setattr(command, "REPORT", tmp_path / "evaluation.md")
    monkeypatch.setattr(command, "PARTS", (no_model,))
    assert command.main() == 1
    assert not command.REPORT.exists()
