"""What a message wishes of the reminders. Knows no database; what is not plain is not guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from clinic.content.paths import REMINDER_WORDINGS
from clinic.content.yaml_files import DataFileError
from clinic.reminder_wishes.wordings import ReminderWordings

_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")
_TIME = (
    r"(?P<past>half (?:past )?|quarter past |quarter to )?"
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d{2}))?(?: (?P<thirty>30|15|45))?"
    r"\s?(?P<half>[ap]\s?m\b)?(?P<clock>\s?o\s?clock)?(?![\d%])"
    r"(?! (?:days?|times?|weeks?|hours?|minutes?|questions?)\b)"
)
# Words before which a bare number is an hour.
_AT = r"(?:at|to|for|about|around|after|make it|like|come|say|than|of|not|from|or|@|is|be|want|hour)\s+"
_THING = re.compile(r"\bremind(?:er)?s?\b(?: me| us)?\b.*?\b(?:to|about|of|that) (?P<thing>[a-z].*)")


class Wants(Enum):
    """What is wished."""

    HOUR = "hour"
    STOP = "stop"
    START = "start"
    WHEN = "when"
    # To be reminded of something else than the questionnaire.
    OTHER_THING = "other_thing"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Wish:
    """The outcome.

    Attributes:
        hours: of HOUR, those that may be meant: "at 7" is 7 and 19.
        is_full_hour: whether it was: 6:30 is read as 6, and not one.
    """

    wants: Wants
    hours: tuple[int, ...] = ()
    is_full_hour: bool = True


@dataclass(frozen=True)
class _Time:
    hours: tuple[int, ...]
    is_full_hour: bool
    is_rejected: bool


class ReminderReader:
    """Reads wishes."""

    def __init__(self, wordings: ReminderWordings) -> None:
        self._words = wordings
        self._stop, self._not_stop = _any_of(wordings.stop), _any_of(wordings.not_stop)
        self._start, self._when = _any_of(wordings.start), _any_of(wordings.when)
        self._rejecting = re.compile(rf"(?:{_either(wordings.not_this_hour)})\s+(?:at\s+)?$")
        self._parts = re.compile(rf"\b(?P<part>{_either(wordings.parts_of_day)})\b")
        self._number_words = re.compile(rf"\b(?:{_either(wordings.numbers)})\b")
        self._complaining, self._wishing = _any_of(wordings.complaining), _any_of(wordings.wishing)
        self._before_noon, self._after_noon = _any_of(wordings.before_noon), _any_of(wordings.after_noon)

    @classmethod
    def load(cls, path: Path = REMINDER_WORDINGS) -> ReminderReader:
        """Reads the words and tries every example.

        Raises:
            DataFileError: the file is broken, or an example is read in another way.
        """
        reader = cls(ReminderWordings.load(path))
        for said, complaint in reader._misread():
            lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            line = next((number for number, text in lines if said in text), 1)
            raise DataFileError(f"{path}, line {line}: '{said}' {complaint}. Correct it and start again.")
        return reader

    def read(self, text: str) -> Wish:
        """What a message about reminders wishes."""
        said = self._plain(text)
        times = self._times(said)
        wished = {time.hours for time in times if not time.is_rejected}
        if self._is_about_another_thing(said):
            return Wish(Wants.OTHER_THING)
        if self._stop.search(said) and not self._not_stop.search(said):
            # "Don't remind me at 6" says no other hour, "stop it at 6, send it at 8" does.
            only = len(wished) == 1 and len(times) > 1
            return self._hour(times) if only else Wish(Wants.UNCLEAR if times else Wants.STOP)
        if wished and self._complaining.search(said) and not self._wishing.search(said):
            return Wish(Wants.WHEN if self._when.search(said) else Wants.UNCLEAR)
        if wished:
            return self._hour(times)
        if times:
            return Wish(Wants.UNCLEAR)
        if self._start.search(said):
            return Wish(Wants.START)
        return Wish(Wants.WHEN if self._when.search(said) else Wants.UNCLEAR)

    def names_clock(self, text: str) -> bool:
        """Whether an hour of the clock stands in the text ("at 6pm"), not only a part of the day."""
        said = self._plain(text)
        return any(
            time.hours not in {(hour,) for hour in self._words.parts_of_day.values()} for time in self._times(said)
        )

    @staticmethod
    def speaks_of_it(text: str) -> bool:
        """Whether the message itself says that it is about reminders."""
        return re.search("remind", text, re.IGNORECASE) is not None

    def read_answer(self, text: str) -> Wish | None:
        """The hour in an answer to "at which hour?", which may be a bare number; None where it is no such answer."""
        said = self._plain(text)
        bare = re.fullmatch(rf"(?:at |about |around )?{_TIME}(?: please| pls| thanks| then)?", said)
        wish = self._hour([self._time(bare, said)]) if bare is not None else self.read(text)
        is_short = len(said.split()) <= 8
        return wish if wish.wants is Wants.HOUR and (bare is not None or is_short) else None

    def _plain(self, text: str) -> str:
        lowered = _APOSTROPHES.sub("", text.lower())
        words = re.sub(r"[^a-z0-9:.@%\s]", " ", lowered)
        words = re.sub(r"(?<!\d)\.|\.(?!\d)|(?<!\d):|:(?!\d)", " ", words)
        numbered = self._number_words.sub(lambda found: str(self._words.numbers[found.group()]), words)
        return " ".join(re.sub(r"\b(?:a )?1/4\b|\ba quarter\b", "quarter", numbered).split())

    def _times(self, said: str) -> list[_Time]:
        """Every hour that is named, and every part of the day where no hour is."""
        found = []
        for match in re.finditer(rf"(?:^|(?P<at>{_AT})|(?<=\s)){_TIME}", said):
            marked = match["at"] or match["past"] or match["minute"] or match["half"] or match["clock"]
            if marked or match.group().strip() == said:
                found.append(self._time(match, said))
        if not found:
            for match in self._parts.finditer(said):
                hour = self._words.parts_of_day[match["part"]]
                is_rejected = self._rejects(said[: match.start()])
                found.append(_Time((hour,), is_full_hour=True, is_rejected=is_rejected))
        return found

    def _time(self, match: re.Match[str], said: str) -> _Time:
        hour, past = int(match["hour"]), (match["past"] or "").strip()
        # "09:00" is written as clocks of 24 hours do.
        half = match["half"] or ("am" if match["hour"].startswith("0") and hour else None)
        if past == "quarter to":
            hour = hour - 1 or 12
        is_full = not past and (match["minute"] or "00") == "00" and not match["thirty"]
        start = match.start("past") if match["past"] else match.start("hour")
        return _Time(self._hours_of(hour, half, said[match.end() :]), is_full, self._rejects(said[:start]))

    def _rejects(self, before: str) -> bool:
        return self._rejecting.search(before) is not None

    def _hours_of(self, hour: int, half: str | None, behind: str) -> tuple[int, ...]:
        """The hours of 24 that may be meant."""
        if hour > 24:
            return ()
        if hour > 12 or hour == 0:
            return (hour % 24,)
        rest = behind.strip()
        if (half and half.startswith("a")) or self._before_noon.match(rest):
            return (hour % 12,)
        if (half and half.startswith("p")) or self._after_noon.match(rest):
            return (hour % 12 + 12,)
        return (hour % 12, hour % 12 + 12)

    @staticmethod
    def _hour(times: Iterable[_Time]) -> Wish:
        wished = {time for time in times if not time.is_rejected and time.hours}
        if len({time.hours for time in wished}) != 1:
            return Wish(Wants.UNCLEAR)
        time = next(iter(wished))
        return Wish(Wants.HOUR, time.hours, time.is_full_hour)

    def _is_about_another_thing(self, said: str) -> bool:
        found = _THING.search(said)
        if found is None or re.match(_TIME, found["thing"]) or self._parts.match(found["thing"]):
            return False
        words = set(found["thing"].split())
        own = {"reminder", "reminders", "remind", *self._words.about_the_questionnaire}
        return not words & own and not re.match(r"\d", found["thing"])

    def _misread(self) -> Iterable[tuple[str, str]]:
        examples = self._words.examples
        for said, hours in examples.hour.items():
            wish = self.read(said)
            if (wish.wants, wish.hours) != (Wants.HOUR, tuple(hours)):
                yield said, f"is read as {wish}"
        for wants in (Wants.STOP, Wants.START, Wants.WHEN, Wants.OTHER_THING, Wants.UNCLEAR):
            for said in getattr(examples, wants.value):
                if self.read(said).wants is not wants:
                    yield said, f"is read as {self.read(said)}"


def _either(phrases: Iterable[str]) -> str:
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))


def _any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_either(phrases)})(?!\w)")
