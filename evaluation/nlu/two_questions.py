"""Two questions in one message: how often both are answered or offered, and what that does to single questions.

`two_topics/<set>/two.tsv` holds two intents and a message, `one.tsv` an intent and a message with "and" or several
sentences. Both were written before anything was built for them; the rule was chosen on the development set.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluation.intervals import Share
from evaluation.nlu.outcomes import MOST_OFFERED, NLU_FALLBACK, TWO_TOPICS, UNSURE
from evaluation.nlu.sets import FOLDER, OUT_OF_SCOPE, SETS, EvaluationDataError
from evaluation.nlu.understanding import Understood, understand

PLACE = FOLDER / "two_topics"
_FILES = {"two.tsv": 2, "one.tsv": 1}


@dataclass(frozen=True)
class Asked:
    """A message and the one or two topics that it asks about."""

    text: str
    topics: frozenset[str]


def read_messages(name: str, *, topics: frozenset[str], place: Path = PLACE) -> list[Asked]:
    """Every message of a set (one of SETS).

    Raises:
        EvaluationDataError: a line does not name as many topics as its file says, or a topic that there is none.
    """
    return [asked for file in _FILES for asked in _read(place / name / file, topics)]


def what_came_of_it(asked: Asked, understood: Understood, *, topics: frozenset[str]) -> str:
    """In words: "both answered", "both offered", "one answered", ... for what the rules would do."""
    ranked = [name for name, _ in understood.ranking if name in topics]
    if understood.intent == TWO_TOPICS:
        given, how = ranked[:2], "answered"
    elif understood.intent == UNSURE:
        given, how = ranked[:MOST_OFFERED], "offered"
    else:
        given, how = [understood.intent], "answered"
    if understood.intent not in (*topics, TWO_TOPICS, UNSURE):
        return "out of scope" if understood.intent in (OUT_OF_SCOPE, NLU_FALLBACK) else "other"
    served = len(asked.topics & set(given))
    if len(asked.topics) == 2:
        return f"{('none', 'one', 'both')[served]} {how}"
    if not served:
        return f"wrong {how}"
    return how if len(given) == 1 or how == "offered" else "answered with another"


def report(model: Path, *, topics: frozenset[str]) -> list[str]:
    """Tables in Markdown, one line an outcome.

    Raises:
        EvaluationDataError, ModelUnusable: as in `read_messages` and `understand`.
    """
    messages = {name: read_messages(name, topics=topics) for name in SETS}
    every = [asked for of_set in messages.values() for asked in of_set]
    answers = iter(understand(model, [asked.text for asked in every], title="Two questions in one message"))
    lines = ["## Two questions in one message", ""]
    for name, of_set in messages.items():
        outcomes = [(asked, what_came_of_it(asked, next(answers), topics=topics)) for asked in of_set]
        for number, title in ((2, "about two topics"), (1, "about one topic, with 'and' or several sentences")):
            counted = Counter(outcome for asked, outcome in outcomes if len(asked.topics) == number)
            total = sum(counted.values())
            lines += [
                f"{name.capitalize()} set, {total} messages {title}:",
                "",
                "| outcome | messages | share (95 % interval) |",
            ]
            lines += ["| --- | --- | --- |"]
            lines += [f"| {what} | {count} | {Share(count, total)} |" for what, count in counted.most_common()]
            lines.append("")
    return lines


def _read(path: Path, topics: frozenset[str]) -> Iterator[Asked]:
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        *intents, message = text.split("\t")
        unknown = set(intents) - topics - {OUT_OF_SCOPE}
        if len(intents) != _FILES[path.name] or unknown or not message.strip():
            raise EvaluationDataError(f"{path}, line {line}: write {_FILES[path.name]} topic(s), tab, message")
        yield Asked(message.strip(), frozenset(intents))
