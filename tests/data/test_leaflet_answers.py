"""The 27 topics and their answers: complete, in agreement with one another, and in words of our own."""

import hashlib
import json
import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
import yaml

DATA = Path(__file__).parents[2] / "data"
SHINGLE = 8  # as many words in a row as the leaflet has them is a copy
LABEL_LIMIT = 32
HARD_TOPICS = (
    "therapist_silence", "silence_uncomfortable", "unanswered_questions", "what_therapist_thinks_of_me",
    "therapist_not_interested",
)  # fmt: skip
# "Your therapist is the person to ask" and "is responsible for" are not guesses, nor is "why ... did not ..., I cannot know".
GUESS = re.compile(
    r"(?<!why )your therapist (is(?! responsible| the)|was|does not|did not|thinks|wants|feels|likes|cares|must)\b",
    re.IGNORECASE,
)
PARTS = {"answer": "utter_", "more": "utter_more_", "why": "utter_why_"}

TOPIC_LIST = yaml.safe_load((DATA / "topics.yml").read_text(encoding="utf-8"))
TOPICS = {topic["id"]: topic for topic in TOPIC_LIST}
FILES = {
    path.name: yaml.safe_load(path.read_text(encoding="utf-8"))["responses"]
    for path in sorted((DATA / "responses").glob("*.yml"))
}
LEAFLET = {
    name: variants[0]
    for name, variants in chain.from_iterable(file.items() for file in FILES.values())
    if variants[0]["metadata"]["kind"] == "leaflet"
}
DIALOGUE = {name: variants[0] for name, variants in FILES["dialogue.yml"].items()}
COPIES = set(json.loads((Path(__file__).parent / "leaflet_shingles.json").read_text(encoding="utf-8"))["hashes"])


def copied(text):
    """The runs of eight words that the leaflet has too (leaflet_shingles.json was made with these lines)."""
    words = re.findall(r"[a-z0-9]+(?:'[a-z]+)?", text.lower().replace("\u2019", "'"))
    phrases = [" ".join(words[start : start + SHINGLE]) for start in range(len(words) - SHINGLE + 1)]
    return [phrase for phrase in phrases if hashlib.sha256(phrase.encode()).hexdigest()[:12] in COPIES]


def test_topics_are_27_with_labels_and_questions_of_their_own():
    assert len(TOPIC_LIST) == len(TOPICS) == 27
    for field in ("title", "question"):
        assert [text for text, count in Counter(t[field] for t in TOPIC_LIST).items() if count > 1] == []


@pytest.mark.parametrize("topic", TOPIC_LIST, ids=list(TOPICS))
def test_topics_are_complete(topic):
    assert set(topic) == {"id", "section", "title", "question", "related"}
    assert 0 < len(topic["title"]) <= LABEL_LIMIT
    assert topic["question"].endswith("?")
    assert len(topic["related"]) == len(set(topic["related"])) == 3
    assert set(topic["related"]) <= set(TOPICS) - {topic["id"]}


def test_topics_are_each_the_next_step_of_another():
    assert set(chain.from_iterable(topic["related"] for topic in TOPIC_LIST)) == set(TOPICS)


def test_responses_are_named_once_with_one_wording():
    names = Counter(chain.from_iterable(FILES.values()))
    assert [name for name, count in names.items() if count > 1] == []
    assert [name for file in FILES.values() for name, variants in file.items() if len(variants) != 1] == []


def test_leaflet_answers_are_three_a_topic():
    assert set(LEAFLET) == {prefix + topic for topic in TOPICS for prefix in PARTS.values()}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("topic", TOPICS)
def test_leaflet_answers_carry_topic_source_and_buttons(topic, part):
    response = LEAFLET[PARTS[part] + topic]
    assert response["metadata"] == {
        "kind": "leaflet",
        "topic": topic,
        "source": TOPICS[topic]["section"],
        "part": part,
    }
    more = [{"title": "Tell me more", "payload": "tell me more"}] if part == "answer" else []
    # A question that got no answer leads to the things to raise.
    keep = [{"title": "Keep it as a note", "payload": "keep it as a note"}] if topic == "unanswered_questions" else []
    assert response["buttons"] == more + keep + [
        {"title": TOPICS[other]["title"], "payload": TOPICS[other]["question"]} for other in TOPICS[topic]["related"]
    ]


@pytest.mark.parametrize("name", LEAFLET)
def test_leaflet_answers_are_our_own_words(name):
    assert copied(LEAFLET[name]["text"]) == []


def test_leaflet_copies_are_found():
    assert copied("So, the aim of DIT isn\u2019t to remove your problems, it says.")


@pytest.mark.parametrize("name", LEAFLET)
def test_leaflet_answers_are_at_most_two_paragraphs(name):
    assert LEAFLET[name]["text"].count("\n") in (0, 2)
    assert len(LEAFLET[name]["text"].split("\n\n")) <= 2


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("topic", HARD_TOPICS)
def test_leaflet_answers_on_the_hard_topics_give_words_to_start_with(topic, part):
    text = LEAFLET[PARTS[part] + topic]["text"]
    assert re.search(r"you (could|can) (tell|start|ask|let)", text, re.IGNORECASE)
    assert re.search(r"'[^']+ \.\.\.", text), "a beginning to finish in one's own words"


@pytest.mark.parametrize("name", LEAFLET)
def test_leaflet_answers_never_guess_what_this_therapist_meant(name):
    assert not GUESS.search(LEAFLET[name]["text"])


@pytest.mark.parametrize("text", ["Your therapist is thinking of you.", "No doubt your therapist likes you."])
def test_leaflet_guesses_are_found(text):
    assert GUESS.search(text)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("utter_greet", "ack"), ("utter_goodbye", "goodbye"), ("utter_thanks", "ack"), ("utter_deny", "ack"), ("utter_affirm", "ack"),
        ("utter_menu", "menu"), ("utter_bot_identity", "service"), ("utter_bot_privacy", "service"),
        ("utter_bot_emergency", "service"), ("utter_small_talk", "ack"), ("utter_rude", "ack"),
        ("utter_not_what_i_asked", "fallback"), ("utter_out_of_scope", "fallback"),
        ("utter_fallback_first", "fallback"), ("utter_fallback_second", "fallback"),
        ("utter_offer_topics", "topic_choice"),
        ("utter_nothing_to_follow", "fallback"), ("utter_nothing_to_stop", "service"),
        ("utter_human_requested", "human"), ("utter_human_already_requested", "human"),
    ],
)  # fmt: skip
def test_dialogue_responses_have_their_kind(name, kind):
    assert DIALOGUE[name]["metadata"] == {"kind": kind}


@pytest.mark.parametrize(
    "name",
    [name for name, response in DIALOGUE.items() if response["metadata"]["kind"] in ("fallback", "menu")],
)
def test_dialogue_offers_a_person_where_it_fails(name):
    assert {
        "title": "Talk to a person",
        "payload": "I want to talk to a person",
    } in DIALOGUE[name]["buttons"]
