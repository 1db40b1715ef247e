"""Asking a trained model, in Rasa's own environment, what it makes of messages."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from clinic.conversations.rasa_client import safe_for_rasa
from scripts.progress import console
from scripts.train import QUIET_RASA, ROOT

_PYTHON = ROOT / ".venv-assistant" / "bin" / "python"
_SCRIPT = Path(__file__).with_name("ask_rasa.py")
_ONE_THREAD = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "OMP_NUM_THREADS": "1"}
_LAST_LINES = 15


class ModelUnusable(RuntimeError):
    """The model could not be loaded or asked; the message holds the end of what Rasa said."""


@dataclass(frozen=True)
class Understood:
    """What the pipeline says of one message.

    `ranking` holds the likely intents with their chances, the likeliest first, behind what a fallback put in front.
    `seconds` is the time that the pipeline took.
    """

    intent: str
    ranking: tuple[tuple[str, float], ...]
    seconds: float


def understand(model: Path, texts: Sequence[str], *, title: str, one_core: bool = False) -> list[Understood]:
    """One answer a text, in order. Takes as long as loading the model (15 to 30 s) and some milliseconds a text.

    Args:
        model: a model that `rasa train` made.
        texts: what people wrote, raw.
        title: shown with the progress.
        one_core: keep the process on one core, where the system can do that.

    Raises:
        ModelUnusable: there is no such model, or it does not answer.
    """
    if not model.is_file():
        raise ModelUnusable(f"{model} is missing: run `make train`")
    questions = "".join(json.dumps({"text": safe_for_rasa(text)}) + "\n" for text in texts)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as asked, tempfile.TemporaryFile("w+") as errors:
        asked.write(questions)
        asked.seek(0)
        process = subprocess.Popen(
            [str(_PYTHON), str(_SCRIPT), str(model)],
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            cwd=ROOT,
            env={**os.environ, **QUIET_RASA, **_ONE_THREAD, "PYTHONPATH": python_path(), "LOG_LEVEL": "ERROR"},
        )
        if one_core:
            keep_on_one_core(process.pid)
        try:
            understood = _collect(process, total=len(texts), title=title)
        finally:
            process.terminate()
            process.wait()
        if len(understood) != len(texts):
            errors.seek(0)
            end = "\n".join(errors.read().splitlines()[-_LAST_LINES:])
            raise ModelUnusable(f"{model} answered {len(understood)} of {len(texts)} messages:\n{end}")
    return understood


def keep_on_one_core(pid: int) -> None:
    """Keeps a process, and all its later threads, on one core; does nothing where the system cannot."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, {min(os.sched_getaffinity(pid))})


def python_path() -> str:
    """PYTHONPATH with the repository on it, so that Rasa finds our components."""
    given = [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part and part != str(ROOT)]
    return os.pathsep.join([str(ROOT), *given])


def _collect(process: subprocess.Popen[str], *, total: int, title: str) -> list[Understood]:
    assert process.stdout is not None
    if not console.is_terminal:
        console.print(f"* {title} ...", highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    understood = []
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        for line in process.stdout:
            answer = json.loads(line)
            ranking = tuple((name, confidence) for name, confidence in answer["ranking"])
            understood.append(Understood(answer["intent"], ranking, answer["seconds"]))
            progress.advance(task)
    return understood
