"""The figures that a run is summed up in, and what a reader must know to judge them."""

from __future__ import annotations

from bench.figures import Figure, Target, at_most, milliseconds
from bench.machine import Machine
from bench.measuring import Measured, Side
from bench.models import Trained
from bench.samples import TURNS_IN_A_CONVERSATION
from bench.turns import Running
from clinic.clock import now

_ABOUT_STORIES = "Its TEDPolicy and UnexpecTEDIntentPolicy learn from the same stories as our MemoizationPolicy."
_ABOUT_NO_STORIES = """\
The project has rules and no stories: the default's TEDPolicy and UnexpecTEDIntentPolicy have nothing to learn and cost
it no time, which makes it quicker here than it is elsewhere."""


def figures(measured: Measured) -> list[Figure]:
    """In the order of the table."""
    return [*_side_by_side(measured.ours, measured.default, measured.as_shipped), *_of_ours(measured)]


def _side_by_side(ours: Side, default: Side, as_shipped: Running) -> list[Figure]:
    third = milliseconds(as_shipped.turns, 50) / 3

    def turn(percentile: float, target: Target | None = None) -> Figure:
        sides = milliseconds(ours.running.turns, percentile), milliseconds(as_shipped.turns, percentile)
        return Figure(f"a turn of Rasa, p{percentile:g}", "ms", *sides, target)

    own, same_serving = milliseconds(ours.running.turns, 50), milliseconds(default.running.turns, 50)

    def understanding(percentile: float, target: Target | None = None) -> Figure:
        sides = milliseconds(ours.understanding, percentile), milliseconds(default.understanding, percentile)
        return Figure(f"understanding, p{percentile:g}", "ms", *sides, target)

    return [
        turn(50, Target(third, f"at most a third of the default's, {third:.1f} ms")),
        turn(95),
        Figure("a turn, the default in our server, p50", "ms", own, same_serving),
        understanding(50, at_most(12, "ms")),
        understanding(95),
        Figure("start-up to the first answer", "s", ours.running.start_up_s, default.running.start_up_s),
        Figure(f"training on {ours.trained.examples} messages", "s", ours.trained.seconds, default.trained.seconds),
        Figure("training on all messages", "s", _seconds(ours.on_all), _seconds(default.on_all)),
        Figure("memory after the turns", "MB", ours.running.memory_mb, default.running.memory_mb),
    ]


def _of_ours(measured: Measured) -> list[Figure]:
    way, screened = measured.whole_way, measured.screened
    return [
        Figure("memory, trained on all messages", "MB", way.rasa_memory_mb, target=at_most(800, "MB")),
        Figure("the whole way, p50", "ms", milliseconds(way.turns, 50), target=at_most(40, "ms")),
        Figure("the whole way, p95", "ms", milliseconds(way.turns, 95)),
        Figure("screening, p50", "ms", milliseconds(screened.messages, 50), target=at_most(6, "ms")),
        Figure("screening, p95", "ms", milliseconds(screened.messages, 95), target=at_most(15, "ms")),
        Figure("screening 4,000 characters", "ms", milliseconds(screened.long, 50), target=at_most(60, "ms")),
    ]


def _seconds(trained: Trained | None) -> float | None:
    return trained.seconds if trained else None


def notes(measured: Measured, machine: Machine) -> list[str]:
    """How it was measured, in sentences."""
    ours, default, turns = measured.ours, measured.default, measured.turns
    chosen = "all" if measured.per_intent is None else f"at most {measured.per_intent} an intent, drawn once"
    paragraphs = [
        f"Measured on {now():%Y-%m-%d at %H:%M} UTC: {machine}. {_about_others(machine)}",
        f"""Side by side: both trained on the same {ours.trained.examples} messages ({chosen}), domain, rules and
        answers. The default is what Rasa 3.6.21 makes of an empty configuration (bench/default_config.yml), with all of
        its 100 epochs. {_ABOUT_STORIES if default.trained.has_stories else _ABOUT_NO_STORIES}""",
        f"""A turn: a message to `rasa run` and its answer; ours with the clinic's channel, the default as Rasa ships
        it, with its REST channel, its memory (InMemoryTrackerStore) and its check of what actions answer. The line "in
        our server" has the default's pipeline and policies behind our channel, memory and check: what is left is what
        pipeline and policies cost. {turns} of the messages that both were trained on, so that both answer alike, one at
        a time, in conversations of {TURNS_IN_A_CONVERSATION}, by turns between the three; one thread for TensorFlow and
        OpenMP each, as `make run` has it; actions answered by a stub that says the same to all. Start-up: the quicker
        of two. Memory: proportional set size.""",
        f"""Understanding (the pipeline alone) and screening (the detector alone): on one core. These and the whole way
        with {turns} messages of the development set, which nothing was trained on. The whole way: HTTP to the clinic
        service on SQLite until the reply is stored, with the model of `make train`, real actions, screening and
        encryption.""",
        f"""Training: all that `rasa train` does, loading its libraries (10 to 20 s) included. Done on
        {_trained_on(ours.trained)} and on all messages on {_trained_on(ours.on_all)} (this assistant), on
        {_trained_on(default.trained)} and on all messages {_trained_on(default.on_all)} (default).""",
    ]
    return [" ".join(paragraph.split()) for paragraph in paragraphs]


def _about_others(machine: Machine) -> str:
    if machine.others is None:
        return ""
    used = f"{machine.others:.0%} of the cores were in use before it began"
    return (
        f"OTHERS WERE USING THE MACHINE ({used}): the times are rough." if machine.is_busy else f"{used.capitalize()}."
    )


def _trained_on(trained: Trained | None) -> str:
    if trained is None:
        return "not measured, because it takes more than an hour (`python -m bench --examples all`)"
    return f"{trained.trained_at}, {trained.cores} cores"
