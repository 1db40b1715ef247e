"""Taking out of a message what could tell who wrote it. Rather a word too many than one too few.

Taken out: names that the clinic knows (the person's, those of staff) as whole words in any case; the reference, the
safe word and the clinic's name; e-mail and web addresses; postcodes; every number of two digits or more, also with
spaces and signs in it; months, days of the week and dates; a title with the word behind it; common given names and
larger places (data/improvement/names.yml); and any capitalised word that does not begin a sentence. A rare name in
small letters, or an event that only one person can have lived through, is not found: somebody reads the file before it
is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_EMAIL = re.compile(r"\S+@\S+")
_WEB = re.compile(r"\bhttps?://\S+|\bwww\.\S+|\b[\w-]+\.(?:co\.uk|org\.uk|com|org|net|uk|io)\b\S*", re.IGNORECASE)
_HANDLE = re.compile(r"(?<!\w)@\w+")
_POSTCODE = re.compile(r"\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b", re.IGNORECASE)
# "march" and "may" are words too: with a number only.
_MONTH = (
    "january|february|april|june|july|august|september|october|november|december"
    "|jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec"
)
_DATE = re.compile(
    rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?\s+(?:{_MONTH}|march|mar|may)\b(?:\s+\d{{2,4}})?"
    rf"|\b(?:march|may)\s+\d{{1,4}}(?:st|nd|rd|th)?\b"
    rf"|\b(?:{_MONTH})\b(?:\s+\d{{1,4}}(?:st|nd|rd|th)?)?"
    r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b",
    re.IGNORECASE,
)
# 07700 900123, 12/03/1980, +44 (0)20 ...: from a first to a last digit, with nothing but signs in between.
_NUMBER = re.compile(r"\+?\d[\d\s()./:-]*\d(?:st|nd|rd|th)?")
_TITLE = re.compile(r"\b(?:mrs?|ms|dr|prof)\b\.?\s+\w[\w'-]*", re.IGNORECASE)
_NO_NAMES = r"(?!I\b|I'|DIT\b|NHS\b|GP\b|CPN\b|OK\b|TV\b|PHQ|GAD|God\b)"
_CAPITALISED = re.compile(rf"(?<=[\s(\"'])(?<![.!?:;]\s)(?<!\n){_NO_NAMES}[A-Z][\w'-]*")
_WORD = re.compile(r"(?<!\[)\b[^\W\d_]{2,}\b(?!\])")
_REPEATED = re.compile(r"(\[\w+\])(?:[\s,.'-]*\1)+")


class Scrubber:
    """Takes out what is known of one person, and what looks like identity in anybody's words."""

    def __init__(self, *, names: Iterable[str], phrases: Iterable[str], common: frozenset[str]) -> None:
        """`names`: each of their words counts by itself. `phrases`: as a whole. `common`: names of anybody."""
        self._words = {word.casefold() for name in names for word in _WORD.findall(name)} | common
        self._phrases = [
            re.compile(r"\s+".join(map(re.escape, phrase.split())), re.IGNORECASE)
            for phrase in phrases
            if phrase.strip()
        ]

    def scrub(self, text: str) -> str:
        """The text with [name], [number], [date], [place] or [address] where something was taken out."""
        for phrase in self._phrases:
            text = phrase.sub("[name]", text)
        for pattern, instead in (
            (_EMAIL, "[address]"),
            (_WEB, "[address]"),
            (_HANDLE, "[name]"),
            (_POSTCODE, "[place]"),
            (_DATE, "[date]"),
            (_NUMBER, "[number]"),
            (_TITLE, "[name]"),
        ):
            text = pattern.sub(instead, text)
        text = _WORD.sub(lambda found: "[name]" if found[0].casefold() in self._words else found[0], text)
        # Whoever writes everything large names nobody by that.
        if sum(one.isupper() for one in text) <= sum(one.islower() for one in text):
            text = _CAPITALISED.sub("[name]", text)
        return _REPEATED.sub(r"\1", text)
