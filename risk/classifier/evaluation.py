"""Measures the detector on labelled messages: what it finds, what it should have left alone, and how soon it calls."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from typing import Dict, Iterable, List, Tuple

from risk.classifier.corpus import Labelled, corpus_files, read_corpus
from risk.detector import Detector
from risk.verdict import RESPONSES, Verdict, soonest


def evaluate(detector: Detector, places: Iterable[Path]) -> str:
    """Returns the report. It quotes the messages that were judged wrongly: for a terminal, never for a log."""
    rows = [row for path in corpus_files(places) for row in read_corpus(path)]
    judged = [(row, judge(detector, row)) for row in rows]
    lines = _misses(judged) + _by_kind(judged) + _by_style(judged) + _speeds(judged)
    return "\n".join(lines)


def judge(detector: Detector, row: Labelled) -> Verdict:
    """Returns the verdict on a row: several messages are screened as they arrive, and the soonest call counts."""
    verdicts = [detector.screen(bubble, previous=row.bubbles[:index]) for index, bubble in enumerate(row.bubbles)]
    flagged = [verdict for verdict in verdicts if verdict.flagged]
    if not flagged:
        return max(verdicts, key=lambda verdict: verdict.score)
    first = soonest(*(verdict.respond for verdict in flagged if verdict.respond))
    return next(verdict for verdict in flagged if verdict.respond == first)


def _misses(judged: List[Tuple[Labelled, Verdict]]) -> List[str]:
    lines = []
    for row, verdict in judged:
        where = f"{row.path.name}:{row.line}"
        text = " || ".join(row.bubbles)
        if row.category and not verdict.flagged:
            lines.append(f"MISSED       {where} [{row.style}, {verdict.score:.2f}] {text}")
        elif not row.category and verdict.flagged:
            why = "; ".join(verdict.phrases) or "classifier"
            lines.append(f"FALSE ALARM  {where} [{row.style}, {verdict.respond}, {verdict.score:.2f}: {why}] {text}")
    return lines


def _by_kind(judged: List[Tuple[Labelled, Verdict]]) -> List[str]:
    counts: Dict[str, List[int]] = defaultdict(lambda: [0, 0, 0])
    for row, verdict in judged:
        count = counts[row.kind]
        count[0] += 1
        count[1] += verdict.flagged
        count[2] += row.category in verdict.categories
    risky = sorted({row.kind for row, _ in judged if row.category})
    harmless = sorted({row.kind for row, _ in judged if not row.category})
    lines = ["", f"{'category':30} {'messages':>8} {'found':>8} {'recall':>7} {'this category':>14}"]
    for kind in risky:
        total, found, same = counts[kind]
        lines.append(f"{kind:30} {total:8} {found:8} {found / total:7.1%} {same / total:14.1%}")
    if risky:
        total, found, same = (sum(counts[kind][part] for kind in risky) for part in range(3))
        lines.append(f"{'all':30} {total:8} {found:8} {found / total:7.1%} {same / total:14.1%}")
    if harmless:
        lines += ["", f"{'harmless kind':30} {'messages':>8} {'alarms':>8} {'rate':>7}"]
        for kind in harmless:
            total, alarms, _ = counts[kind]
            lines.append(f"{kind:30} {total:8} {alarms:8} {alarms / total:7.1%}")
        total, alarms = (sum(counts[kind][part] for kind in harmless) for part in range(2))
        lines.append(f"{'all':30} {total:8} {alarms:8} {alarms / total:7.1%}")
    return lines


def _by_style(judged: List[Tuple[Labelled, Verdict]]) -> List[str]:
    counts: Dict[str, List[int]] = defaultdict(lambda: [0, 0])
    for row, verdict in judged:
        if row.category:
            counts[row.style][0] += 1
            counts[row.style][1] += verdict.flagged
    if not counts:
        return []
    lines = ["", f"{'style of risk':30} {'messages':>8} {'found':>8} {'recall':>7}"]
    return lines + [
        f"{style:30} {total:8} {found:8} {found / total:7.1%}" for style, (total, found) in sorted(counts.items())
    ]


def _speeds(judged: List[Tuple[Labelled, Verdict]]) -> List[str]:
    counts = Counter(
        (row.respond, verdict.respond) for row, verdict in judged if row.respond and verdict.respond is not None
    )
    if not counts:
        return []
    lines = ["", f"{'should be looked at':22}" + "".join(f"{called:>18}" for called in RESPONSES)]
    for wanted in RESPONSES:
        lines.append(f"{wanted:22}" + "".join(f"{counts[wanted, called]:18}" for called in RESPONSES))
    slower = sum(
        count
        for (wanted, called), count in counts.items()
        if wanted and called and RESPONSES.index(called) > RESPONSES.index(wanted)
    )
    return [*lines, f"called later than labelled: {slower} of {sum(counts.values())}"]
