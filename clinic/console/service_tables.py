"""The service's figures as tables in words: the same for the page and for the CSV files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, get_args

from sqlalchemy.orm import Session

from clinic.console import wording
from clinic.console.bar_charts import BarChart, bar_chart
from clinic.console.times import lasted
from clinic.questions.service import WHYS, counts
from clinic.service_figures.answering import Answered, answered
from clinic.service_figures.asking import most_asked
from clinic.service_figures.periods import Period
from clinic.service_figures.responding import MOST_READ, flags, responding
from clinic.service_figures.small_numbers import SMALLEST_SHOWN, guarded, is_too_small
from clinic.service_figures.waiting import by_week, invited, waiting
from clinic.services import Services

Name = Literal[
    "responding",
    "responding_by_week",
    "flags",
    "answered",
    "waiting",
    "invitations",
    "list_by_week",
    "questions",
    "topics",
]
NAMES: tuple[Name, ...] = get_args(Name)
TOO_SMALL = f"1 to {SMALLEST_SHOWN - 1}"
# Nothing to be told: an empty cell in a file.
NONE = ""
_STANDING = {"not_invited": "Not invited", "invited": "Invited", "joined": "Joined", "said_no": "Said no"}
_WHY = {
    "out_of_scope": "Not in the leaflet",
    "unsure": "Offered topics, none fitted",
    "second_miss": "Not understood, twice in a row",
}


@dataclass(frozen=True)
class Table:
    """One table. The first cell of a row is its heading."""

    name: Name
    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    chart: BarChart | None = None
    # What stands there in place of a table without a single number.
    empty: str = ""


def table(name: Name, services: Services, session: Session, period: Period) -> Table:
    """One of the tables."""
    return _TABLES[name](services, session, period)


def _responding(services: Services, session: Session, period: Period) -> Table:
    found = responding(session, period)
    rows = []
    for respond, waits in found.by_respond.items():
        oldest = found.oldest_open.get(respond)
        rows.append(
            (
                wording.respond_in_words(respond),
                str(waits.count),
                str(waits.waiting),
                _duration(waits.median),
                _duration(waits.p95),
                lasted(oldest, period.until) if oldest is not None else NONE,
            )
        )
    return Table(
        "responding",
        "How soon a person looked",
        "Until somebody acknowledged an escalation; where it opened again, until somebody did so again. The oldest one "
        "that nobody is looking at now counts whatever the period.",
        ("How soon", "Escalations", "Nobody yet", "Median", "95 of 100 within", "Oldest open"),
        tuple(rows),
        empty="" if any(waits.count for waits in found.by_respond.values()) or found.oldest_open else "No escalations.",
    )


def _responding_by_week(services: Services, session: Session, period: Period) -> Table:
    found = responding(session, period).by_week
    return Table(
        "responding_by_week",
        "Escalations by week",
        "By the week in which they were written.",
        ("Week from", "Escalations", "Median", "95 of 100 within"),
        tuple(
            (_day(week), str(waits.count), _duration(waits.median), _duration(waits.p95))
            for week, waits in found.items()
        ),
        bar_chart(
            id="responding_by_week",
            title="Escalations in each week",
            labels=[_short(week) for week in found],
            values=[waits.count for waits in found.values()],
        ),
        empty="" if any(waits.count for waits in found.values()) else "No escalations.",
    )


def _flags(services: Services, session: Session, period: Period) -> Table:
    found = flags(session, period)
    labels = services.escalations.outcomes.labels
    outcomes = [*labels, "open"]
    shown = [name for name in outcomes if found.everything[name]] or ["open"]
    rows = [
        (
            wording.category_in_words(category),
            *(_guarded(counter[outcome]) for outcome in shown),
        )
        for category, counter in found.by_category.items()
        if counter
    ]
    rows.append(("Everything it flagged", *(str(found.everything[outcome]) for outcome in shown)))
    cut = f" Only the latest {MOST_READ:,} escalations of the period are counted." if found.is_cut else ""
    return Table(
        "flags",
        "What the detector's flags came to",
        "One message can count in several rows. Numbers from 1 to 4 are not shown, so that nobody can be recognised."
        + cut,
        ("What it may be about", *(labels.get(outcome, "Still open") for outcome in shown)),
        tuple(rows),
        empty="" if found.everything else "The detector flagged nothing.",
    )


def _answered(services: Services, session: Session, period: Period) -> Table:
    questionnaires = services.questionnaires.questionnaires
    found = answered(session, period, questionnaires)
    names = list(next(iter(found.values()), Answered()).completed)
    titles = [questionnaires.get(name).title for name in names]
    rows = []
    for week, one in found.items():
        small = is_too_small(one.sessions)
        row = [_day(week), TOO_SMALL if small else str(one.sessions)]
        for name in names:
            row.append(NONE if small or not one.sessions else _percent(one.completed[name] / one.sessions))
        row.append(NONE if small or not one.sessions else _guarded(sum(one.unfinished.values())))
        rows.append(tuple(row))
    shares = [one.share if not is_too_small(one.sessions) else None for one in found.values()]
    return Table(
        "answered",
        "Questionnaires that were filled in",
        "Of those due, by the week of the session. Cancelled sessions and people who have not joined are left out. "
        "Weeks with fewer than 5 sessions are not shown.",
        ("Week from", "Sessions", *titles, "Begun, not finished"),
        tuple(rows),
        bar_chart(
            id="answered",
            title="Questionnaires filled in, of 100 that were due, by week",
            labels=[_short(week) for week in found],
            values=[None if share is None else share * 100 for share in shares],
            unit="%",
            top=100,
        ),
        empty="" if any(one.sessions for one in found.values()) else "No sessions took place.",
    )


def _waiting(services: Services, session: Session, period: Period) -> Table:
    found = waiting(session, period.until)
    rows = [(_STANDING[group], str(number)) for group, number in found.standing.items()]
    rows += [
        ("On the list for (median)", _days(found.median)),
        ("On the list for (longest)", _days(found.longest)),
    ]
    return Table(
        "waiting",
        "Who waits now",
        "By where they stand with joining, whatever the period.",
        ("Standing", "People"),
        tuple(rows),
        empty="" if any(found.standing.values()) else "Nobody is on the waiting list.",
    )


def _invitations(services: Services, session: Session, period: Period) -> Table:
    found = invited(session, period)
    outcomes = {
        "used": "Used", "open": "Can still be used", "expired": "Ran out", "replaced": "Replaced",
        "locked": "Ended after wrong tries",
    }  # fmt: skip
    ways = {"sms": "Text message", "letter": "Letter"}
    return Table(
        "invitations",
        "Invitations",
        "Sent in the period, and what became of them.",
        ("By", "Sent", *outcomes.values()),
        tuple(
            (ways[way], str(counter.total()), *(str(counter[outcome]) for outcome in outcomes))
            for way, counter in found.by_way.items()
        ),
        empty="" if any(found.by_way.values()) else "No invitations were sent.",
    )


def _list_by_week(services: Services, session: Session, period: Period) -> Table:
    found = by_week(session, period)
    return Table(
        "list_by_week",
        "Joining by week",
        "People added to the waiting list, invitations sent, people who joined.",
        ("Week from", "Added", "Invited", "Joined"),
        tuple((_day(week), str(one.added), str(one.invited), str(one.joined)) for week, one in found.items()),
        bar_chart(
            id="list_by_week",
            title="People who joined in each week",
            labels=[_short(week) for week in found],
            values=[one.joined for one in found.values()],
        ),
        empty="" if any(one.added + one.invited + one.joined for one in found.values()) else "Nothing happened.",
    )


def _questions(services: Services, session: Session, period: Period) -> Table:
    number = counts(session, since=period.since)
    return Table(
        "questions",
        "What the leaflet leaves open",
        "Questions that were not answered. They can be read, without names, under Questions.",
        ("Why", "Questions"),
        tuple((_WHY[why], str(number.get(why, 0))) for why in WHYS),
        empty="" if number else "No question was left open.",
    )


def _topics(services: Services, session: Session, period: Period) -> Table:
    found = most_asked(session, since=period.since)
    rows = [
        (services.topics.get(one.topic).title, _guarded(one.answers), _guarded(one.conversations))
        for one in found
        if one.topic in services.topics
    ]
    return Table(
        "topics",
        "Most asked topics",
        "Answers from the leaflet that people asked for. Numbers from 1 to 4 are not shown.",
        ("Topic", "Answers", "Conversations"),
        tuple(rows),
        empty="" if rows else "Nobody asked about the leaflet.",
    )


_TABLES: dict[Name, Callable[[Services, Session, Period], Table]] = {
    "responding": _responding,
    "responding_by_week": _responding_by_week,
    "flags": _flags,
    "answered": _answered,
    "waiting": _waiting,
    "invitations": _invitations,
    "list_by_week": _list_by_week,
    "questions": _questions,
    "topics": _topics,
}


def _guarded(count: int) -> str:
    shown = guarded(count)
    return TOO_SMALL if shown is None else str(shown)


def _duration(found: timedelta | None) -> str:
    if found is None:
        return NONE
    minutes = found.total_seconds() / 60
    if minutes < 1:
        return "under 1 min"
    if minutes < 120:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h" if minutes < 48 * 60 else f"{minutes / 1440:.1f} days"


def _days(found: timedelta | None) -> str:
    return NONE if found is None else f"{found.days} days"


def _percent(share: float) -> str:
    return f"{share * 100:.0f}%"


def _day(day: date) -> str:
    return day.isoformat()


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"
