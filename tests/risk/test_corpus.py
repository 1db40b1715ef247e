"""Labelled files are read as they are meant, and a wrong line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from risk.classifier.corpus import FOLDER, corpus_files, read_corpus
from risk.data_file import DataError
from risk.verdict import CATEGORIES


def test_corpus_reads_risk_and_harmless(tmp_path: Path) -> None:
    (tmp_path / "self_harm.tsv").write_text("spread\ttoday\ti cut || myself || again\n\nesl\tnow\tI cut me\n")
    (tmp_path / "idioms.tsv").write_text("plain\tdying for a cuppa\n")
    harmless, first, second = [row for path in corpus_files([tmp_path]) for row in read_corpus(path)]
    assert (harmless.category, harmless.kind, harmless.respond) == (None, "idioms", None)
    assert (first.category, first.respond, first.bubbles) == ("self_harm", "today", ("i cut", "myself", "again"))
    assert first.text == "i cut\nmyself\nagain"
    assert second.line == 3


@pytest.mark.parametrize(
    ("name", "line", "says"),
    [
        ("self_harm", "plain\ti cut", r"self_harm\.tsv:2: 2 fields\. Write style<TAB>respond<TAB>text"),
        ("self_harm", "plain\tsoon\ti cut", "'soon' is no response speed"),
        ("self_harm", "plain\tnow\t ", "style or text is empty"),
        ("idioms", "plain\tnow\thello", r"3 fields\. Write style<TAB>text"),
    ],
)
def test_corpus_names_the_line_that_is_wrong(tmp_path: Path, name: str, line: str, says: str) -> None:
    path = tmp_path / f"{name}.tsv"
    path.write_text(f"\n{line}\n")
    with pytest.raises(DataError, match=says):
        read_corpus(path)


def test_corpus_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no corpus here"):
        corpus_files([tmp_path / "nothing.tsv"])


def test_corpus_of_the_project_is_readable_and_complete() -> None:
    rows = [row for path in corpus_files([FOLDER]) for row in read_corpus(path)]
    assert {row.category for row in rows} == {*CATEGORIES, None}
