from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluation.intervals import Share
from evaluation.risk import report
from evaluation.risk.judging import Judged, false_alarms, predictive_value, recall
from evaluation.risk.mutations import MUTATIONS, in_three, typed_badly
from evaluation.risk.simpler import Flags, phrase_list
from risk.classifier.corpus import Labelled
from risk.verdict import Verdict


def judged(kind: str, *, flagged: bool, respond: str | None = None, text: str = "words") -> Judged:
    risky = kind == "self_harm"
    row = Labelled((text,), kind if risky else None, kind, "explicit", respond, Path("x.tsv"), 1)  # type: ignore[arg-type]
    categories = ("self_harm",) if flagged else ()
    return Judged(row, Verdict(flagged=flagged, respond="today" if flagged else None, categories=categories))


SET = [
    judged("self_harm", flagged=True, respond="today"),
    judged("self_harm", flagged=False, respond="next_working_day"),
    judged("hard", flagged=True),
    judged("hard", flagged=False),
    judged("everyday", flagged=False),
]


def test_risk_report_counts_recall_and_false_alarms() -> None:
    assert recall(SET) == Share(1, 2)
    assert recall(SET, lambda one: one.row.respond == "today") == Share(1, 1)
    assert false_alarms(SET, "hard") == Share(1, 2)
    assert false_alarms(SET, "everyday") == Share(0, 1)


def test_risk_report_predictive_value_at_the_assumed_prevalence() -> None:
    # 5 risky in 1,000 of which 4 are found, and 995 others of which about 10 alarm.
    assert predictive_value(Share(80, 100), Share(1, 100), prevalence=0.005) == pytest.approx(4 / (4 + 9.95), abs=0.001)
    assert predictive_value(Share(0, 1), Share(0, 1)) == 0


def test_risk_report_summary_has_a_column_a_set() -> None:
    lines = report.summary({"development": SET, "test": SET}, {"development": Share(1, 10), "test": Share(2, 10)})
    assert any("recall, all | 0.500" in line for line in lines)
    assert any("0.200" in line and "questions" in line for line in lines)


def test_risk_report_curve_falls_with_the_alarms_allowed() -> None:
    rows = [judged("self_harm", flagged=True)] * 50 + [judged("hard", flagged=False)] * 50 + SET[-1:]
    lines = report.curve(np.concatenate([np.linspace(0.2, 1, 50), np.linspace(0, 0.8, 50), [0.1]]), rows)
    recalls = [float(line.split("|")[3]) for line in lines[2:]]
    assert recalls == sorted(recalls)
    assert recalls[0] < recalls[-1]


def test_risk_report_lists_every_mistake() -> None:
    lines = report.mistakes(SET)
    assert "Missed: 1." in lines
    assert "False alarms: 1." in lines


def test_risk_report_phrase_list_finds_phrases_only() -> None:
    rows = [one.row for one in (judged("self_harm", flagged=True, text="I want to KILL MYSELF"), SET[0])]
    assert phrase_list(rows) == Flags("a list of phrases", [True, False])


def test_risk_report_mutations_keep_every_word() -> None:
    text = "going to end everything tonight"
    assert " ".join(in_three(text)) == text
    assert sorted(typed_badly(text)) == sorted(text)
    assert typed_badly(text) != text
    assert MUTATIONS["as it is"](text) == text
