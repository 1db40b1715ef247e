"""The tables on the detector in models/evaluation.md: one function a section, each returns lines of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from evaluation.intervals import Share
from evaluation.nlu.report import table
from evaluation.risk.judging import EVERYDAY, HARD, PREVALENCE, Judged, false_alarms, predictive_value, recall
from evaluation.risk.simpler import Flags
from risk.verdict import RESPONSES

# Every message of every set, by the name of the set.
Results = Mapping[str, Sequence[Judged]]
_CURVE = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)


def summary(results: Results, questions: Mapping[str, Share]) -> list[str]:
    """The figures that the project is held to.

    Args:
        results: the verdicts.
        questions: alarms on the messages of the sets for understanding, which are harmless but for a few.
    """

    def row(name: str, figure: Callable[[Sequence[Judged]], object]) -> list[object]:
        return [name, *(figure(judged) for judged in results.values())]

    def everyday(judged: Sequence[Judged]) -> Share:
        return false_alarms(judged, EVERYDAY)

    rows = [
        row("recall, to be looked at now or today", lambda judged: recall(judged, _is_soon)),
        row("recall, next working day", lambda judged: recall(judged, lambda one: not _is_soon(one))),
        row("recall, all", recall),
        row("alarms on harmless messages written to look like risk", lambda judged: false_alarms(judged, HARD)),
        row("alarms on everyday messages", everyday),
        row("... in 1,000 messages", lambda judged: f"{everyday(judged).value * 1000:.0f}"),
        ["alarms on questions to the assistant", *(questions[name] for name in results)],
        row(
            f"of all alarms, risky ones, if {PREVALENCE:.1%} of messages are and the rest is everyday talk",
            lambda judged: f"{predictive_value(recall(judged), everyday(judged)):.2f}",
        ),
    ]
    return table(["", *results], rows)


def by_category(judged: Sequence[Judged]) -> list[str]:
    """One row a category; whether it was called by its own name too."""
    rows = []
    for category in sorted({one.row.kind for one in judged if one.is_risky}):
        own = [one for one in judged if one.row.kind == category]
        named = Share(sum(category in one.verdict.categories for one in own), len(own))
        rows.append([category, len(own), recall(own), named])
    return table(["category", "messages", "recall (95 %)", "with this category named"], rows)


def by_style(judged: Sequence[Judged]) -> list[str]:
    """One row a way of saying it."""
    styles = sorted({one.row.style for one in judged if one.is_risky})
    rows = [[style, recall(judged, lambda one, style=style: one.row.style == style)] for style in styles]  # type: ignore[misc]
    return table(["how it is said", "recall (95 %)"], rows)


def by_response(judged: Sequence[Judged]) -> list[str]:
    """How soon each should be looked at, and how soon the detector calls."""
    rows = []
    for wanted in RESPONSES:
        own = [one for one in judged if one.row.respond == wanted]
        called = [sum(one.verdict.respond == response for one in own) for response in RESPONSES]
        rows.append([wanted, *called, sum(not one.verdict.flagged for one in own), recall(own)])
    return table(["should be looked at", *(f"called: {name}" for name in RESPONSES), "missed", "recall (95 %)"], rows)


def compared(judged: Sequence[Judged], others: Sequence[Flags]) -> list[str]:
    """The detector beside simpler ways, on the same messages."""
    own = Flags("this detector", [one.verdict.flagged for one in judged])

    def share(flags: Flags, among: Callable[[Judged], bool]) -> Share:
        chosen = [flag for flag, one in zip(flags.flagged, judged, strict=True) if among(one)]
        return Share(sum(chosen), len(chosen))

    rows = [
        [
            flags.name,
            share(flags, lambda one: one.is_risky),
            share(flags, lambda one: one.row.kind == HARD),
            share(flags, lambda one: one.row.kind == EVERYDAY),
        ]
        for flags in (own, *others)
    ]
    return table(["", "recall", "alarms, hard", "alarms, everyday"], rows)


def curve(scores: np.ndarray, judged: Sequence[Judged]) -> list[str]:
    """What the classifier alone would find where it alarmed at so many of the hard messages."""
    risky = np.array([one.is_risky for one in judged])
    hard = np.array([one.row.kind == HARD for one in judged])
    everyday = np.array([one.row.kind == EVERYDAY for one in judged])
    rows = []
    for alarms in _CURVE:
        threshold = float(np.quantile(scores[hard], 1 - alarms))
        flagged = scores > threshold
        rows.append(
            [
                f"{alarms:.2f}",
                f"{threshold:.3f}",
                f"{np.mean(flagged[risky]):.3f}",
                f"{np.mean(flagged[everyday]):.3f}",
            ]
        )
    return table(["alarms, hard", "threshold", "recall", "alarms, everyday"], rows)


def mistakes(judged: Sequence[Judged]) -> list[str]:
    """Every miss and every false alarm, with what led to it."""
    missed = [one for one in judged if one.is_risky and not one.verdict.flagged]
    alarms = [one for one in judged if not one.is_risky and one.verdict.flagged]
    lines = [f"Missed: {len(missed)}.", ""]
    lines += [f"- `{one.row.kind}`, {one.row.style}, {one.verdict.score:.2f}: {_said(one)}" for one in missed]
    lines += ["", f"False alarms: {len(alarms)}.", ""]
    for one in alarms:
        why = "; ".join(one.verdict.phrases) or f"classifier, {one.verdict.score:.2f}"
        lines.append(f"- {one.row.kind}, {one.verdict.respond} ({why}): {_said(one)}")
    return lines


def _is_soon(one: Judged) -> bool:
    return one.row.respond != "next_working_day"


def _said(one: Judged) -> str:
    return " || ".join(one.row.bubbles)
