"""Which hour, or what else, a message about reminders means. What is not plain is not guessed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.content.paths import REMINDER_WORDINGS
from clinic.content.yaml_files import DataFileError
from clinic.reminder_wishes.reading import ReminderReader, Wants

READER = ReminderReader.load()


@pytest.mark.parametrize(
    ("text", "hours", "is_full_hour"),
    [
        ("remind me at 6pm instead", (18,), True),
        ("can you remind me in the morning", (9,), True),
        ("remind me at six", (6, 18), True),
        ("Remind me at 18.30 please", (18,), False),
        ("remind me at half six", (6, 18), False),
        ("remind me at quarter to seven in the evening", (18,), False),
        ("reminder at noon", (12,), True),
        ("remind me at 12", (0, 12), True),
        ("make the reminder 7 p.m.", (19,), True),
        ("move my reminder from 6pm to 8pm", (20,), True),
        ("i want the reminder at 10am not 6pm", (10,), True),
        ("remind me at 25", (), True),
    ],
)
def test_reminder_hour_is_read(text: str, hours: tuple[int, ...], is_full_hour: bool) -> None:
    wish = READER.read(text)
    if hours:
        assert (wish.wants, wish.hours, wish.is_full_hour) == (Wants.HOUR, hours, is_full_hour)
    else:
        assert wish.wants is Wants.UNCLEAR


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("stop the reminders", Wants.STOP),
        ("No more reminders, please!", Wants.STOP),
        ("please do not remind me any more", Wants.STOP),
        ("stop reminding me at 6", Wants.UNCLEAR),
        ("don't stop the reminders", Wants.UNCLEAR),
        ("why did the reminders stop", Wants.UNCLEAR),
        ("start the reminders again", Wants.START),
        ("when do you remind me", Wants.WHEN),
        ("remind me at 6 or 7", Wants.UNCLEAR),
        ("remind me 3 times a day", Wants.UNCLEAR),
        ("don't remind me at 6, remind me at 7pm", Wants.UNCLEAR),
        ("remind me later", Wants.UNCLEAR),
        ("remind me to ask her about the silence", Wants.OTHER_THING),
        ("remind me at 6pm to take my tablets", Wants.OTHER_THING),
        ("remind me to fill in the form at 4pm", Wants.HOUR),
    ],
)
def test_reminder_wishes_are_told_apart(text: str, wants: Wants) -> None:
    assert READER.read(text).wants is wants


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("6", (6, 18)),
        ("six please", (6, 18)),
        ("18:00", (18,)),
        ("evening", (18,)),
        ("the morning is better", (9,)),
        ("hello", None),
        ("i have 3 kids", None),
        ("What is DIT?", None),
        ("In the evening I always think about what she said and then I cannot sleep", None),
    ],
)
def test_reminder_answer_to_the_question_for_an_hour(text: str, hours: tuple[int, ...] | None) -> None:
    wish = READER.read_answer(text)
    assert (wish.hours if wish is not None else None) == hours


@given(st.text(alphabet="remind at0123456789:.apm hlfquterstoy?'", max_size=60) | st.text(max_size=60))
def test_reminder_reading_takes_any_text(text: str) -> None:
    wish = READER.read(f"remind me {text}")
    assert (wish.wants is Wants.HOUR) == bool(wish.hours)
    assert all(0 <= hour < 24 for hour in wish.hours)
    READER.read_answer(text)


def test_reminder_wordings_are_held_to_their_examples(tmp_path: Path) -> None:
    copy = tmp_path / "wordings.yml"
    shutil.copy(REMINDER_WORDINGS, copy)
    copy.write_text(copy.read_text().replace('"remind me at 6pm instead": [18]', '"remind me at 6pm instead": [19]'))
    with pytest.raises(DataFileError, match=r"line \d+: 'remind me at 6pm instead' is read as"):
        ReminderReader.load(copy)
