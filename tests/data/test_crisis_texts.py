"""Crisis contacts and crisis texts: the right numbers, put together short enough, and nothing that may be untrue."""

import datetime
import re
from pathlib import Path

import pytest
import yaml

DATA = Path(__file__).parents[2] / "data"
FOUR_PARTS = 4 * 153  # characters of a text message in four parts, GSM-7
UNTIL = "Wednesday 23 September at 09:00"


def load(path):
    return yaml.safe_load((DATA / path).read_text(encoding="utf-8"))


CONTACTS = {contact["id"]: contact for contact in load("crisis/contacts.yml")["contacts"]}
MAIN_LINES = [contact["text"] for contact in CONTACTS.values() if contact["main"]]
CRISIS = load("crisis/texts.yml")
SERVICE = load("service/texts.yml")
DIALOGUE = load("responses/dialogue.yml")["responses"]
CATEGORIES = {"attempt_in_progress", "harm_to_others", "abuse_or_danger_from_others", "child_at_risk",
              "psychosis_or_voices"}  # fmt: skip
NUMBERS_OUT = {  # texts that stand alone, where a person may need the numbers
    **{name: DIALOGUE[f"utter_{name}"][0]["text"]
       for name in ("goodbye", "bot_emergency", "human_requested", "human_already_requested")},
    **{name: SERVICE[name]["text"] for name in ("welcome_1", "safe_reply")},
    **{name: SERVICE["errors"][name] for name in ("busy", "too_long", "too_long_stored")},
    "connection_lost": SERVICE["widget"]["connection_lost"],
    "soften": CRISIS["soften"],
    **{f"safety_answers.{name}": text for name, text in CRISIS["safety_answers"].items()},
}  # fmt: skip


@pytest.mark.parametrize("contact", CONTACTS.values(), ids=list(CONTACTS))
def test_contacts_are_complete(contact):
    needed = {
        "id",
        "name",
        "number",
        "hours",
        "for",
        "text",
        "main",
        "order",
        "review_on",
        "source",
    }
    assert needed <= set(contact) <= needed | {"tel", "sms", "sms_body"}
    assert type(contact["review_on"]) is datetime.date
    assert contact["number"] in contact["text"]


def test_contacts_stand_in_their_order():
    assert [contact["order"] for contact in CONTACTS.values()] == list(range(1, len(CONTACTS) + 1))
    assert [contact["id"] for contact in CONTACTS.values() if contact["main"]] == [
        "emergency", "nhs_111", "samaritans", "shout",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("contact", "shown", "dialled"),
    [
        ("emergency", "999", "999"),
        ("nhs_111", "111, option 2", "111"),
        ("samaritans", "116 123", "116123"),
        ("shout", "85258", "85258"),
        ("nhs_111_relay", "18001 111", "18001111"),
        ("nhs_111_bsl", "BSL 111", None),
        ("emergency_bsl", "999 BSL", None),
        ("papyrus", "0800 068 4141", "08000684141"),
        ("lifeline", "0808 808 8000", "08088088000"),
    ],
)
def test_contacts_numbers(contact, shown, dialled):
    assert CONTACTS[contact]["number"] == shown
    assert (CONTACTS[contact].get("tel") or CONTACTS[contact].get("sms")) == dialled


def test_contacts_shout_is_texted_and_never_called():
    assert CONTACTS["shout"]["sms"] == "85258" and CONTACTS["shout"]["sms_body"] == "SHOUT"
    assert "tel" not in CONTACTS["shout"] and "Text SHOUT to 85258" in CONTACTS["shout"]["text"]


def test_crisis_main_lines_have_the_numbers():
    assert [re.search(number, line) is not None for number, line in
            zip((r"999 or A&E", r"NHS 111, option 2", r"116 123", r"85258"), MAIN_LINES, strict=True)] == [True] * 4  # fmt: skip


def test_crisis_parts_are_complete():
    assert set(CRISIS["openings"]) == set(CRISIS["lead_in"]) == {"now", "today", "next_working_day"}
    assert set(CRISIS["status"]) == {
        "sent",
        "sent_answer",
        "not_sent",
        "seen",
        "closed_until",
        "earlier_seen",
    }
    assert set(CRISIS["openings_by_category"]) == CATEGORIES
    assert set(CRISIS["safety_answers"]) == set(CRISIS["safety_replies"]) - {"misread"}
    assert set(CRISIS["item9"]) == {"opening", "continue"}


@pytest.mark.parametrize("respond", ["now", "today", "next_working_day"])
@pytest.mark.parametrize("status", CRISIS["status"])
@pytest.mark.parametrize("category", [None, *CRISIS["openings_by_category"]])
def test_crisis_text_put_together_fits_four_parts(respond, status, category):
    opening = CRISIS["openings_by_category"].get(category) or CRISIS["openings"][respond]
    end = [CRISIS["status"][status].format(until=UNTIL)] + [CRISIS["safety_question"]] * (respond == "now")
    whole = "\n".join([opening, "", CRISIS["lead_in"][respond], *MAIN_LINES, "", " ".join(end)])
    assert len(whole) <= FOUR_PARTS


@pytest.mark.parametrize("status", CRISIS["status"])
@pytest.mark.parametrize("opening", CRISIS["openings_by_category"].values())
def test_crisis_text_said_again_fits_four_parts(status, opening):
    whole = [
        opening,
        "",
        CRISIS["repeated"],
        *MAIN_LINES,
        "",
        CRISIS["status"][status].format(until=UNTIL),
    ]
    assert len("\n".join(whole)) <= FOUR_PARTS


def test_crisis_text_said_again_is_shorter():
    assert len(CRISIS["repeated"]) < min(
        len(CRISIS["openings"][respond] + CRISIS["lead_in"][respond]) for respond in CRISIS["openings"]
    )


def openings():
    return [*CRISIS["openings"].values(), *CRISIS["openings_by_category"].values()]


@pytest.mark.parametrize("opening", [*openings(), CRISIS["item9"]["opening"], CRISIS["soften"]])
def test_crisis_openings_thank_first(opening):
    assert opening.startswith("Thank you for telling me")


@pytest.mark.parametrize("opening", openings())
def test_crisis_openings_never_claim_to_know(opening):
    assert opening.endswith("If I misread you, that is all right: just say so.")
    certain = r"\byou are (in danger|not safe|at risk|going to)|\byou (feel|want|need|have|will)\b"
    assert not re.search(certain, re.sub(r"\b[Ii]f [^.,]*", "", opening))


@pytest.mark.parametrize("status", CRISIS["status"].values())
def test_crisis_status_promises_nobody(status):
    assert not re.search(r"will (call|contact|reply|read|be)|\bsoon\b|shortly|is reading|watch", status)


@pytest.mark.parametrize("text", NUMBERS_OUT.values(), ids=list(NUMBERS_OUT))
def test_numbers_written_out_agree_with_the_contacts(text):
    for number in (
        CONTACTS["emergency"]["number"],
        "NHS 111",
        "option 2",
        CONTACTS["samaritans"]["number"],
    ):
        assert number in text
    lines = [line for line in text.split("\n") if re.match(r"\d|NHS \d|Text ", line)]
    assert lines in ([], MAIN_LINES[:3])


def test_numbers_written_out_are_listed_above():
    everywhere = [str(part) for part in (DIALOGUE, SERVICE, {k: CRISIS[k] for k in CRISIS})]
    assert sum(text.count("116 123") for text in everywhere) == len(NUMBERS_OUT)
