"""`make check`: lint, types, data validation, near-duplicates between training and evaluation. Runs all, then tells."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from scripts.progress import console
from scripts.train import QUIET_RASA, ROOT, rasa_command

PYTHON = sys.executable
CHECKS: tuple[tuple[str, Sequence[str]], ...] = (
    ("lint", (PYTHON, "-m", "ruff", "check", ".")),
    ("types", (PYTHON, "-m", "mypy")),
    ("security of our code", (PYTHON, "-m", "bandit", "-q", "-r", "clinic", "actions", "risk", "encoder", "-ll")),
    ("data files", (PYTHON, "-m", "scripts.check_data")),
    ("risk rules", (PYTHON, "-m", "risk", "check-rules")),
    ("near-duplicates", (PYTHON, "-m", "evaluation.near_duplicates")),
    ("Rasa's data", rasa_command("data", "validate")),
)


def main() -> int:
    """Returns 1 if any check failed."""
    failed = []
    for name, command in CHECKS:
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **QUIET_RASA}, capture_output=True, text=True, check=False
        )
        console.print(f"{'ok   ' if done.returncode == 0 else 'FAIL '} {name}", highlight=False)
        if done.returncode:
            failed.append(name)
            console.print((done.stdout + done.stderr)[-6000:], markup=False, highlight=False)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
