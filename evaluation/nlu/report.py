"""The tables of models/evaluation.md: one function a section, each returns lines of Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from evaluation.intervals import Share
from evaluation.nlu.calibration import calibration
from evaluation.nlu.outcomes import Judged, Outcome, answered_with_topic, confused_pairs, count
from evaluation.nlu.sets import Kind

# Every message of every set, by the name of the set.
Results = Mapping[str, Sequence[Judged]]
NOT_MEASURED = "not measured"
_MOST_PAIRS = 15
_LENGTHS = ((1, 3), (4, 8), (9, 15), (16, 30), (31, None))


def of_kind(judged: Iterable[Judged], kind: Kind) -> list[Judged]:
    """Those of one kind."""
    return [one for one in judged if one.example.kind is kind]


def share(judged: Sequence[Judged], *outcomes: Outcome) -> Share:
    """How many had one of these outcomes."""
    found = count(judged)
    return Share(sum(found[outcome] for outcome in outcomes), len(judged))


def headline(judged: Sequence[Judged], topics: frozenset[str]) -> dict[str, Share]:
    """The figures that the project is held to, by name."""
    about_topics = of_kind(judged, Kind.TOPIC)
    outside = of_kind(judged, Kind.OUT_OF_SCOPE)
    return {
        "topics: right at once": share(about_topics, Outcome.RIGHT),
        "topics: right or offered": share(about_topics, Outcome.RIGHT, Outcome.OFFERED),
        "topics: offered others": share(about_topics, Outcome.OFFERED_OTHERS),
        "topics: fallback": share(about_topics, Outcome.FALLBACK),
        "topics: wrong": share(about_topics, Outcome.WRONG),
        "out of scope: said so": share(outside, Outcome.RIGHT),
        "out of scope: offered topics": share(outside, Outcome.OFFERED_OTHERS),
        "out of scope: answered from the leaflet": Share(answered_with_topic(outside, topics), len(outside)),
        "service: right": share(of_kind(judged, Kind.SERVICE), Outcome.RIGHT),
    }


def summary(ours: Results, default: Results | None, topics: frozenset[str]) -> list[str]:
    """One column a set for this assistant, one for Rasa's default pipeline."""
    columns = {f"{name}": headline(judged, topics) for name, judged in ours.items()}
    names = next(iter(columns.values()))
    defaults = {name: headline(judged, topics) for name, judged in (default or {}).items()}
    rows = []
    for name in names:
        theirs = [str(defaults[column][name]) if column in defaults else NOT_MEASURED for column in columns]
        rows.append([name, *(str(figures[name]) for figures in columns.values()), *theirs])
    return table(["", *columns, *(f"default pipeline, {column}" for column in columns)], rows)


def per_topic(judged: Sequence[Judged], default: Sequence[Judged] | None) -> list[str]:
    """One row a topic."""
    rows = []
    for topic, messages in _grouped(of_kind(judged, Kind.TOPIC), lambda one: one.example.intent).items():
        found = count(messages)
        theirs = [one for one in default or () if one.example.intent == topic]
        rows.append(
            [
                topic,
                len(messages),
                *(found[outcome] for outcome in Outcome),
                share(messages, Outcome.RIGHT),
                share(messages, Outcome.RIGHT, Outcome.OFFERED),
                f"{share(theirs, Outcome.RIGHT).value:.2f}" if default else NOT_MEASURED,
            ]
        )
    heads = ["topic", "messages", *Outcome, "right (95 %)", "right or offered (95 %)", "right, default pipeline"]
    return table(heads, rows)


def out_of_scope(judged: Sequence[Judged], topics: frozenset[str]) -> list[str]:
    """What came of messages that the leaflet does not cover."""
    outside = of_kind(judged, Kind.OUT_OF_SCOPE)
    wrong = [one.said for one in outside if one.outcome is Outcome.WRONG]
    from_leaflet = Counter(said for said in wrong if said in topics)
    service = Counter(said for said in wrong if said not in topics)
    return [
        *table(
            ["said so", "offered topics", "answered from the leaflet", "answered as service"],
            [
                [
                    share(outside, Outcome.RIGHT),
                    share(outside, Outcome.OFFERED_OTHERS),
                    Share(from_leaflet.total(), len(outside)),
                    Share(service.total(), len(outside)),
                ]
            ],
        ),
        "",
        f"Answered by mistake: {_counted(from_leaflet + service) or 'none'}.",
    ]


def service(judged: Sequence[Judged]) -> list[str]:
    """One row a service intent."""
    groups = _grouped(of_kind(judged, Kind.SERVICE), lambda one: one.example.intent)
    rows = []
    for intent, messages in groups.items():
        instead = Counter(one.said for one in messages if one.outcome is not Outcome.RIGHT)
        rows.append([intent, len(messages), count(messages)[Outcome.RIGHT], _counted(instead)])
    return table(["intent", "messages", "right", "instead"], rows)


def pairs(judged: Sequence[Judged]) -> list[str]:
    """What is taken for what."""
    most = confused_pairs(judged).most_common(_MOST_PAIRS)
    answered = Counter((one.example.intent, one.said) for one in judged if one.outcome is Outcome.WRONG)
    rows = [[meant, first, times, answered[meant, first]] for (meant, first), times in most]
    return table(["meant", "ranked first", "times", "of these answered at once"], rows)


def reliability(judged: Sequence[Judged]) -> list[str]:
    """Chances against what happened."""
    found = calibration(judged)
    rows = [[f"{b.low:.1f}-{b.high:.1f}", b.right.total, f"{b.mean_chance:.3f}", b.right] for b in found.bins]
    return [
        f"Brier score {found.brier:.3f}, expected calibration error {found.ece:.3f}; both of the intent ranked first.",
        "",
        *table(["chance given", "messages", "mean chance", "right (95 %)"], rows),
    ]


def by_length(judged: Sequence[Judged]) -> list[str]:
    """Topic messages by their number of words."""
    rows: list[list[object]] = []
    for low, high in _LENGTHS:
        inside = [
            one
            for one in of_kind(judged, Kind.TOPIC)
            if low <= one.example.words and (high is None or one.example.words <= high)
        ]
        if inside:
            right_or_offered = share(inside, Outcome.RIGHT, Outcome.OFFERED)
            shares = [share(inside, Outcome.RIGHT), right_or_offered, share(inside, Outcome.WRONG)]
            rows.append([f"{low} and more" if high is None else f"{low}-{high}", len(inside), *shares])
    return table(["words", "messages", "right (95 %)", "right or offered (95 %)", "wrong (95 %)"], rows)


def wrong_answers(judged: Sequence[Judged]) -> list[str]:
    """Every message that was answered with something else, word for word."""
    wrong = sorted((one for one in judged if one.outcome is Outcome.WRONG), key=lambda one: one.example.intent)
    return [f"- {one.example.intent} -> {one.said} ({one.chance:.2f}): {_quoted(one.example.text)}" for one in wrong]


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return [f"| {' | '.join(str(cell) for cell in line)} |" for line in lines]


def _grouped(judged: Iterable[Judged], key: Callable[[Judged], str]) -> dict[str, list[Judged]]:
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(key(one), []).append(one)
    return dict(sorted(groups.items()))


def _counted(names: Counter[str]) -> str:
    return ", ".join(f"{name} {times}" for name, times in names.most_common())


def _quoted(text: str) -> str:
    return "`" + text.replace("`", "'") + "`"
