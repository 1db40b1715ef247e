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

from bench import models, report, screening, turns, whole_way
from bench.figures import Figure, Target, at_most, milliseconds
from bench.machine import this_machine
from bench.models import DEFAULT, OURS, Trained
from bench.processes import ProcessFailed
from bench.progress import say
from bench.samples import TURNS_IN_A_CONVERSATION, known_messages, new_messages
from clinic.clock import now
from evaluation.nlu.understanding import ModelUnusable, understand
from scripts.train import ROOT

# So many training messages an intent that the default pipeline is trained within some minutes on two cores.
_PER_INTENT = 10
_TURNS = 300
_ABOUT_STORIES = "Its TEDPolicy and UnexpecTEDIntentPolicy learn from the same stories as our MemoizationPolicy."
_ABOUT_NO_STORIES = (
    "The project has rules and no stories: the default's TEDPolicy and UnexpecTEDIntentPolicy have nothing to learn and "
    "cost it no time, which makes it quicker than it is elsewhere."
)
_WRITTEN = models.FOLDER / "bench.md"
_IN_DOCS = ROOT / "docs" / "measurements" / "bench.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    options = _options(arguments)
    # `kill` must stop what was started here as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        figures, notes = _measure(options)
    except (ProcessFailed, ModelUnusable) as error:
        say(f"[red]could not be measured:[/red] {escape(str(error))}")
        return 2
    report.show(figures, notes, Console())
    lines = ["# Measurements", "", "Made by `make bench`.", "", *report.markdown(figures, notes), ""]
    for path in (_WRITTEN, _IN_DOCS) if options.write_docs else (_WRITTEN,):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines), encoding="utf-8")
        say(f"written to {path.relative_to(ROOT)}")
    return 1 if any(figure.is_missed for figure in figures) else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--examples",
        type=lambda given: None if given == "all" else int(given),
        default=_PER_INTENT,
        metavar="N|all",
        help=f"training messages an intent, for both (default {_PER_INTENT}; all: the default pipeline takes hours)",
    )
    parser.add_argument("--turns", type=int, default=_TURNS, help=f"turns measured (default {_TURNS})")
    parser.add_argument("--train-again", action="store_true", help="train even what is there already")
    parser.add_argument("--write-docs", action="store_true", help="also write docs/measurements/bench.md")
    return parser.parse_args(arguments)


def _measure(options: argparse.Namespace) -> tuple[list[Figure], list[str]]:
    texts = new_messages(options.turns)
    known = known_messages(options.turns, per_intent=options.examples or _PER_INTENT)
    ours = models.trained(OURS, options.examples, again=options.train_again)
    default = models.trained(DEFAULT, options.examples, again=options.train_again)
    ours_on_all = models.trained(OURS, None, again=options.train_again and options.examples is not None)
    default_on_all = models.cached(DEFAULT, None)
    say("Starting both, twice each ...")
    our_run, default_run = turns.measure([("interlude", ours.path), ("default", default.path)], known)
    our_nlu = _nlu(ours, texts, "Understanding alone, this assistant")
    default_nlu = _nlu(default, texts, "Understanding alone, Rasa's default pipeline")
    way = whole_way.measure(texts)
    screened = screening.measure(texts)
    default_p50 = milliseconds(default_run.turns, 50)
    a_third = Target(default_p50 / 3, f"at most a third of the default's, {default_p50 / 3:.1f} ms")
    figures = [
        Figure("a turn of Rasa, p50", "ms", milliseconds(our_run.turns, 50), default_p50, a_third),
        Figure("a turn of Rasa, p95", "ms", milliseconds(our_run.turns, 95), milliseconds(default_run.turns, 95)),
        Figure(
            "of it understanding, p50, one core",
            "ms",
            milliseconds(our_nlu, 50),
            milliseconds(default_nlu, 50),
            at_most(12, "ms"),
        ),
        Figure("of it understanding, p95, one core", "ms", milliseconds(our_nlu, 95), milliseconds(default_nlu, 95)),
        Figure("start-up of Rasa to the first answer", "s", our_run.start_up_s, default_run.start_up_s),
        Figure(f"training Rasa on {ours.examples} messages", "s", ours.seconds, default.seconds),
        Figure(
            f"training Rasa on all {ours_on_all.examples} messages",
            "s",
            ours_on_all.seconds,
            default_on_all.seconds if default_on_all else None,
        ),
        Figure("memory of Rasa after the turns", "MB", our_run.memory_mb, default_run.memory_mb, at_most(800, "MB")),
        Figure("the whole way, API to stored reply, p50", "ms", milliseconds(way, 50), target=at_most(40, "ms")),
        Figure("the whole way, API to stored reply, p95", "ms", milliseconds(way, 95)),
        Figure("of it screening, p50, one core", "ms", milliseconds(screened.messages, 50), target=at_most(6, "ms")),
        Figure("of it screening, p95, one core", "ms", milliseconds(screened.messages, 95), target=at_most(15, "ms")),
        Figure(
            "screening 4,000 characters, p50, one core",
            "ms",
            milliseconds(screened.long, 50),
            target=at_most(60, "ms"),
        ),
    ]
    return figures, _notes(options, ours, default, ours_on_all, default_on_all)


def _nlu(trained: Trained, texts: Sequence[str], title: str) -> list[float]:
    return [one.seconds for one in understand(trained.path, texts, title=title, one_core=True)]


def _notes(
    options: argparse.Namespace, ours: Trained, default: Trained, ours_on_all: Trained, default_on_all: Trained | None
) -> list[str]:
    sample = "all" if options.examples is None else f"at most {options.examples} an intent, chosen once by chance"
    on_all = (
        f"{default_on_all.trained_at} (default)"
        if default_on_all
        else "not measured for the default: hours (`python -m bench --examples all`)"
    )
    return [
        f"Measured on {now():%Y-%m-%d at %H:%M} UTC: {this_machine()}.",
        f"Side by side: both trained on the same {ours.examples} messages ({sample}), with the same domain, rules and "
        f"answers. The default is what Rasa 3.6.21 makes of an empty configuration (bench/default_config.yml), all of "
        f"its 100 epochs. {_ABOUT_STORIES if models.has_stories() else _ABOUT_NO_STORIES}",
        f"Turns: {options.turns} of the messages that both were trained on, so that both give the same answers, one at a "
        f"time, in conversations of {TURNS_IN_A_CONVERSATION}, by turns between the two; both as `rasa run` with the "
        "clinic's channel and one thread for TensorFlow and OpenMP, as `make run` starts it; actions answered by a stub "
        "that says the same to both. Of two starts each the quicker counts.",
        f"Understanding, screening and the whole way: {options.turns} messages of the development set, which nothing was "
        "trained on.",
        f"Trained: {ours.trained_at} (this assistant) and {default.trained_at} (default); on all messages "
        f"{ours_on_all.trained_at} (this assistant), {on_all}. A model is kept in models/bench/ until its inputs "
        "change. The time holds everything `rasa train` does, 10 to 20 s of loading libraries included.",
        "The whole way: HTTP from outside to the clinic service (SQLite, RATE_LIMIT=off) with the model of `make "
        "train` behind it, real actions, screening and encryption included. Memory is the proportional set size.",
    ]


if __name__ == "__main__":
    sys.exit(main())
