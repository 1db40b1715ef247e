"""Measures a trained model on every set and writes it down."""

from __future__ import annotations

from pathlib import Path

from clinic.content.topics import Topics
from evaluation.nlu import report, two_questions
from evaluation.nlu.default_pipeline import model_on_all_data
from evaluation.nlu.outcomes import judge
from evaluation.nlu.sets import SETS, read_set
from evaluation.nlu.understanding import understand
from evaluation.training_examples import training_examples
from scripts.train import MODEL, fingerprint, is_rasa_trained

_MEANING = """\
What the words mean. Right: answered at once, as meant. Offered: a choice of up to three topics with the right one
among them. Offered others: a choice without it. Fallback: "I do not know", and whom to ask. Wrong: answered at once
with something else. A message that is out of scope is served rightly when the assistant says so. In brackets:
Wilson's 95 % interval. Nothing is trained on these sets and `make check` finds near-duplicates; the development set is
there to choose settings by, the test set is not: whoever changes something because of a line of it spoils it."""
_NO_DEFAULT = """\
Rasa's default pipeline was not measured on this machine: training it on the same {examples} examples takes more
than an hour on two cores. `python -m bench --examples all` does it, and `make evaluate` then shows it here."""


def measure(model: Path, *, topics: frozenset[str], title: str) -> report.Results:
    """What came of every message of every set.

    Raises:
        EvaluationDataError: a set is malformed.
        ModelUnusable: the model is missing or does not answer.
    """
    sets = {name: read_set(name, topics=topics) for name in SETS}
    examples = [example for messages in sets.values() for example in messages]
    understood = understand(model, [example.text for example in examples], title=title)
    answers = iter(understood)
    return {
        name: [judge(example, next(answers), topics=topics) for example in messages] for name, messages in sets.items()
    }


def evaluate() -> tuple[list[str], list[str]]:
    """The summary, and the whole report, as lines of Markdown.

    Raises:
        EvaluationDataError, ModelUnusable: as in `measure`.
    """
    topics = frozenset(topic.id for topic in Topics.load())
    ours = measure(MODEL, topics=topics, title="Asking the assistant")
    default_model = model_on_all_data()
    default = measure(default_model, topics=topics, title="Asking Rasa's default pipeline") if default_model else None
    summary = [*report.summary(ours, default, topics)]
    if default is None:
        summary += ["", _NO_DEFAULT.format(examples=len(training_examples()))]
    return summary, [*write_up(ours, default, summary, topics), "", *two_questions.report(MODEL, topics=topics)]


def write_up(
    ours: report.Results, default: report.Results | None, summary: list[str], topics: frozenset[str]
) -> list[str]:
    """Every section. The same model and sets give the same lines."""
    sizes = ", ".join(f"{len(judged)} in the {name} set" for name, judged in ours.items())
    inputs = f"inputs `{fingerprint()[:12]}`" if is_rasa_trained() else "other inputs than now: run `make train`"
    lines = [
        "# How well messages are understood",
        "",
        f"Made by `make evaluate` from the model of {inputs}; messages: {sizes}.",
        "",
        *_MEANING.splitlines(),
        "",
        *summary,
    ]
    for name, judged in ours.items():
        theirs = default[name] if default else None
        sections = {
            "by topic": report.per_topic(judged, theirs),
            "out of scope": report.out_of_scope(judged, topics),
            "service": report.service(judged),
            "most confused": report.pairs(judged),
            "calibration": report.reliability(judged),
            "by length of message": report.by_length(judged),
        }
        for title, section in sections.items():
            lines += ["", f"## {name.capitalize()} set: {title}", "", *section]
    for name, judged in ours.items():
        lines += ["", f"## {name.capitalize()} set: every wrong answer", "", *report.wrong_answers(judged)]
    return lines
