"""Reading data files so that an error names the file, the line and the cure."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Model = TypeVar("Model", bound=BaseModel)
# libyaml's parser where this build of PyYAML has it: ten times as fast, with the same lines.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DataFileError(ValueError):
    """A data file is missing, is no YAML, or says something that cannot be; the message names file and line."""


def read_yaml(path: Path) -> Any:
    """The file's content as plain Python values.

    Raises:
        DataFileError: the file is missing or is not YAML.
    """
    return _construct(path, _compose(path))


def read_model(path: Path, model: type[Model]) -> Model:
    """The file as an instance of `model`.

    Raises:
        DataFileError: naming the first field that is wrong and its line.
    """
    root = _compose(path)
    try:
        return model.model_validate(_construct(path, root))
    except ValidationError as error:
        first = error.errors()[0]
        line = _line_of(root, first["loc"])
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise DataFileError(f"{path}, line {line}: {where}: {first['msg']}. Correct it and start again.") from error


def line_of(path: Path, location: tuple[int | str, ...]) -> int:
    """The line (from 1) on which something of a file stands, for checks that compare several places."""
    return _line_of(_compose(path), location)


def _compose(path: Path) -> yaml.Node:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise DataFileError(f"{path} is missing: restore it from the repository") from error
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataFileError(f"{path}, line {line}: not YAML ({error.problem}). Correct it and start again.") from error
    if node is None:
        raise DataFileError(f"{path} is empty: restore it from the repository")
    return node


def _construct(path: Path, node: yaml.Node) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataFileError(f"{path}, line {line}: {error.problem}. Correct it and start again.") from error


def _line_of(node: yaml.Node, location: tuple[int | str, ...]) -> int:
    """The line (from 1) of the deepest node on the way to `location`."""
    line = node.start_mark.line + 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = next((value for key, value in node.value if key.value == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
        else:
            found = None
        if found is None:
            break
        node, line = found, found.start_mark.line + 1
    return line
