"""English stays English, whatever it looks like; other languages are told apart when they are sure."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinic.content.topics import Topics
from clinic.languages.crisis_words import CrisisWords
from clinic.languages.detection import Languages
from evaluation.nlu.sets import FOLDER, read_set

LANGUAGES = Languages(CrisisWords.load())


def _english() -> list[str]:
    topics = frozenset(topic.id for topic in Topics.load())
    texts = [example.text for example in read_set("development", topics=topics)]
    for path in sorted(Path(FOLDER / "two_topics").rglob("*.tsv")):
        texts += [line.split("\t")[-1] for line in path.read_text(encoding="utf-8").splitlines()]
    return texts


def test_detection_takes_no_english_message_for_another_language() -> None:
    texts = _english()
    taken = [text for text in texts if LANGUAGES.of(text) is not None]
    # The set has a few messages in other languages on purpose; all of them have letters that English has not.
    wrongly = [text for text in taken if text.isascii()]
    assert len(texts) > 1000 and len(taken) > 5
    assert wrongly == []


@pytest.mark.parametrize(
    "text",
    [
        "gracias", "ciao", "merci", "danke", "hola", "bonjour", "inshallah", "namaste", "diolch",
        "lol idk tbh", "idk wot 2 do m8 tbh", "omg wtf", "ngl im knackered", "thx", "k", "hmm", "ok", "y", "2",
        "Maria Kowalska", "Siobhan O'Brien", "Nguyen Thi Hoa", "Priya Patel", "José García",
        "asdkjh qwoeiu zzx", "hahahaha", "several days", "more than half the days", "pls halp", "déjà vu",
        "shes not texted back n im gutted", "why she quiet why no talk me", "i no understand therapist",
        "\U0001f622\U0001f622\U0001f622", "...", "", "12:30", "https://example.org",
        "cba w this anymore", "naw yer fine hen", "whit's the point o it aw",
    ],
)  # fmt: skip
def test_detection_leaves_short_english_names_and_single_words_alone(text: str) -> None:
    assert LANGUAGES.of(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Nie rozumiem, czy jest tu ktoś kto mówi po polsku?", "pl"),
        ("nie mowie dobrze po angielsku i nie wiem co robic", "pl"),
        ("Nu vorbesc bine engleza, puteți să mă ajutați cu programarea?", "ro"),
        ("ਮੈਨੂੰ ਅੰਗਰੇਜ਼ੀ ਨਹੀਂ ਆਉਂਦੀ", "pa"),
        ("مجھے انگریزی نہیں آتی، کوئی اردو بولتا ہے؟", "ur"),
        ("Não falo inglês, há alguém que fale português?", "pt"),
        ("No hablo inglés, ¿hay alguien que hable español?", "es"),
        ("أنا لا أتكلم الإنجليزية، هل يوجد أحد يتكلم العربية؟", "ar"),
        ("আমি ইংরেজি বুঝি না, কেউ কি বাংলা বলতে পারেন?", "bn"),
        ("મને અંગ્રેજી નથી આવડતું", "gu"),
        ("Non parlo inglese, c'è qualcuno che parla italiano?", "it"),
        ("Dw i ddim yn hapus heddiw, oes rhywun yn siarad Cymraeg?", "cy"),
        ("Je ne parle pas anglais, est-ce que quelqu'un parle français ?", "fr"),
        ("Добрий день, чи є хтось, хто говорить українською?", "uk"),
        ("Türkçe konuşan biri var mı, İngilizcem iyi değil", "tr"),
        ("请问有中文服务吗", "zh"),
    ],
)
def test_detection_tells_languages_apart(text: str, code: str) -> None:
    assert LANGUAGES.of(text) == code


def test_detection_reads_a_long_message_quickly_enough_to_be_bounded() -> None:
    assert LANGUAGES.of("why does she never say anything to me " * 3000) is None


def test_detection_that_fails_leaves_the_message_english(monkeypatch: pytest.MonkeyPatch) -> None:
    languages = Languages(CrisisWords.load())
    monkeypatch.setattr(languages, "other_than_english", lambda text: 1 / 0)
    assert languages.of("Nie rozumiem po angielsku wcale") is None
    assert languages.of("chcę umrzeć") == "pl"
