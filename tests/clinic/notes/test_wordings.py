"""What a person wants to keep is the end of what they wrote; what is not plain stays whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.content.paths import NOTE_WORDINGS
from clinic.content.yaml_files import DataFileError
from clinic.notes.wordings import Keeps, NoteWordings

WORDINGS = NoteWordings.load()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("remind me to ask why she never answers", "ask why she never answers"),
        ("Remind me to ask why she never answers?", "ask why she never answers?"),
        ("note that I cried afterwards", "I cried afterwards"),
        ("note: I want to talk about my brother's wedding", "I want to talk about my brother's wedding"),
        ("NOTE - my dad", "my dad"),
        ("can you please remind me about the dream", "the dream"),
        ("don\u2019t let me forget to say sorry", "say sorry"),
        ("Save this for next session: why do I apologise", "why do I apologise"),
        ("for next time: the row", "the row"),
        ("make a note, she said walls", "she said walls"),
        ("add to my list - the letter from my mum", "the letter from my mum"),
        ("remind me to tell him that", "tell him that"),
        # No lead-in, or one that is the beginning of what the person says: everything stays.
        ("note from my mum made me cry, keep it for me", "note from my mum made me cry, keep it for me"),
        ("notes I found from school", "notes I found from school"),
        (
            "I keep forgetting this so hold on to it, I am scared",
            "I keep forgetting this so hold on to it, I am scared",
        ),
        ("remember when dad left", "remember when dad left"),
        ("next time I want to be braver", "next time I want to be braver"),
        ("please", "please"),
        ("remind me to\nask\nabout the break", "ask\nabout the break"),
    ],
)
def test_wordings_what_is_kept(text: str, kept: str) -> None:
    found = WORDINGS.kept_text(text)
    # "remind me to tell him that" means the message before.
    if text == "remind me to tell him that":
        assert found.keeps is Keeps.MESSAGE_BEFORE
    else:
        assert (found.keeps, found.text) == (Keeps.TEXT, kept)


@pytest.mark.parametrize(
    "text",
    [
        "keep it as a note",
        "Keep that as a note, please.",
        "can you write that down",
        "add that to my list",
        "note that",
        "Don't let me forget that!",
        "could you keep that question for me",
        "write that down for my session",
    ],
)
def test_wordings_the_message_before(text: str) -> None:
    assert WORDINGS.kept_text(text).keeps is Keeps.MESSAGE_BEFORE


@pytest.mark.parametrize(
    "text", ["note:", "make a note", "Please make a note.", "remind me to", "note that ...", "I want to make a note"]
)
def test_wordings_a_note_without_words_yet(text: str) -> None:
    assert WORDINGS.kept_text(text).keeps in (Keeps.NOTHING_YET, Keeps.MESSAGE_BEFORE)
    assert WORDINGS.kept_text(text).text == ""


_LEADING = [*WORDINGS.openers, *WORDINGS.lead_ins, *WORDINGS.lead_ins_with_colon]
_SPEECH = st.lists(
    st.sampled_from([*_LEADING, ":", "-", ",", "dad", "I cried", "don\u2019t", "caf\u00e9", "\U0001f600", "why?", "2"]),
    max_size=8,
).map(" ".join)


@given(_SPEECH | st.text(max_size=60))
def test_wordings_never_lose_a_word(text: str) -> None:
    kept = WORDINGS.kept_text(text)
    if kept.keeps is not Keeps.TEXT:
        return
    written = text.strip()
    assert written.endswith(kept.text)
    before = written[: len(written) - len(kept.text)].lower().replace("\u2019", "'")
    # What was taken away are words of the data file and nothing else.
    for phrase in sorted(_LEADING, key=len, reverse=True):
        before = re.sub(rf"(?<![^\W_]){re.escape(phrase)}(?![^\W_])", " ", before)
    assert re.findall(r"\w", before) == []


@pytest.mark.parametrize(
    ("text", "operation", "numbers"),
    [
        ("delete 2", "delete", (2,)),
        ("Delete note two please", "delete", (2,)),
        ("delete notes 1 and 3", "delete", (1, 3)),
        ("get rid of the second one", "delete", (2,)),
        ("we talked about 1 so you can delete it", "delete", (1,)),
        ("share note 1", "share", (1,)),
        ("let my therapist see note 4", "share", (4,)),
        ("stop sharing 1", "stop_sharing", (1,)),
        ("please don't share 3 any more", "stop_sharing", (3,)),
        ("dont share 3", "stop_sharing", (3,)),
        ("I do not want her to see number 2", "stop_sharing", (2,)),
        ("un-share 2", "stop_sharing", (2,)),
        ("delete the one about my dad", "delete", ()),
    ],
)
def test_wordings_what_to_do_with_notes(text: str, operation: str, numbers: tuple[int, ...]) -> None:
    found = WORDINGS.request(text)
    assert found is not None and (found.operation, found.numbers) == (operation, numbers)


@pytest.mark.parametrize(
    ("text", "numbers", "new_text"),
    [
        ("change 1 to ask about mum", (1,), "ask about mum"),
        ("Change note 2 to: I want to talk to Dad", (2,), "I want to talk to Dad"),
        ("edit the second one to say that I don\u2019t sleep", (2,), "that I don\u2019t sleep"),
        ("change 2: share the dream", (2,), "share the dream"),
        ("change 1", (1,), None),
        ("change 3 to delete my number from her phone", (3,), "delete my number from her phone"),
    ],
)
def test_wordings_a_change(text: str, numbers: tuple[int, ...], new_text: str | None) -> None:
    found = WORDINGS.request(text)
    assert found is not None and (found.operation, found.numbers, found.new_text) == ("change", numbers, new_text)


def test_wordings_nothing_to_do() -> None:
    assert WORDINGS.request("I had a strange week") is None


def test_wordings_describing_words() -> None:
    found = WORDINGS.request("please delete the one about my dad")
    assert found is not None and WORDINGS.describing_words(found.words) == {"dad"}


@pytest.mark.parametrize(
    ("broken", "message"),
    [("- please", "- Please now"), ("  stop_sharing:", "  forget_it:"), ("- remind me to\n", "- remind  me to\n")],
)
def test_wordings_wrong_file_is_refused_with_its_line(tmp_path: Path, broken: str, message: str) -> None:
    path = tmp_path / "wordings.yml"
    path.write_text(NOTE_WORDINGS.read_text().replace(broken, message, 1))
    with pytest.raises(DataFileError, match=r"line \d+"):
        NoteWordings.load(path)
