"""How far a measurement is, on a terminal; a line otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from scripts.progress import console


@contextmanager
def steps(title: str, total: int) -> Iterator[Callable[[], None]]:
    """Gives what to call after each of `total` steps."""
    if not console.is_terminal:
        say(f"{title} ...")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=total)
        yield lambda: progress.advance(task)


def say(line: str) -> None:
    """One line about what is being done."""
    console.print(f"* {line}", highlight=False)
