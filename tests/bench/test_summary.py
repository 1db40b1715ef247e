from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import bench.__main__ as command
from bench import machine, summary
from bench.figures import Figure
from bench.machine import Machine
from bench.measuring import Measured, Side
from bench.models import Trained
from bench.processes import ProcessFailed
from bench.screening import Screened
from bench.turns import Running
from bench.whole_way import WholeWay

TRAINED = Trained(Path("x.tar.gz"), 470, 20.0, "2026-11-22", 2, has_stories=False)

MACHINE = Machine(2, "a processor", "Linux", "abc", 0.02)


def side(*, turn: float, on_all: Trained | None = None) -> Side:
    return Side(TRAINED, on_all, Running([turn] * 3, 12.0, 500.0), [0.005] * 3)


def measured(*, ours: float = 0.010, way: float = 0.030) -> Measured:
    screened = Screened([0.004] * 3, [0.050] * 3)
    as_shipped = Running([0.045] * 3, 30.0, 1000.0)
    return Measured(10, 300, side(turn=ours), side(turn=0.030), as_shipped, WholeWay([way] * 3, 520.0), screened)


def missed(figures: list[Figure]) -> list[str]:
    return [figure.what for figure in figures if figure.is_missed]


def test_summary_everything_met() -> None:
    assert missed(summary.figures(measured())) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"ours": 0.0149}, []),
        ({"ours": 0.0151}, ["a turn of Rasa, p50"]),
        ({"way": 0.041}, ["the whole way, p50"]),
    ],
)
def test_summary_a_turn_is_held_against_a_third_of_the_default(changed: dict[str, float], expected: list[str]) -> None:
    assert missed(summary.figures(measured(**changed))) == expected


def test_summary_shows_the_default_in_the_same_server_too() -> None:
    shown = {figure.what: figure.cells()[1:3] for figure in summary.figures(measured())}
    assert shown["a turn of Rasa, p50"] == ("10.0 ms", "45.0 ms")
    assert shown["a turn, the default in our server, p50"] == ("10.0 ms", "30.0 ms")


def test_summary_shows_no_figure_where_nothing_was_measured() -> None:
    figures = {figure.what: figure for figure in summary.figures(measured())}
    assert figures["training on all messages"].cells() == ("training on all messages", "-", "-", "")
    notes = " ".join(summary.notes(measured(), MACHINE))
    assert "not measured, because it takes more than an hour" in notes


@pytest.mark.parametrize(("stories", "said"), [(True, "the same stories"), (False, "rules and no stories")])
def test_summary_says_whether_the_defaults_policies_had_work(stories: bool, said: str) -> None:
    of_default = side(turn=0.045)
    trained = replace(of_default.trained, has_stories=stories)
    result = replace(measured(), default=replace(of_default, trained=trained))
    assert said in " ".join(summary.notes(result, MACHINE))


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (0.02, "2% of the cores were in use"),
        (0.5, "(50% of the cores were in use before it began): the times are rough"),
    ],
)
def test_summary_says_when_the_machine_was_busy(others: float, said: str) -> None:
    assert said in summary.notes(measured(), replace(MACHINE, others=others))[0]


def test_summary_knows_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_WATCHED_S", 0.2)
    found = machine.this_machine()
    assert found.cores >= 1
    assert found.processor
    assert found.others is None or 0 <= found.others <= 1


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "bench.md", tmp_path / "docs" / "bench.md"
    monkeypatch.setattr(command, "_WRITTEN", paths[0])
    monkeypatch.setattr(command, "_IN_DOCS", paths[1])
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command.signal, "signal", lambda *_: None)
    monkeypatch.setattr(command, "this_machine", lambda: MACHINE)
    return paths


@pytest.mark.parametrize(
    ("result", "arguments", "status", "in_docs"),
    [
        (measured(), [], 0, False),
        (measured(), ["--write-docs"], 0, True),
        (measured(way=0.2), ["--write-docs"], 1, True),
    ],
)
def test_bench_exit_status_tells_of_missed_targets(
    files: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    result: Measured,
    arguments: list[str],
    status: int,
    in_docs: bool,
) -> None:
    monkeypatch.setattr(command, "measure", lambda **_: replace(result))
    assert command.main(arguments) == status
    assert "| the whole way, p50 |" in files[0].read_text()
    assert files[1].exists() is in_docs


def test_bench_says_what_could_not_be_measured(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> Measured:
        raise ProcessFailed("default does not answer [nothing]")

    monkeypatch.setattr(command, "measure", fail)
    assert command.main([]) == 2
    assert not files[0].exists()


@pytest.mark.parametrize(("given", "expected"), [("all", None), ("25", 25)])
def test_bench_reads_the_number_of_examples(given: str, expected: int | None) -> None:
    assert command._options(["--examples", given]).examples == expected


@pytest.mark.parametrize("given", ["1", "0", "-3", "many"])
def test_bench_refuses_a_number_that_trains_nothing(given: str) -> None:
    with pytest.raises(SystemExit):
        command._options(["--examples", given])
