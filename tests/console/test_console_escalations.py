"""The list of escalations, one escalation, acknowledging and closing."""

import re
from datetime import timedelta

import pytest
import time_machine

from clinic.clock import now
from clinic.console.live import INBOX
from clinic.escalations.outcomes import Outcomes

VERSION = re.compile(r'id="live-version" name="version" value="([0-9a-f]{64})"')


def cards(text):
    return re.findall(r'id="open-(\d+)"', text)


def text_of(response):
    """What can be read, without tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


def test_list_says_that_nobody_is_waiting(sam):
    assert "Nobody is waiting" in sam.get("/console").text


def test_list_shows_the_most_pressing_first_then_the_longest_waiting(clinic, sam):
    day, later = clinic.escalation(respond="next_working_day", minutes_ago=90), clinic.escalation(minutes_ago=2)
    today, longer = clinic.escalation(respond="today", minutes_ago=60), clinic.escalation(minutes_ago=8)
    seen = clinic.escalation(status="acknowledged", minutes_ago=99)
    clinic.escalation(status="closed")
    order = [str(escalation.id) for escalation in (longer, later, today, day, seen)]
    assert cards(sam.get("/console").text) == order


def test_list_shows_words_reason_and_waiting_time(clinic, sam):
    clinic.escalation("I have the tablets here.", phrases=("the tablets",), minutes_ago=125)
    page = sam.get("/console")
    assert "I have <mark>the tablets</mark> here." in page.text
    assert "May be about a plan or an intention to end their life" in page.text
    assert "waiting 2 h 5 min" in text_of(page)
    assert "<title>(1) Open escalations - Riverside Talking Therapies</title>" in page.text


def test_list_says_who_has_it(clinic, sam, priya):
    clinic.escalation(status="acknowledged", acknowledged_by="priya")
    assert "Seen by Priya Nair at" in text_of(sam.get("/console"))
    assert "Seen by you at" in text_of(priya.get("/console"))


def test_list_shows_the_part_of_a_long_message_that_worries(clinic, sam):
    clinic.escalation("A long week. " * 200 + "I have the tablets here.", phrases=("tablets",))
    page = sam.get("/console").text
    assert "<mark>tablets</mark>" in page
    assert page.count("A long week.") < 30


def test_live_list_answers_nothing_while_nothing_changed(clinic, sam):
    clinic.escalation()
    with time_machine.travel(now(), tick=False):
        version = VERSION.search(sam.get("/console").text)[1]
        unchanged = sam.get(f"/console/live/escalations?version={version}")
        assert (unchanged.status_code, unchanged.text) == (204, "")
        second = clinic.escalation(minutes_ago=1)
        changed = sam.get(f"/console/live/escalations?version={version}")
    assert changed.status_code == 200
    assert str(second.id) in cards(changed.text)
    assert 'data-title="(2) Open escalations' in changed.text


def test_live_list_changes_as_time_goes_by(clinic, sam):
    clinic.escalation()
    moment = now()
    with time_machine.travel(moment, tick=False):
        version = VERSION.search(sam.get("/console").text)[1]
    with time_machine.travel(moment + timedelta(minutes=4), tick=False):
        assert "waiting 4 min" in sam.get(f"/console/live/escalations?version={version}").text


def test_escalation_shows_everything_that_is_needed(clinic, sam):
    conversation_id = clinic.conversation()
    clinic.message(conversation_id, "Are you safe right now?", sender="assistant", kind="crisis")
    one = clinic.escalation("no", conversation_id=conversation_id, reasons=("asked_for_help",), minutes_ago=7)
    other = clinic.escalation("please", conversation_id=conversation_id, respond="today")
    page = sam.get(f"/console/escalations/{one.id}")
    shown = text_of(page)
    assert "Nobody has seen it yet. Waiting 7 min." in shown
    assert "Asked for help now, or did not say that they are safe" in shown
    assert "Are you safe right now?" in shown
    assert "The person has written 1 more message since." in shown
    assert f"Escalation {other.id} (look today)" in shown
    assert f'href="/console/conversations/{conversation_id}#message-{one.message_id}"' in page.text


def test_escalation_shows_phrases_of_earlier_messages(clinic, sam):
    one = clinic.escalation("tonight", phrases=("end it all", "tonight"))
    page = sam.get(f"/console/escalations/{one.id}").text
    assert "<mark>tonight</mark>" in page
    assert "<mark>end it all</mark>" in page


def test_acknowledge_tells_colleagues_and_the_person(clinic, sam, priya):
    one = clinic.escalation()
    response = sam.post(f"/console/escalations/{one.id}/acknowledge")
    assert (response.status_code, response.headers["location"]) == (303, f"/console/escalations/{one.id}")
    stored = clinic.stored_escalation(one.id)
    assert (stored.status, stored.acknowledged_by) == ("acknowledged", "sam")
    assert "Seen by Sam Lee" in text_of(priya.get(f"/console/escalations/{one.id}"))
    sender, text = clinic.said(one.conversation_id)[-1]
    assert (sender, "seen" in text or "read" in text) == ("assistant", True)


def test_acknowledge_twice_keeps_the_first_name_and_tells_the_person_once(clinic, sam, priya):
    one = clinic.escalation()
    sam.post(f"/console/escalations/{one.id}/acknowledge")
    said = clinic.said(one.conversation_id)
    assert priya.post(f"/console/escalations/{one.id}/acknowledge").status_code == 303
    assert clinic.stored_escalation(one.id).acknowledged_by == "sam"
    assert clinic.said(one.conversation_id) == said


def test_acknowledge_rings_for_the_person(clinic, services, sam, monkeypatch):
    one = clinic.escalation()
    rung = []
    monkeypatch.setattr(services.doorbell, "ring", rung.append)
    sam.post(f"/console/escalations/{one.id}/acknowledge")
    assert rung == [one.conversation_id, INBOX]


def test_acknowledge_of_a_closed_one_changes_nothing(clinic, sam):
    one = clinic.escalation(status="closed", acknowledged_by="priya")
    response = sam.post(f"/console/escalations/{one.id}/acknowledge")
    assert (response.status_code, "was closed in the meantime" in response.text) == (409, True)
    assert clinic.stored_escalation(one.id).acknowledged_by == "priya"


def test_close_stores_outcome_and_note(clinic, sam):
    one = clinic.escalation(status="acknowledged")
    response = sam.post(f"/console/escalations/{one.id}/close", outcome="crisis_team", note="  Rang at 14:00.\r\n ")
    assert (response.status_code, response.headers["location"]) == (303, f"/console?closed={one.id}")
    stored = clinic.stored_escalation(one.id)
    assert (stored.status, stored.outcome, stored.closed_by) == ("closed", "crisis_team", "sam")
    assert stored.note == "Rang at 14:00."
    assert f"Escalation {one.id} is closed." in sam.get(f"/console?closed={one.id}").text


@pytest.mark.parametrize(
    ("outcome", "note", "said"),
    [
        ("", "spoke", "Choose what was done"),
        ("made_up", "spoke", "Choose what was done"),
        ("spoken_to", "x" * 4001, "4,000"),
    ],
)
def test_close_says_what_is_missing_and_keeps_what_was_written(clinic, sam, outcome, note, said):
    one = clinic.escalation(status="acknowledged")
    response = sam.post(f"/console/escalations/{one.id}/close", outcome=outcome, note=note)
    assert response.status_code == 422
    assert said in response.text
    assert f">{note}</textarea>" in response.text
    assert clinic.stored_escalation(one.id).status == "acknowledged"


def test_close_twice_keeps_the_first_outcome_and_shows_the_second_note(clinic, sam, priya):
    one = clinic.escalation(status="acknowledged")
    sam.post(f"/console/escalations/{one.id}/close", outcome="spoken_to", note="first")
    response = priya.post(f"/console/escalations/{one.id}/close", outcome="false_alarm", note="second")
    assert response.status_code == 409
    assert "was closed in the meantime" in response.text
    assert "second" in response.text
    assert (clinic.stored_escalation(one.id).outcome, clinic.stored_escalation(one.id).note) == ("spoken_to", "first")


def test_closed_list_goes_page_by_page(clinic, sam):
    for number in range(51):
        clinic.escalation(f"number {number}", status="closed", closed_at=now() + timedelta(seconds=number))
    first, second = sam.get("/console/closed"), sam.get("/console/closed?page=2")
    assert "51 in all" in text_of(first)
    assert re.findall(r"number (\d+)", first.text) == [str(number) for number in range(50, 0, -1)]
    assert re.findall(r"number (\d+)", second.text) == ["0"]
    assert 'href="/console/closed?page=2"' in first.text
    assert 'href="/console/closed?page=1"' in second.text


@pytest.mark.parametrize("page", ["0", "-3", "99999999999999999999"])
def test_closed_list_has_no_page_outside(clinic, sam, page):
    clinic.escalation("number 1", status="closed")
    assert "number 1" in sam.get(f"/console/closed?page={page}").text


def test_closed_escalation_shows_outcome_and_note(clinic, sam, priya):
    one = clinic.escalation(status="closed", closed_by="priya", note="Spoke for long.")
    shown = text_of(sam.get(f"/console/escalations/{one.id}"))
    assert "Closed by Priya Nair, " in shown
    assert Outcomes.load().labels["spoken_to"] in shown
    assert "Spoke for long." in shown


def test_every_look_is_recorded_and_updates_are_not(clinic, sam):
    one = clinic.escalation()
    for path in (
        "/console",
        "/console/closed",
        f"/console/escalations/{one.id}",
        f"/console/conversations/{one.conversation_id}",
        f"/console/conversations/{one.conversation_id}?before=5",
        "/console/live/escalations",
        f"/console/live/escalations/{one.id}",
        f"/console/live/conversations/{one.conversation_id}",
        "/console/escalations/999",
        "/console/nowhere",
    ):
        sam.get(path)
    assert clinic.audit() == [
        ("sam", "view", "escalation_list", "open"),
        ("sam", "view", "escalation_list", "closed:1"),
        ("sam", "view", "escalation", str(one.id)),
        ("sam", "view", "conversation", one.conversation_id),
        ("sam", "view", "conversation", one.conversation_id),
    ]


def test_every_change_is_recorded(clinic, sam):
    one = clinic.escalation()
    sam.post(f"/console/escalations/{one.id}/acknowledge")
    sam.post(f"/console/escalations/{one.id}/close", outcome="false_alarm", why="joke", note="")
    sam.post(f"/console/conversations/{one.conversation_id}/messages", text="Hello")
    sam.post(f"/console/conversations/{one.conversation_id}/hand_back")
    assert [event[1:] for event in clinic.audit()] == [
        ("acknowledge", "escalation", str(one.id)),
        ("close:false_alarm", "escalation", str(one.id)),
        ("take_over", "conversation", one.conversation_id),
        ("hand_back", "conversation", one.conversation_id),
    ]
