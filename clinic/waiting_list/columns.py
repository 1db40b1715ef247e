"""Which column of a file holds what: guessed from its heading, decided by whoever imports."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

from pydantic import RootModel

from clinic.content.paths import DATA
from clinic.content.yaml_files import read_model

Field = Literal["given_name", "family_name", "born_on", "phone", "email", "reference"]
FIELDS: tuple[Field, ...] = get_args(Field)
FIELD_NAMES: Mapping[Field, str] = {
    "given_name": "First name",
    "family_name": "Last name",
    "born_on": "Date of birth",
    "phone": "Mobile number",
    "email": "E-mail",
    "reference": "Your reference",
}
HEADINGS = DATA / "waiting_list" / "headings.yml"
_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
# Field to the place of its column, from 0; a field that is missing is not imported.
Mapped = Mapping[Field, int]


class MappingError(ValueError):
    """The columns cannot be imported like this; the message says why."""


class Headings(RootModel[dict[Field, tuple[str, ...]]]):
    """What clinics write above each column (data/waiting_list/headings.yml)."""

    @classmethod
    def load(cls, path: Path = HEADINGS) -> Headings:
        """Reads and checks the file.

        Raises:
            DataFileError: naming the line that is wrong.
        """
        return read_model(path, cls)

    def guess(self, headings: Sequence[str]) -> dict[Field, int]:
        """Each field's likely column. No column is taken twice."""
        plain = [_plain(heading) for heading in headings]
        mapping: dict[Field, int] = {}
        for field in FIELDS:
            for known in self.root.get(field, ()):
                if known in plain and plain.index(known) not in mapping.values():
                    mapping[field] = plain.index(known)
                    break
        return mapping


def check_mapping(mapping: Mapped, *, columns: int) -> None:
    """Whether a list can be imported with these columns.

    Raises:
        MappingError: the first name or every way to reach the person is missing, or a column is used twice.
    """
    if any(not 0 <= column < columns for column in mapping.values()):
        raise MappingError("There is no such column in the file.")
    if len(set(mapping.values())) < len(mapping):
        raise MappingError("One column is chosen for two things.")
    if "given_name" not in mapping:
        raise MappingError("Choose the column with the first name: people are greeted by it.")
    if "phone" not in mapping and "reference" not in mapping:
        raise MappingError("Choose the column with the mobile number, or with your reference.")


def mapping_from_words(words: Sequence[str], headings: Sequence[str]) -> dict[Field, int]:
    """The mapping from "field=heading", as the command line takes it; a heading may also be a number from 1.

    Raises:
        MappingError: no such field or heading.
    """
    mapping: dict[Field, int] = {}
    for word in words:
        name, _, heading = word.partition("=")
        field = next((field for field in FIELDS if field == name.strip()), None)
        if field is None:
            raise MappingError(f"'{name}' is not one of: {', '.join(FIELDS)}")
        plain = [_plain(known) for known in headings]
        if _plain(heading) in plain:
            mapping[field] = plain.index(_plain(heading))
        elif heading.strip().isdigit():
            mapping[field] = int(heading) - 1
        else:
            raise MappingError(f"The file has no column '{heading}'. It has: {', '.join(headings)}")
    return mapping


def _plain(heading: str) -> str:
    return _NOT_LETTERS.sub(" ", heading.lower()).strip()
