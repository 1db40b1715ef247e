"""What is read as an answer, what as a wish, and what is asked again. Nothing is guessed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.content.paths import ANSWERS, QUESTIONNAIRES
from clinic.content.yaml_files import DataFileError
from clinic.questionnaires.definitions import Questionnaire, Questionnaires
from clinic.questionnaires.reading import Reading, Wordings
from clinic.questionnaires.reading.checking import make_readers
from clinic.questionnaires.reading.notation import NotationError, compile_pattern

LOADED = Questionnaires.load(QUESTIONNAIRES)
READERS = make_readers(LOADED, Wordings.load(ANSWERS))
PHQ9 = READERS["phq-9"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        (" 2 ", 2),
        ("3.", 3),
        ("\u0663", 3),  # a digit of another script is a digit
        ("two", 2),
        ("SEVERAL DAYS!", 1),
        ("0 - Not at all", 0),
        ("2=More than half the days", 2),
        ("b", 1),
        ("Option C", 2),
        ("the second one", 1),
        ("most days tbh", 2),
        ("i\u2019d say 2", 2),
        ("nealry every day", 3),
        ("every day \U0001f622", 3),
        ("4 or 5 days", 1),
        ("60% of the time", 2),
        ("every. single. day.", 3),
        ("that one's fine so 0", 0),
        ("10 out of 14", 2),
        ("tired: 3. obviously", 3),
        ("2 of the 14 days", 1),
        ("no", 0),
        ("not rly", 0),
    ],
)
def test_reading_answers_are_understood(text: str, value: int) -> None:
    understood = PHQ9.read(text, 4)
    assert (understood.reading, understood.value) == (Reading.ANSWER, value)


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("2 or 3", Reading.BETWEEN),
        ("1/2", Reading.BETWEEN),
        ("1-2", Reading.BETWEEN),
        ("maybe 2 maybe 3", Reading.BETWEEN),
        ("half the days", Reading.BETWEEN),
        ("7 days", Reading.BETWEEN),
        ("1 2", Reading.SEVERAL),
        ("1 2 3 0", Reading.SEVERAL),
        ("4", Reading.OUT_OF_RANGE),
        ("-1", Reading.OUT_OF_RANGE),
        ("2+", Reading.OUT_OF_RANGE),
        ("1 1 2 9 1 1 1 1 1", Reading.OUT_OF_RANGE),
        ("e", Reading.OTHER),
        ("yes", Reading.OTHER),
        ("sometimes", Reading.OTHER),
        ("no energy", Reading.OTHER),
        ("zero energy", Reading.OTHER),
        ("i have none", Reading.OTHER),
        ("i sleep every day", Reading.OTHER),
        ("not nearly every day", Reading.OTHER),
        ("every day until last week", Reading.OTHER),
        ("3?", Reading.OTHER),
        ("i have 3 kids", Reading.OTHER),
        ("no thanks", Reading.OTHER),
        ("yes not at all", Reading.OTHER),
        ("actually 1", Reading.OTHER),
        ("2.5", Reading.BETWEEN),
        ("", Reading.OTHER),
        ("?", Reading.OTHER),
        ("\U0001f622", Reading.OTHER),
    ],
)
def test_reading_what_is_not_plain_is_not_guessed(text: str, reading: Reading) -> None:
    assert PHQ9.read(text, 4).reading is reading


@pytest.mark.parametrize("text", ["not really", "not rly", "not particularly"])
def test_reading_soft_words_are_no_zero_where_an_answer_is_told_to_a_person(text: str) -> None:
    assert PHQ9.read(text, 1).value == 0
    assert PHQ9.read(text, 9).reading is Reading.OTHER


def test_reading_a_story_beside_the_answer_is_no_zero_where_it_is_told() -> None:
    assert PHQ9.read("0. my dog died", 1).value == 0
    assert PHQ9.read("0. my dog died", 9).reading is Reading.OTHER


@pytest.mark.parametrize("text", ["112001200", "1 1 2 0 0 1 2 0 0", "1,1,2,0,0,1,2,0,0", "1\n1\n2\n0\n0\n1\n2\n0\n0"])
def test_reading_a_row_of_nine_numbers(text: str) -> None:
    assert PHQ9.read(text, 1).values == (1, 1, 2, 0, 0, 1, 2, 0, 0)


@pytest.mark.parametrize(
    ("text", "reading", "item", "value"),
    [
        ("change 3 to 1", Reading.CHANGE_ITEM, 3, 1),
        ("change sleep to nearly every day", Reading.CHANGE_ITEM, 3, 3),
        ("go back to the appetite one", Reading.RETURN_TO, 5, None),
        ("change question 12 to 1", Reading.OTHER, None, None),
        ("change the second answer to 0", Reading.CHANGE_ITEM, 2, 0),
        ("i want to change number 1", Reading.RETURN_TO, 1, None),
        ("first should be 3", Reading.CHANGE_ITEM, 1, 3),
        ("q1 is 3 actually", Reading.CHANGE_ITEM, 1, 3),
        ("make the first one 3", Reading.CHANGE_ITEM, 1, 3),
        ("put the first one", Reading.ANSWER, None, 0),
        ("3 should be 1", Reading.OTHER, None, None),
        ("can i change one of my answers", Reading.WHICH, None, None),
        ("how many questions are left?", Reading.HOW_FAR, None, None),
        ("why are you asking me this", Reading.WHY, None, None),
        ("remind me tomorrow", Reading.STOP, None, None),
        ("stop the reminders", Reading.OTHER, None, None),
        ("sorry, i meant 2", Reading.CHANGE_LAST, None, 2),
        ("what do you mean?", Reading.EXPLAIN, None, None),
        ("skip this one please", Reading.SKIP, None, None),
        ("stop for now", Reading.STOP, None, None),
        ("back", Reading.BACK, None, None),
    ],
)
def test_reading_wishes(text: str, reading: Reading, item: int | None, value: int | None) -> None:
    understood = PHQ9.read(text, 5)
    assert (understood.reading, understood.item, understood.value) == (reading, item, value)


@settings(deadline=None, max_examples=300)
@given(text=st.text(max_size=60), item=st.integers(1, 9))
def test_reading_takes_any_text(text: str, item: int) -> None:
    understood = PHQ9.read(text, item)
    assert (understood.value in (0, 1, 2, 3)) or understood.reading is not Reading.ANSWER


@settings(deadline=None, max_examples=200)
@given(
    word=st.sampled_from(["not", "never", "but", "used to", "hardly", "before", "isnt"]),
    said=st.sampled_from(["every day", "several days", "more than half the days", "most days", "nearly every day"]),
    item=st.integers(1, 9),
)
def test_reading_a_word_that_turns_an_answer_round_is_never_overlooked(word: str, said: str, item: int) -> None:
    assert PHQ9.read(f"{word} {said}", item).reading is not Reading.ANSWER
    assert PHQ9.read(f"{said} {word}", item).reading is not Reading.ANSWER


def test_reading_other_scales_by_number_letter_and_label() -> None:
    made = {
        "id": "wsas-like",
        "version": "1",
        "title": "W",
        "attribution": "nobody",
        "stem": "s",
        "loinc_panel": "1-1",
        "loinc_total": "1-2",
        "snomed_score": "123456",
        "scoring": "sum",
        "options": [
            {"value": n, "label": label, "loinc": f"LA{n}-1"} for n, label in enumerate(["Fine", "So so", "Hard"])
        ],
        "items": [{"text": "Working", "loinc": "1-3"}],
    }
    reader = make_readers([Questionnaire.model_validate(made)], Wordings.load(ANSWERS))["wsas-like"]
    assert [reader.read(text, 1).value for text in ("2", "so so", "c", "the first one")] == [2, 1, 2, 0]
    assert reader.read("most days", 1).reading is Reading.OTHER


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("two-weeks.yml", "- several days|nights|mornings|evenings", "- several (days", "line"),
        ("two-weeks.yml", '"not every day"', '"every day"', "line"),
        ("two-weeks.yml", '"mst days tbh"', '"many days tbh"', "many days tbh"),
        ("commands.yml", '"undo that"', '"rewind"', "rewind"),
        ("plain.yml", "numbers: {zero: 0", "numbers: {zero: nil", "numbers"),
        ("commands.yml", "means: back", "means: forward", "means"),
    ],
)
def test_reading_broken_wordings_are_refused_with_their_line(
    tmp_path: Path, file: str, old: str, new: str, complaint: str
) -> None:
    shutil.copytree(ANSWERS, tmp_path / "answers")
    broken = tmp_path / "answers" / file
    assert old in broken.read_text()
    broken.write_text(broken.read_text().replace(old, new, 1))
    with pytest.raises(DataFileError, match=r"line \d+") as raised:
        make_readers(LOADED, Wordings.load(tmp_path / "answers"))
    assert file in str(raised.value) and complaint in str(raised.value)


def test_reading_a_questionnaire_must_name_wordings_that_are_there(tmp_path: Path) -> None:
    shutil.copytree(ANSWERS, tmp_path / "answers")
    (tmp_path / "answers" / "two-weeks.yml").unlink()
    with pytest.raises(DataFileError, match="answered_in: there is no 'two-weeks'"):
        make_readers(LOADED, Wordings.load(tmp_path / "answers"))


@pytest.mark.parametrize("source", ["(days", "days)", "a|", "Days", "i'd", "<place> x", "(a)?", ""])
def test_notation_refuses_what_cannot_be(source: str) -> None:
    with pytest.raises(NotationError):
        compile_pattern(source)
