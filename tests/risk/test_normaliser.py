"""What people type becomes plain words, and every word leads back to what was typed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risk.language.normaliser import Normaliser
from risk.language.traced import TracedText


def words(normaliser: Normaliser, raw: str) -> str:
    return " ".join(word.text for word in normaliser.readings(raw)[0].words)


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("I WANT TO DIE", "i want to die"),
        ("I don\u2019t want to be here", "i do not want to be here"),
        ("I don't want", "i do not want"),
        ("i dont want", "i do not want"),
        ("i don t want", "i do not want"),
        ("donâ€™t", "do not"),  # UTF-8 read as Windows-1252
        ("can't won't shan't ain't", "can not will not shall not am not"),
        ("I'm, I've, I'd, I'll", "i am i have i would i will"),
        ("she's mum's", "she is mum"),
        ("ki\u200bll my\u00adself", "kill myself"),
        ("k\u0336i\u0336l\u0336l\u0336", "kill"),
        ("ｋｉｌｌ 𝓶𝔂𝓼𝓮𝓵𝓯", "kill myself"),
        ("кill", "kill"),  # the first letter is Cyrillic
        ("k i l l  m y s e l f", "kill myself"),
        ("k i l l m y s e l f", "kill myself"),
        ("k.i.l.l m.y.s.e.l.f", "kill myself"),
        ("i want to k m s", "i want to kill myself"),
        ("k1ll mys3lf", "kill myself"),
        ("su!cide", "suicide"),
        ("$uicide", "suicide"),
        ("k*ll s**cide k-ll", "kill suicide kill"),
        ("kiiiill myseeeelf", "kill myself"),
        ("kiill", "kill"),
        ("killlll", "kill"),
        ("sui cide ki ll", "suicide kill"),
        ("kms", "kill myself"),
        ("unalive", "unalive"),
        ("sewerslide", "suicide"),
        ("ctb", "catch the bus"),
        ("ima end it 2nite", "i am going to end it tonight"),
        ("gonna", "going to"),
        ("iwanttodie", "i want to die"),
        ("killmyself", "kill myself"),
        ("sucide suicdal overdoes", "suicide suicidal overdose"),
        ("mysen meself masel", "myself myself myself"),
        ("cannae dinnae", "can not do not"),
        ("hurtin killin", "hurting killing"),
        ("id be better off", "i would be better off"),
        ("ill kill", "i will kill"),
        ("every body, no one", "everyone nobody"),
        ("i want to 🔪 myself", "i want to knife myself"),
        ("took 20 tablets", "took <number> tablets"),
        ("stop. please", "stop . please"),
        ("i want to.. die", "i want to die"),
        ("die.now", "die now"),
    ],
)
def test_normaliser_reads(normaliser: Normaliser, raw: str, plain: str) -> None:
    assert words(normaliser, raw) == plain


@pytest.mark.parametrize(
    "raw",
    [
        "homeless",
        "willing",
        "strange",
        "attached",
        "therapist",
        "the tables",
        "amusing",
        "feeling ill today",
        "show my id card",
        "i see",
        "a b c",
        "good dinner",
        "hanger",
    ],
)
def test_normaliser_leaves_ordinary_words_alone(normaliser: Normaliser, raw: str) -> None:
    assert words(normaliser, raw) == raw


@pytest.mark.parametrize("raw", ["ring 111", "at 2am", "the 5th", "took 20mg"])
def test_normaliser_reads_numbers_as_numbers(normaliser: Normaliser, raw: str) -> None:
    assert "<number>" in words(normaliser, raw)


def test_normaliser_reads_a_distance_as_one(normaliser: Normaliser) -> None:
    assert "kill" not in words(normaliser, "ran 5 kms")


def test_normaliser_reads_digits_as_letters_only_beside_other_disguises(normaliser: Normaliser) -> None:
    readings = [" ".join(word.text for word in reading.words) for reading in normaliser.readings("w4n7 70 d13")]
    assert "want to die" in readings
    assert len(normaliser.readings("it costs 70 pounds")) == 1


def test_normaliser_reads_on_past_an_emoji_with_a_meaning(normaliser: Normaliser) -> None:
    readings = [" ".join(word.text for word in reading.words) for reading in normaliser.readings("i want to 🔪 die")]
    assert "i want to die" in readings


@pytest.mark.parametrize(
    ("raw", "word", "typed"),
    [
        ("Honestly gonna kms tbh", "kill", "kms"),
        ("i want to K I L L myself", "kill", "K I L L"),
        ("so su!cide again", "suicide", "su!cide"),
        ("I can\u2019t go on", "not", "can\u2019t"),
        ("ki\u200bll", "kill", "ki\u200bll"),
        ("donâ€™t die", "die", "die"),
        ("😭😭 i want to die 😭", "die", "die"),
    ],
)
def test_normaliser_leads_back_to_what_was_typed(normaliser: Normaliser, raw: str, word: str, typed: str) -> None:
    reading = normaliser.readings(raw)[0]
    at = [one.text for one in reading.words].index(word)
    assert reading.typed(at, at + 1) == typed


@settings(max_examples=300, deadline=None)
@given(raw=st.text(max_size=60))
def test_normaliser_takes_any_text_and_traces_all_of_it(normaliser: Normaliser, raw: str) -> None:
    for reading in normaliser.readings(raw):
        assert reading.text.raw == raw
        for at in range(len(reading.words)):
            assert reading.typed(at, at + 1) in raw


@given(raw=st.text(alphabet="abc ", max_size=20), new=st.text(alphabet="abcd ", max_size=20))
def test_traced_text_finds_out_what_a_library_changed(raw: str, new: str) -> None:
    text = TracedText.of(raw).become(new)
    assert text.text == new
    for at in range(len(new)):
        start, end = text.origin(at, at + 1)
        assert 0 <= start <= end <= len(raw)


def test_traced_text_an_empty_span_has_no_origin() -> None:
    with pytest.raises(ValueError, match="no origin"):
        TracedText.of("abc").origin(1, 1)
