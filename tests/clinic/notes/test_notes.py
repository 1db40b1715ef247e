"""Things to raise: kept as written, found again, changed, deleted and shared only as the person says."""

from __future__ import annotations

import pytest
from sqlalchemy import text as sql

from clinic.conversations.models import Conversation
from clinic.notes.service import notes_of, shared_notes
from clinic.services import Services
from tests.clinic.courses.conftest import CourseMaker
from tests.clinic.notes.conftest import Person


def kept(person: Person) -> list[tuple[int, str]]:
    with person.services.database.write() as session:
        return [(note.number, note.text) for note in notes_of(session, person.conversation_id)]


def shared(services: Services, patient_id: str) -> list[str]:
    with services.database.read() as session:
        return [note.text for note in shared_notes(session, patient_id)]


async def test_notes_are_kept_and_shown(person: Person) -> None:
    said = person.act("add", "remind me to ask why she never answers")
    assert said["custom"]["kind"] == "note" and "ask why she never answers" in said["text"]
    assert "staff can read this chat" in said["text"]
    assert "staff can read" not in person.act("add", "note: my dad")["text"]
    assert kept(person) == [(1, "ask why she never answers"), (2, "my dad")]
    listed = person.act("show", "show my notes")["text"]
    assert "1. ask why she never answers\n2. my dad" in listed


async def test_notes_the_question_before_is_kept_as_it_was_written(person: Person) -> None:
    person.write("Why does she  NEVER answer me??")
    person.act("add", "keep it as a note")
    assert kept(person) == [(1, "Why does she  NEVER answer me??")]


async def test_notes_there_is_nothing_before_to_keep(person: Person) -> None:
    assert "'note:'" in person.act("add", "keep it as a note")["text"]
    person.act("show", "show my notes")
    # What was about notes is no thing to raise.
    assert "'note:'" in person.act("add", "keep that")["text"]
    assert kept(person) == []


async def test_notes_one_message_makes_one_note(person: Person) -> None:
    message_id = person.write("note: my dad")
    for _ in range(2):
        person.act_on("add", message_id, "note: my dad")
    assert kept(person) == [(1, "my dad")]


async def test_notes_without_a_door_nothing_is_kept(person: Person) -> None:
    assert person.act_on("add", None, "note: my dad")["response"] == "utter_fallback_second"
    assert kept(person) == []


async def test_notes_numbers_stay_when_others_are_deleted(person: Person) -> None:
    for text in ("note: a dream", "note: my dad", "note: the clock"):
        person.act("add", text)
    person.act("manage", "delete 2")
    assert "not sure" in person.act("manage", "delete 2")["text"]
    assert kept(person) == [(1, "a dream"), (3, "the clock")]
    person.act("manage", "change 3 to why he looks at the clock")
    assert kept(person) == [(1, "a dream"), (3, "why he looks at the clock")]
    person.act("manage", "delete 1 and 3")
    assert kept(person) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("delete the one about my dad", [(1, "the dream about Dad's car"), (3, "the clock")]),
        # Two hold the word, one number is not there, a word is in none: nothing is done.
        ("delete the one about dad", None),
        ("delete 3 and 4", None),
        ("delete the one about mum", None),
        ("I had a strange week", None),
        ("change 1", None),
        ("delete all my notes", []),
    ],
)
async def test_notes_are_deleted_by_word_only_where_it_is_plain(
    person: Person, text: str, left: list[tuple[int, str]] | None
) -> None:
    before = [(1, "the dream about Dad's car"), (2, "tell dad off"), (3, "the clock")]
    if text == "delete the one about my dad":
        before[0], left = (1, "the dream about the car"), [(1, "the dream about the car"), (3, "the clock")]
    for _, note in before:
        person.act("add", f"note: {note}")
    person.act("manage", text)
    assert kept(person) == (before if left is None else left)


async def test_notes_are_shared_one_at_a_time_and_taken_back(services: Services, maker: CourseMaker) -> None:
    patient_id = maker.patient(chat=False)
    person = Person.begin(services, patient_id=patient_id)
    person.act("add", "note: a dream")
    person.act("add", "note: my dad")
    assert shared(services, patient_id) == []
    person.act("manage", "share my notes")
    person.act("manage", "share all of them")
    assert shared(services, patient_id) == []
    assert "'stop sharing 2'" in person.act("manage", "share 2 with my therapist")["text"]
    assert shared(services, patient_id) == ["my dad"]
    assert "2. my dad (shared)" in person.act("show", "my notes")["text"]
    assert "still shared" in person.act("manage", "change 2 to my mum")["text"]
    assert shared(services, patient_id) == ["my mum"]
    person.act("manage", "please don't share 2 any more")
    assert shared(services, patient_id) == []


async def test_notes_of_somebody_unknown_cannot_be_shared(person: Person) -> None:
    said = person.act("add", "note: a dream")
    assert "share 1" not in [button["payload"] for button in said["buttons"]]
    assert "cannot share" in person.act("manage", "share 1")["text"]


async def test_notes_go_with_the_person_to_another_channel(services: Services, maker: CourseMaker) -> None:
    patient_id = maker.patient(chat=False)
    before_joining = Person.begin(services)
    before_joining.act("add", "note: from before")
    by_text = Person.begin(services, patient_id=patient_id, channel="sms")
    by_text.act("add", "note: by text")
    with services.database.write() as session:
        session.get_one(Conversation, before_joining.conversation_id).patient_id = patient_id
    assert kept(by_text) == kept(before_joining) == [(1, "by text"), (2, "from before")]


async def test_notes_of_one_person_are_not_shown_to_the_next(services: Services, maker: CourseMaker) -> None:
    """A number that has changed hands: the conversation is somebody else's now."""
    first, second = maker.patient(chat=False), maker.patient(chat=False)
    person = Person.begin(services, patient_id=first)
    person.act("add", "note: my secret")
    for owner in (second, None):
        with services.database.write() as session:
            session.get_one(Conversation, person.conversation_id).patient_id = owner
        assert kept(person) == []


async def test_notes_are_stored_encrypted(person: Person) -> None:
    person.act("add", "note: my dad")
    with person.services.database.engine.connect() as connection:
        assert bytes(connection.execute(sql("SELECT text FROM note")).scalar_one()).startswith(b"gAAAA")
