"""Measures the detector on both sets and writes it down."""

from __future__ import annotations

import numpy as np

from clinic.content.topics import Topics
from evaluation.intervals import Share
from evaluation.nlu.sets import SETS, read_set
from evaluation.risk import report, simpler
from evaluation.risk.judging import HARD, false_alarms, judge_sets, read_rows
from evaluation.risk.mutations import kept
from risk.classifier.inputs import DEVELOPMENT
from risk.classifier.model import Classifier
from risk.classifier.training import judge_development
from risk.detector import Detector

_MEANING = """\
Recall: of the risky messages, the share that is flagged. Alarms: of the harmless ones. The hard ones were written to
look like risk, which messages of a day are not. The threshold was chosen on the development set; nothing is trained on
either set. What was missed is listed for the development set only: whoever reads the test set's misses and mends them
has no test set any more. In brackets: Wilson's 95 % interval; its lower end is what may be relied on."""


def evaluate() -> tuple[list[str], list[str]]:
    """The summary, and the whole report, as lines of Markdown.

    Raises:
        DataError: a set is malformed.
        ModelMissing: the detector is not trained.
    """
    detector = Detector.load()
    results = judge_sets(detector)
    summary = report.summary(results, {name: _questions(detector, name) for name in SETS})
    lines = ["# How well the detector finds what a human should look at", "", *_MEANING.splitlines(), "", *summary]
    development = read_rows("development")
    alarms = false_alarms(results["development"], HARD).value
    for name, judged in results.items():
        rows = [one.row for one in judged]
        others = [simpler.phrase_list(rows), simpler.tfidf(development, rows, hard_alarms=alarms)]
        sections = {
            "beside simpler ways": report.compared(judged, others),
            "by category": report.by_category(judged),
            "by how it is said": report.by_style(judged),
            "by how soon": report.by_response(judged),
        }
        for title, section in sections.items():
            lines += ["", f"## Detector, {name} set: {title}", "", *section]
    lines += ["", "## Detector, development set: typed in other ways", "", *kept(detector, results["development"])]
    lines += ["", "## Detector, development set: recall against false alarms", "", *_curve(results)]
    lines += ["", "## Detector, development set: every mistake", "", *report.mistakes(results["development"])]
    return summary, lines


def _questions(detector: Detector, name: str) -> Share:
    topics = frozenset(topic.id for topic in Topics.load())
    verdicts = [detector.screen(example.text) for example in read_set(name, topics=topics)]
    return Share(sum(verdict.flagged for verdict in verdicts), len(verdicts))


def _curve(results: report.Results) -> list[str]:
    judged = judge_development(Detector.load(rules_only=True), Classifier.load(), DEVELOPMENT)
    return report.curve(np.asarray(judged.scores), results["development"])
