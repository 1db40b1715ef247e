"""`make bench`: measures this assistant beside Rasa's default pipeline on the same training data.

Exits with status 1 when a target is missed, 2 when something could not be measured.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape

from bench import report, summary
from bench.machine import this_machine
from bench.measuring import PER_INTENT, TURNS, measure
from bench.models import FOLDER
from bench.processes import ProcessFailed
from bench.progress import say
from evaluation.nlu.understanding import ModelUnusable
from scripts.train import ROOT

_WRITTEN = FOLDER / "bench.md"
_IN_DOCS = ROOT / "docs" / "measurements" / "bench.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    options = _options(arguments)
    machine = this_machine()
    # `kill` must stop what was started here as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        measured = measure(per_intent=options.examples, number_of_turns=options.turns, train_again=options.train_again)
    except (ProcessFailed, ModelUnusable) as error:
        say(f"[red]could not be measured:[/red] {escape(str(error))}")
        return 2
    except KeyboardInterrupt:
        say("stopped")
        return 130
    figures, notes = summary.figures(measured), summary.notes(measured, machine)
    report.show(figures, notes, Console())
    lines = ["# Latency, start-up, training time and memory", "", "Made by `make bench`.", ""]
    lines += [*report.markdown(figures, notes), ""]
    for path in (_WRITTEN, _IN_DOCS) if options.write_docs else (_WRITTEN,):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines), encoding="utf-8")
        say(f"written to {path.relative_to(ROOT)}")
    return 1 if any(figure.is_missed for figure in figures) else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--examples",
        type=_per_intent,
        default=PER_INTENT,
        metavar="N|all",
        help=f"training messages an intent, for both (default {PER_INTENT}; all: over an hour for the default)",
    )
    parser.add_argument("--turns", type=int, default=TURNS, help=f"turns measured (default {TURNS})")
    parser.add_argument("--train-again", action="store_true", help="train even what is there already")
    parser.add_argument("--write-docs", action="store_true", help="also write docs/measurements/bench.md")
    return parser.parse_args(arguments)


def _per_intent(given: str) -> int | None:
    if given == "all":
        return None
    number = int(given)
    if number < 2:
        raise argparse.ArgumentTypeError("give 2 or more, or all")
    return number


if __name__ == "__main__":
    sys.exit(main())
