"""YAML data that remembers its lines, so that an error can name file, line and cure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, Iterable, List, Type, TypeVar, Union

import yaml

_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the one in C is ten times as fast, where it was built in


_CUT_OFF = re.compile(r"\s*- [^'\"].*\s#")


class DataError(ValueError):
    """A data file cannot be used. The message names the file, the line and what to do about it."""

    def __init__(self, path: Path, line: int, problem: str, cure: str) -> None:
        super().__init__(f"{path}:{line}: {problem}. {cure}")


class Text(str):
    """A scalar of a data file, always a string: `no` and `off` are words here, not booleans."""

    line: int = 0


class Entries(Dict[str, "Value"]):
    """A mapping of a data file."""

    line: int = 0


class Items(List["Value"]):
    """A list of a data file."""

    line: int = 0


Value = Union[Text, Entries, Items]
_Kind = TypeVar("_Kind", Text, Entries, Items)
_NAMES = {Text: "a text", Entries: "a mapping (key: value)", Items: "a list (lines that begin with '- ')"}


def read(path: Path) -> Entries:
    """Reads a YAML file whose top is a mapping.

    Raises:
        DataError: the file is missing, is no YAML, or names a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=_Loader)
    except FileNotFoundError:
        raise DataError(path, 1, "the file is missing", "Restore it from git") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "not readable as YAML"
        cure = "Patterns and texts that begin with @ # ! & * or hold ': ' need quotes; indent with two spaces"
        raise DataError(path, mark.line + 1 if mark else 1, str(problem), cure) from None
    if node is None:
        raise DataError(path, 1, "the file is empty", "Restore it from git")
    for number, line in enumerate(text.splitlines(), start=1):
        if _CUT_OFF.match(line):
            # "10 # tablets": what follows the blank would silently be gone, and the pattern with it.
            raise DataError(path, number, "the '#' begins a comment here", "Put the whole item in quotes")
    return expect(Entries, _value(path, node), path)


def expect(kind: Type[_Kind], value: Value, path: Path) -> _Kind:
    """Returns `value` if it is of `kind`; raises DataError otherwise."""
    if not isinstance(value, kind):
        raise DataError(path, value.line, f"found {_NAMES[type(value)]}", f"Write {_NAMES[kind]} here")
    return value


def texts(value: Value, path: Path) -> list[Text]:
    """Returns a list of texts; raises DataError for anything else."""
    return [expect(Text, item, path) for item in expect(Items, value, path)]


def check_keys(entries: Entries, path: Path, *, required: Iterable[str], optional: Iterable[str] = ()) -> None:
    """Raises DataError for a key that is missing or unknown."""
    required = tuple(required)
    known = (*required, *optional)
    for key, value in entries.items():
        if key not in known:
            raise DataError(path, value.line, f"unknown key '{key}'", f"Use one of: {', '.join(known)}")
    for key in required:
        if key not in entries:
            raise DataError(path, entries.line, f"'{key}' is missing", f"Add '{key}: ...'")


def _value(path: Path, node: yaml.Node) -> Value:
    line = node.start_mark.line + 1
    value: Value
    if isinstance(node, yaml.MappingNode):
        value = Entries()
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in value:
                raise DataError(path, key_node.start_mark.line + 1, f"'{key}' stands here twice", "Keep one of them")
            value[key] = _value(path, value_node)
    elif isinstance(node, yaml.SequenceNode):
        value = Items(_value(path, item) for item in node.value)
    else:
        value = Text(node.value)
    value.line = line
    return value
