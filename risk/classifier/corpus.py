"""Labelled messages: what the classifier is trained on and what the detector is measured on.

A file is named for what it holds: `<category>.tsv` has `style<TAB>respond<TAB>text`; any other name is a kind of
harmless message and has `style<TAB>text`. Messages that came one after another are separated by ` || `.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, List, Optional, Tuple

from risk.data_file import DataError
from risk.verdict import CATEGORIES, RESPONSES, Respond

FOLDER = Path(__file__).resolve().parents[1] / "corpus"
_BETWEEN = " || "


@dataclass(frozen=True)
class Labelled:
    """One labelled message.

    Attributes:
        bubbles: the messages in the order in which they were sent; mostly one.
        category: None when harmless.
        kind: the category, or the kind of harmless message.
        style: how it is written (explicit, indirect, typo, ...).
        respond: how soon a human should look; None when harmless.
    """

    bubbles: Tuple[str, ...]
    category: Optional[str]
    kind: str
    style: str
    respond: Optional[Respond]
    path: Path
    line: int

    @property
    def text(self) -> str:
        """All of it, one message a line."""
        return "\n".join(self.bubbles)


def corpus_files(places: Iterable[Path]) -> List[Path]:
    """Returns the `.tsv` files in `places`, files or folders, in a fixed order.

    Raises:
        DataError: a place does not exist, or holds no such file.
    """
    found: List[Path] = []
    for place in places:
        files = sorted(place.rglob("*.tsv")) if place.is_dir() else [place] if place.is_file() else []
        if not files:
            raise DataError(place, 1, "there is no corpus here", "Name a .tsv file or a folder that holds some")
        found += files
    return found


def read_corpus(path: Path) -> List[Labelled]:
    """Reads one file.

    Raises:
        DataError: a line has too few or too many fields, an unknown response speed, or an empty text.
    """
    category = path.stem if path.stem in CATEGORIES else None
    shape = "style<TAB>respond<TAB>text" if category else "style<TAB>text"
    rows: List[Labelled] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        fields = line.split("\t")
        if len(fields) != (3 if category else 2):
            raise DataError(path, number, f"{len(fields)} fields", f"Write {shape}, with a tab between")
        style, text = fields[0].strip(), fields[-1]
        respond = next((speed for speed in RESPONSES if category and speed == fields[1].strip()), None)
        if category and respond is None:
            raise DataError(path, number, f"'{fields[1]}' is no response speed", f"Use one of: {', '.join(RESPONSES)}")
        bubbles = tuple(bubble.strip() for bubble in text.split(_BETWEEN) if bubble.strip())
        if not style or not bubbles:
            raise DataError(path, number, "style or text is empty", f"Write {shape}")
        kind = path.stem
        rows.append(Labelled(bubbles, category, kind, style, respond, path, number))
    return rows
