"""Holds data/answers/ to its own examples and near misses: at start, so that a wrong pattern reads nobody's answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from clinic.content.yaml_files import DataFileError
from clinic.questionnaires.definitions import Questionnaire
from clinic.questionnaires.reading.outcome import Reading
from clinic.questionnaires.reading.reader import Reader
from clinic.questionnaires.reading.wordings import Command, Scale, Wordings


def make_readers(questionnaires: Iterable[Questionnaire], wordings: Wordings) -> dict[str, Reader]:
    """One reader a questionnaire, by id, after every example was tried.

    Raises:
        DataFileError: a questionnaire names wordings that are not there, or an example is not understood as it should
            be; the message names file and line.
    """
    readers = {}
    for questionnaire in questionnaires:
        name = questionnaire.answered_in
        if name is not None and name not in wordings.scales:
            known = ", ".join(sorted(wordings.scales)) or "none"
            raise DataFileError(
                f"questionnaire '{questionnaire.id}': answered_in: there is no '{name}' in {wordings.folder} ({known})."
            )
        readers[questionnaire.id] = reader = Reader(questionnaire, wordings)
        if name is not None:
            _hold(wordings.folder / f"{name}.yml", _answers(reader, wordings.scales[name]))
            _hold(wordings.folder / "commands.yml", _commands(reader, wordings.commands))
    return readers


def _hold(path: Path, problems: Iterator[tuple[str, str]]) -> None:
    for said, complaint in problems:
        lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        line = next((number for number, text in lines if said in text), 1)
        raise DataFileError(f"{path}, line {line}: '{said}' {complaint}. Correct it and start again.")


def _commands(reader: Reader, commands: Iterable[Command]) -> Iterator[tuple[str, str]]:
    """Every example that is not understood as it should be, and what is wrong with it."""
    for command in commands:
        meaning = Reading(command.means)
        for said in command.examples:
            if reader.read(said, 1).reading is not meaning:
                yield said, f"is an example of '{command.means}' and is not understood so"
        for said in command.near_misses:
            if reader.read(said, 1).reading is meaning:
                yield said, f"is a near miss of '{command.means}' and is taken for it"


def _answers(reader: Reader, scale: Scale) -> Iterator[tuple[str, str]]:
    for option in scale.options:
        for said in option.examples:
            understood = reader.read(said, 1)
            if (understood.reading, understood.value) != (Reading.ANSWER, option.value):
                yield said, f"is an example of {option.value} and is not understood so"
        for said in option.near_misses:
            if reader.read(said, 1).reading is Reading.ANSWER:
                yield said, f"is a near miss of {option.value} and is taken for an answer"
    for said in scale.examples_between:
        if reader.read(said, 1).reading is not Reading.BETWEEN:
            yield said, "lies between two answers and is not understood so"
