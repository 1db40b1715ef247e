"""One run of all measurements, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench import models, screening, turns, whole_way
from bench.models import DEFAULT, OURS, Trained
from bench.processes import OUR_SERVING, STOCK_SERVING
from bench.progress import say
from bench.samples import known_messages, new_messages
from bench.screening import Screened
from bench.turns import Running
from bench.whole_way import WholeWay
from evaluation.nlu.understanding import understand

# So many training messages an intent that the default pipeline is trained within some minutes on two cores.
PER_INTENT = 10
TURNS = 300


@dataclass(frozen=True)
class Side:
    """What was measured of one pipeline. `understanding`: seconds a message, without the dialogue, on one core.

    `on_all` is None where the training on all data was not measured.
    """

    trained: Trained
    on_all: Trained | None
    running: Running
    understanding: list[float]


@dataclass(frozen=True)
class Measured:
    """Everything. `per_intent` is None where both were trained on all data."""

    per_intent: int | None
    turns: int
    ours: Side
    default: Side
    # The default's model, served as Rasa ships: its own channel, memory and check of actions' answers.
    as_shipped: Running
    whole_way: WholeWay
    screened: Screened


def measure(*, per_intent: int | None, number_of_turns: int, train_again: bool) -> Measured:
    """Takes some 3 minutes on two cores, and 4 to 6 more where models must be trained.

    Raises:
        ProcessFailed, ModelUnusable: something does not run.
    """
    ours = models.trained(OURS, per_intent, again=train_again)
    default = models.trained(DEFAULT, per_intent, again=train_again)
    ours_on_all = models.trained(OURS, None, again=train_again and per_intent is not None)
    known = known_messages(number_of_turns, per_intent=per_intent or PER_INTENT)
    say("Starting all, twice each ...")
    our_run, default_run, as_shipped = turns.measure(
        [
            ("interlude", ours.path, OUR_SERVING),
            ("default", default.path, OUR_SERVING),
            ("as-shipped", default.path, STOCK_SERVING),
        ],
        known,
    )
    new = new_messages(number_of_turns)
    return Measured(
        per_intent,
        number_of_turns,
        Side(ours, ours_on_all, our_run, _understanding(ours, new, of="this assistant")),
        Side(default, models.cached(DEFAULT, None), default_run, _understanding(default, new, of="the default")),
        as_shipped,
        whole_way.measure(new),
        screening.measure(new),
    )


def _understanding(trained: Trained, texts: Sequence[str], *, of: str) -> list[float]:
    understood = understand(trained.path, texts, title=f"Understanding alone, {of}", one_core=True)
    return [one.seconds for one in understood]
