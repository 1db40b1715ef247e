"""Every word that a patient reads: characters, lengths, plainness, and what must never be said."""

import re
from itertools import chain
from pathlib import Path

import pytest
import yaml

from clinic.content.topics import Topics

DATA = Path(__file__).parents[2] / "data"
TEXT_LIMIT = 430  # three parts of a text message (153 characters each), with room for the quick replies
LABEL_LIMIT = 32
MEAN_WORDS = 16  # of the sentences of one text
LONGEST_SENTENCE = 26

# GSM 03.38, the basic table: each costs one character; anything else makes a text message cost double or more.
GSM_7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
FORBIDDEN = re.compile(
    r"mentally ill|(low|medium|moderate|high|no) risk|you are at risk|risk level"  # labels
    r"|diagnos\w*|disorder|symptom|sufferer|severe\b|\bscore|crazy|attention.seeking|suicid\w*|kill\w*"
    r"|\b(i|we) promise|do(n't| not) worry|cheer up|calm down|at least you|\bunfortunately"  # empty comfort
    r"|i understand (how|what) you|you should have|you must\b"
    r"|overdose|tablet|\bpills?\b|\bcut(s|ting)?\b|\bhang(ing|ed)?\b|\bbridge|\bjump|\brope|\bknife"  # methods
    r"|http|www\.|click here"  # emergency text must not lead away
    r"|behavior|counselor|\bcenter\b|\bcanceled|\w+iz(e|es|ed|ing)\b",  # British spelling
    re.IGNORECASE,
)
PLACEHOLDERS = {
    "{clinic}": "Riverside Talking Therapies",
    "{numbers}": "\n".join(
        line["text"]
        for line in yaml.safe_load((DATA / "crisis" / "contacts.yml").read_text(encoding="utf-8"))["contacts"]
        if line["main"]
    ),
    "{greeting}": "Hello Alexandra Featherstone, thank you, that matches.",
    "{read_when}": "on working days between 9 and 5",
    "{progress}": "Call the clinic's office on 01632 960123, Monday to Friday, 9 to 5.",
    "{likely_wait}": "about 14 to 18 weeks from the day we put you on the list",
    "{first_appointment}": "It takes about an hour. Come to the reception desk and give your name.",
    "{digits}": "123",
    "{hours}": "between 9:00 and 20:00",
    "{from}": "9:00",
    "{code}": "CDFG-HJKM",
    "{url}": "https://chat.clinic.example/join",
    "{sms_number}": "07700 900999",
    "{from_day}": "Wednesday 23 September",
    "{until_day}": "Wednesday 30 September",
    "{name}": "Dr Alexandra Featherstone",
    "{until}": "Wednesday 23 September at 09:00",
    "{item}": "9",
    "{count}": "9",
    "{answers}": "0 1 2 3 0 1 2 3 0",
    "{title}": "PHQ-9",
    "{when}": "Wednesday 23 September at 09:00",
    "{answer}": "More than half the days",
    "{number}": "12",
    "{hour}": "12 noon",
    "{first}": "9 am",
    "{last}": "12 noon",
    "{either}": "8 am or 8 pm",
    "{day}": "Wednesday 23 September",
    "{note}": "ask why she never answers when I want to know what she thinks of me",
}
# Twilio's own words, alone in a message: they switch text messages off or on, or are answered by the network.
WORDS_OF_TWILIO = {
    "stop",
    "stopall",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "revoke",
    "optout",
    "start",
    "yes",
    "unstop",
    "help",
    "info",
}
NOT_SHOWN = {
    "kind",
    "id",
    "tel",
    "sms",
    "sms_body",
    "source",
    "metadata",
    "value",
    "version",
    "topic",
    "stage",
    "order",
}  # their values are for code


def load(path):
    return yaml.safe_load((DATA / path).read_text(encoding="utf-8"))


def leaves(value, where):
    """Every text in nested data, as (where, text)."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in NOT_SHOWN:
                yield from leaves(inner, f"{where}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{where}.{number}")
    elif isinstance(value, str):
        yield where, value


RESPONSES = dict(
    chain.from_iterable(load(path)["responses"].items() for path in sorted((DATA / "responses").glob("*.yml")))
)
JOINING, JOURNEY = load("joining/texts.yml"), {
    "clinic": load("journey/clinic.yml"), "messages": load("journey/messages.yml")
}  # fmt: skip
CRISIS, SERVICE, CONTACTS, TOPICS = (
    load("crisis/texts.yml"), load("service/texts.yml"), load("crisis/contacts.yml"), load("topics.yml"),
)  # fmt: skip
WHERE: dict[str, str] = {}  # each text once, by the first place where it stands
for place, found in chain(
    leaves(TOPICS, "topics"), leaves(RESPONSES, "responses"), leaves(CONTACTS, "contacts"),
    leaves(CRISIS, "crisis"), leaves(SERVICE, "service"), leaves(JOINING, "joining"), leaves(JOURNEY, "journey"),
):  # fmt: skip
    WHERE.setdefault(found, place)
each_text = pytest.mark.parametrize("text", WHERE, ids=list(WHERE.values()))


def filled(text):
    for placeholder, example in PLACEHOLDERS.items():
        text = text.replace(placeholder, example)
    return text


def sentence_lengths(text):
    """Words in each sentence, list line or quoted opening."""
    parts = re.split(r"(?<=[.!?:])['\")]*\s+|\n+", text)
    return [length for length in (len(re.findall(r"[\w']+", part)) for part in parts) if length]


@each_text
def test_texts_are_gsm7(text):
    assert sorted(set(filled(text)) - GSM_7) == []


@each_text
def test_texts_are_within_the_limit(text):
    assert 0 < len(filled(text)) <= TEXT_LIMIT


@each_text
def test_texts_say_nothing_forbidden(text):
    assert not FORBIDDEN.search(text)


@each_text
def test_texts_are_short_sentences(text):
    lengths = sentence_lengths(text)
    assert sum(lengths) / len(lengths) <= MEAN_WORDS
    assert max(lengths) <= LONGEST_SENTENCE


@each_text
def test_texts_are_plain(text):
    assert text == text.strip()
    assert not re.search(r"\*\*|__|`|<|^#|^[-*] |  |\n\n\n", text, re.MULTILINE), "markup or stray spaces"
    assert set(re.findall(r"{[^}]*}?", text)) <= set(PLACEHOLDERS)


@pytest.mark.parametrize(
    ("passes", "text"),
    [
        (lambda text: set(text) <= GSM_7, "your therapist\u2019s silence"),
        (lambda text: set(text) <= GSM_7, "wait \u2013 and see\u2026"),
        (lambda text: not FORBIDDEN.search(text), "You seem to be at High Risk."),
        (lambda text: not FORBIDDEN.search(text), "Please don't worry."),
        (
            lambda text: max(sentence_lengths(text)) <= LONGEST_SENTENCE,
            "and then " * 14,
        ),
    ],
)
def test_texts_checks_can_fail(passes, text):
    assert not passes(text)


def quick_replies():
    """Every button and quick reply, as (label, text that tapping it sends)."""
    for variants in RESPONSES.values():
        for button in chain.from_iterable(variant.get("buttons", []) for variant in variants):
            yield button["title"], button["payload"]
    for entry in [*SERVICE.values(), *SERVICE["questionnaires"].values(), *SERVICE["notes"].values()]:
        if isinstance(entry, str):
            continue
        yield from ((reply["label"], reply["text"]) for reply in entry.get("quick_replies", []))
    for intro in SERVICE["questionnaires"]["intro"].values():
        yield intro["label"], intro["request"]
    for name in ("show", "delete", "share"):
        yield SERVICE["notes"][f"{name}_label"], SERVICE["notes"][f"{name}_request"]
    for reply in CRISIS["safety_replies"].values():
        yield reply["label"], reply["text"]
    for question in JOINING.values():
        if isinstance(question, dict):
            for reply in [*question.get("options", []), *question.get("quick_replies", [])]:
                yield reply["label"], reply["text"]
    yield Topics.none_of_these.label, Topics.none_of_these.text


def test_quick_replies_fit_a_button():
    assert [label for label, _ in quick_replies() if not 0 < len(label) <= LABEL_LIMIT] == []


def test_quick_replies_are_no_words_of_the_phone_network():
    assert [text for _, text in quick_replies() if text.lower().strip(" .!?") in WORDS_OF_TWILIO] == []


def test_quick_replies_with_one_label_send_one_text():
    sent = {topic["title"]: topic["question"] for topic in TOPICS}
    assert [label for label, text in quick_replies() if sent.setdefault(label, text) != text] == []
