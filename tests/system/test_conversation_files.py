"""Every file of tests/conversations/dialogue/, played with the running system."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.conversation_files import FOLDER, play, steps_of
from tests.system.stack import Stack

FILES = sorted(FOLDER.glob("*.yml"))


@pytest.mark.system
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_conversation_file(stack: Stack, path: Path) -> None:
    play(stack, path)


def test_conversation_files_are_many_and_well_formed() -> None:
    assert len(FILES) >= 25
    assert all(steps_of(path) for path in FILES)
