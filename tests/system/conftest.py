"""One healthy stack for the whole run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.train import is_rasa_trained
from tests.system.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Clinic service and Rasa, running."""
    assert is_rasa_trained(), "the model is out of date: `make train`"
    running = Stack(tmp_path_factory.mktemp("stack"))
    running.start_clinic()
    running.start_rasa()
    yield running
    running.stop()
