"""The table on the terminal, in models/bench/bench.md and, when asked for, in docs/measurements/bench.md."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.figures import Figure

HEADS = ("", "this assistant", "Rasa's default", "target")


def show(figures: Sequence[Figure], notes: Sequence[str], console: Console) -> None:
    """Coloured on a terminal, plain elsewhere."""
    if not console.is_terminal:
        console.file.write("\n".join(markdown(figures, notes)) + "\n")
        return
    table = Table(*HEADS)
    for figure in figures:
        what, ours, default, target = figure.cells()
        table.add_row(what, ours, default, Text(target, style="bold red" if figure.is_missed else "green"))
    console.print(table)
    for note in notes:
        console.print(f"- {note}", highlight=False, markup=False)


def markdown(figures: Sequence[Figure], notes: Sequence[str]) -> list[str]:
    """The same as lines of Markdown."""
    rows = [HEADS, ("---",) * len(HEADS), *(figure.cells() for figure in figures)]
    return [*(f"| {' | '.join(row)} |" for row in rows), "", *(f"- {note}" for note in notes)]
