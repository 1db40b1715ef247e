"""Reviews as data: whole, true about who has read what, and refused with file, line and cure where they are not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from clinic.content.topics import Topics
from clinic.content.yaml_files import DataFileError
from clinic.content_review.answers import PARTS, answers_by_topic
from clinic.content_review.reading_ease import reading_ease, syllables_of
from clinic.content_review.reviews import NOBODY, REVIEWS, Review, Reviews

TODAY = date(2026, 11, 23)
WORDS = "0123456789ab"


def test_reviews_claim_nobody_who_has_not_read_anything() -> None:
    """When a clinician has reviewed something, their name stands in the file, and this test goes."""
    reviews = Reviews.load(Topics.load())
    assert {one.reviewer for one in [*reviews.by_topic.values(), *reviews.by_file.values()]} == {NOBODY}


def test_reviews_every_topic_has_three_texts() -> None:
    for one in answers_by_topic(Topics.load()).values():
        assert tuple(text.part for text in one.texts) == PARTS


@pytest.mark.parametrize(
    ("reviewer", "reviewed_on", "review_by", "words", "state"),
    [
        (NOBODY, None, date(2027, 1, 1), None, "not_reviewed"),
        (NOBODY, None, date(2026, 11, 22), None, "overdue"),
        ("Dr A, psychologist", date(2026, 1, 1), date(2026, 11, 23), WORDS, "current"),
        ("Dr A, psychologist", date(2026, 1, 1), date(2027, 1, 1), "f" * 12, "changed"),
        ("Dr A, psychologist", date(2026, 1, 1), date(2026, 11, 22), "f" * 12, "overdue"),
    ],
)
def test_review_state(reviewer: str, reviewed_on: date | None, review_by: date, words: str | None, state: str) -> None:
    review = Review(reviewer=reviewer, reviewed_on=reviewed_on, review_by=review_by, words=words)
    assert review.state(WORDS, TODAY) == state


def test_reviews_fingerprint_changes_with_the_words() -> None:
    answers = answers_by_topic(Topics.load())
    assert len({one.fingerprint for one in answers.values()}) == len(answers)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("topic: what_is_dit", "topic: what_is_it", r"line \d+: there is no topic 'what_is_it'"),
        ("topic: how_dit_helps", "topic: what_is_dit", r"line \d+: 'what_is_dit' stands twice"),
        ("- {topic: aim_of_dit,", "#", "no entry for aim_of_dit"),
        ("file: service/sms.yml", "file: service/none.yml", r"line \d+: there is no file data/service/none.yml"),
        ("review_by: 2027-05-31}", "review_by: 2027-05-31, reviewed_on: 2026-01-01}", r"line \d+: answers.0"),
        ("reviewer: not yet reviewed by a clinician", "reviewer: Dr A", r"line \d+: answers.0: .*a name needs the day"),
    ],
)
def test_reviews_wrong_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = REVIEWS.read_text(encoding="utf-8")
    assert old in text
    wrong = tmp_path / "reviews.yml"
    wrong.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataFileError, match=told):
        Reviews.load(Topics.load(), wrong)


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("time", 1), ("asked", 1), ("needed", 2), ("table", 2), ("therapy", 3), ("I", 1), ("questionnaire", 3),
        ("silence", 2), ("you're", 1), ("makes", 1), ("sentences", 3), ("happy", 2), ("see", 1),
    ],
)  # fmt: skip
def test_reading_ease_syllables(word: str, syllables: int) -> None:
    assert syllables_of(word) == syllables


def test_reading_ease_knows_hard_from_easy() -> None:
    easy = reading_ease("The dog ran to me. I was glad. It was a good day.")
    hard = reading_ease("Psychodynamic interventions conceptualise interpersonal difficulties developmentally.")
    assert easy.age < 7 < 18 < hard.age and easy.ease > 90 > 0 > hard.ease
    assert (easy.words, easy.sentences) == (13, 3)
    assert reading_ease("").words == 0
