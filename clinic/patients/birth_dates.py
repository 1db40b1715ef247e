"""Dates of birth, any way people write them; in the United Kingdom the day comes first."""

from __future__ import annotations

import re
from datetime import date

from rapidfuzz.distance import DamerauLevenshtein

from clinic.clock import now

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_SHORTEST_MONTH = 3
_SHORTEST_MISSPELT = 5
_WORDS = re.compile(r"\d+|[a-z]+")
# What is said around a date and is no part of it.
_FILLERS = frozenset(
    {"st", "nd", "rd", "th", "the", "of", "born", "on", "my", "date", "birth", "dob", "is", "was", "i", "it", "its"}
    | {"s", "and", "m", "am", "a", "d", "o", "b", "hi", "hello", "yes", "sure", "ok", "here", "birthday", "year"}
    | {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)
_OLDEST_YEARS = 120


def read_birth_date(text: str) -> date | None:
    """The date in a clinic's list: "12/03/1984", "1984-03-12", "12 March 1984"; the day before the month."""
    readings = _readings(text)
    return readings[0] if readings else None


def may_be_birth_date(text: str) -> bool:
    """Whether somebody meant to write a date, rightly or not: a number and little else."""
    words = [word for word in _WORDS.findall(text.lower()) if word not in _FILLERS]
    others = [word for word in words if not word.isdigit() and not _month(word)]
    return bool(_readings(text)) or (any(word.isdigit() for word in words) and len(others) <= 1 and len(words) <= 5)


def is_birth_date(text: str, born_on: date) -> bool:
    """Whether `text` can be read as this date. The month may stand first, and the century may be missing."""
    return born_on in _readings(text)


def _readings(text: str) -> list[date]:
    """Every date in the past that the text can mean, the usual order first."""
    words = [word for word in _WORDS.findall(text.lower()) if word not in _FILLERS]
    if len(words) == 1 and words[0].isdigit() and len(words[0]) in (6, 8):
        words = _split_digits(words[0])
    if len(words) != 3:
        return []
    first, second, third = words
    if len(first) == 4:
        orders = [(third, second, first)]
    elif _month(first):
        orders = [(second, first, third)]
    else:
        orders = [(first, second, third), (second, first, third)]
    found = [reading for day, month, year in orders for reading in _dates(day, month, year)]
    return list(dict.fromkeys(found))


def _month(word: str) -> int:
    """1 to 12 for a month's name, its beginning, or one slip of the keys in it; 0 for anything else."""
    for number, name in enumerate(_MONTHS, start=1):
        if len(word) >= _SHORTEST_MONTH and name.startswith(word):
            return number
        if len(word) >= _SHORTEST_MISSPELT and DamerauLevenshtein.distance(word, name) == 1:
            return number
    return 0


def _split_digits(digits: str) -> list[str]:
    if len(digits) == 8 and digits.startswith(("19", "20")) and 1 <= int(digits[4:6]) <= 12:
        return [digits[:4], digits[4:6], digits[6:]]
    return [digits[:2], digits[2:4], digits[4:]]


def _dates(day: str, month: str, year: str) -> list[date]:
    number = int(month) if month.isdigit() else _month(month)
    if not (day.isdigit() and year.isdigit() and len(day) <= 2 and len(year) in (2, 4)):
        return []
    today = now().date()
    years = [int(year)] if len(year) == 4 else [1900 + int(year), 2000 + int(year)]
    found = []
    for candidate in years:
        try:
            reading = date(candidate, number, int(day))
        except ValueError:
            continue
        if reading <= today and today.year - reading.year <= _OLDEST_YEARS:
            found.append(reading)
    # Of two centuries the later is the likelier, unless the person would be a small child.
    return sorted(found, key=lambda reading: (today.year - reading.year < 10, -reading.year))
