"""Reading a conversation, writing to the person, handing back."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from clinic.console import conversation_pages
from clinic.console.live import INBOX
from clinic.conversations.service import note_delivered
from clinic.escalations.views import take_over, write_as_staff


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.text).split())


def test_conversation_shows_who_said_what(clinic, sam):
    conversation_id = clinic.conversation()
    clinic.message(conversation_id, "Why so quiet?")
    clinic.message(conversation_id, "They leave you space.", sender="assistant", kind="leaflet")
    clinic.message(conversation_id, "Hello, I am Priya.", sender="staff", name="Priya Nair", kind="staff")
    shown = text_of(sam.get(f"/console/conversations/{conversation_id}"))
    said = shown[shown.index("What was said") :]
    parts = ("The person", "Why so quiet?", "The assistant", "They leave", "Priya Nair, the clinic", "Hello, I am")
    order = [said.index(words) for words in parts]
    assert order == sorted(order)


def test_conversation_marks_what_the_clinic_was_told(clinic, sam):
    one = clinic.escalation("I have the tablets here.", phrases=("the tablets",))
    page = sam.get(f"/console/conversations/{one.conversation_id}")
    assert f'id="message-{one.message_id}"' in page.text
    assert "<mark>the tablets</mark>" in page.text
    assert f"Escalation {one.id} : nobody has seen it yet" in text_of(page)


def test_conversation_shows_long_ones_in_parts_and_loses_nothing(clinic, sam):
    conversation_id = clinic.conversation()
    for number in range(205):
        clinic.message(conversation_id, f"number {number};")
    newest = sam.get(f"/console/conversations/{conversation_id}").text
    earlier_address = re.search(r'href="([^"]+before=\d+)"', newest)[1]
    earlier = sam.get(earlier_address).text
    found = [int(number) for number in re.findall(r"number (\d+);", earlier + newest)]
    assert found == list(range(205))
    assert "before=" not in earlier
    assert "<textarea" not in earlier


def test_conversation_shows_answers_with_total_and_published_band(clinic, sam):
    conversation_id = clinic.conversation()
    response_id = clinic.answers(conversation_id, "phq-9", [2, 2, 2, 2, 2, 2, 2, 0, 0], total=14)
    clinic.replace_answer(response_id, 9, 1)
    clinic.answers(conversation_id, "gad-7", [1, 3], total=None)
    shown = text_of(sam.get(f"/console/conversations/{conversation_id}"))
    assert "Total 14 of 27 (published band: moderate)" in shown
    assert "Little interest or pleasure in doing things 2 - More than half the days" in shown
    assert "1 - Several days (before: 0 - Not at all)" in shown
    assert "Being filled in . There is no total, because answers are missing." in shown
    assert shown.count("Not answered") == 5
    assert not re.search(r"\b(low|medium|high) risk\b|risk level", shown, re.IGNORECASE)


def test_conversation_shows_answers_of_a_questionnaire_that_is_gone(clinic, sam):
    conversation_id = clinic.conversation()
    clinic.answers(conversation_id, "core-10", [4, 0], total=4)
    assert "core-10, " in text_of(sam.get(f"/console/conversations/{conversation_id}"))


def test_conversation_puts_no_words_of_another_version_into_a_mouth(clinic, sam):
    conversation_id = clinic.conversation()
    clinic.answers(conversation_id, "phq-9", [2, 1], total=3, version="0")
    shown = text_of(sam.get(f"/console/conversations/{conversation_id}"))
    assert "PHQ-9 (version 0), " in shown
    assert "Total 3" in shown
    assert "Little interest" not in shown
    assert "band" not in shown


def test_write_takes_over_and_reaches_the_person(clinic, services, sam, monkeypatch):
    rung = []
    monkeypatch.setattr(services.doorbell, "ring", rung.append)
    conversation_id = clinic.conversation()
    response = sam.post(f"/console/conversations/{conversation_id}/messages", text="  Hello,\r\nI am Sam. ")
    assert response.headers["location"] == f"/console/conversations/{conversation_id}#write"
    (joined, text), last = clinic.said(conversation_id)
    assert (joined, "Sam Lee" in text) == ("assistant", True)
    assert last == ("staff", "Hello,\nI am Sam.")
    assert clinic.stored_conversation(conversation_id).assignee_name == "Sam Lee"
    assert rung == [conversation_id, INBOX]


def test_write_again_takes_over_only_once(clinic, sam):
    conversation_id = clinic.conversation()
    for text in ("one", "two"):
        sam.post(f"/console/conversations/{conversation_id}/messages", text=text)
    assert [sender for sender, _ in clinic.said(conversation_id)] == ["assistant", "staff", "staff"]


@pytest.mark.parametrize(
    ("text", "said"), [("", "Write a message first"), (" \n", "Write a message first"), ("x" * 4001, "4,001")]
)
def test_write_says_what_is_wrong_and_keeps_the_text(clinic, sam, text, said):
    conversation_id = clinic.conversation()
    response = sam.post(f"/console/conversations/{conversation_id}/messages", text=text)
    assert (response.status_code, said in response.text) == (422, True)
    assert f">{text.strip()}</textarea>" in response.text
    assert clinic.said(conversation_id) == []
    assert clinic.stored_conversation(conversation_id).assignee_name is None


def test_write_is_refused_while_a_colleague_is_in_it_and_keeps_the_text(clinic, sam, priya):
    conversation_id = clinic.conversation()
    sam.post(f"/console/conversations/{conversation_id}/messages", text="I am Sam.")
    said = clinic.said(conversation_id)
    response = priya.post(f"/console/conversations/{conversation_id}/messages", text="I am Priya.")
    assert response.status_code == 409
    assert "Sam Lee is in this conversation. Your message was not sent." in response.text
    assert ">I am Priya.</textarea>" in response.text
    assert clinic.said(conversation_id) == said


def test_write_by_two_at_once_lets_one_in(clinic, sam, priya, monkeypatch):
    conversation_id = clinic.conversation()
    both_are_in = threading.Barrier(2)

    def together(*arguments, **named):
        # Whoever comes first gives the other a second to come in as well.
        with suppress(threading.BrokenBarrierError):
            both_are_in.wait(1)
        return write_as_staff(*arguments, **named)

    monkeypatch.setattr(conversation_pages, "write_as_staff", together)
    path = f"/console/conversations/{conversation_id}/messages"
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda client: client.post(path, text="Hello").status_code, (sam, priya)))
    assert sorted(answers) == [303, 409]
    assert [sender for sender, _ in clinic.said(conversation_id)] == ["assistant", "staff"]


def test_write_is_not_offered_while_a_colleague_is_in_it(clinic, sam, priya):
    conversation_id = clinic.conversation()
    sam.post(f"/console/conversations/{conversation_id}/messages", text="I am Sam.")
    page = priya.get(f"/console/conversations/{conversation_id}")
    assert "Sam Lee is writing with this person" in text_of(page)
    assert "<textarea" not in page.text
    assert "You are writing with this person." in text_of(sam.get(f"/console/conversations/{conversation_id}"))


def test_hand_back_by_a_colleague_tells_the_person_who_left(clinic, services, sam, priya, monkeypatch):
    conversation_id = clinic.conversation()
    sam.post(f"/console/conversations/{conversation_id}/messages", text="I am Sam.")
    rung = []
    monkeypatch.setattr(services.doorbell, "ring", rung.append)
    assert priya.post(f"/console/conversations/{conversation_id}/hand_back").status_code == 303
    sender, text = clinic.said(conversation_id)[-1]
    assert (sender, "Sam Lee" in text, "Priya" in text) == ("assistant", True, False)
    assert clinic.stored_conversation(conversation_id).assignee_name is None
    assert rung == [conversation_id, INBOX]
    assert priya.post(f"/console/conversations/{conversation_id}/messages", text="Now me.").status_code == 303


def test_hand_back_of_what_nobody_has_says_nothing(clinic, sam):
    conversation_id = clinic.conversation()
    sam.post(f"/console/conversations/{conversation_id}/hand_back")
    assert clinic.said(conversation_id) == []


def test_take_over_first_makes_the_assistant_silent_and_says_so(clinic, sam, priya):
    conversation_id = clinic.conversation()
    for _ in range(2):
        assert sam.post(f"/console/conversations/{conversation_id}/take_over").status_code == 303
    ((sender, text),) = clinic.said(conversation_id)
    assert (sender, "Sam Lee from the clinic has joined" in text) == ("assistant", True)
    refused = priya.post(f"/console/conversations/{conversation_id}/take_over")
    assert (refused.status_code, "Sam Lee is in this conversation already." in refused.text) == (409, True)
    assert clinic.stored_conversation(conversation_id).assignee_name == "Sam Lee"


def test_take_over_by_two_at_once_lets_one_in(clinic, sam, priya, monkeypatch):
    conversation_id = clinic.conversation()
    both_are_in = threading.Barrier(2)

    def together(*arguments, **named):
        with suppress(threading.BrokenBarrierError):
            both_are_in.wait(1)
        return take_over(*arguments, **named)

    monkeypatch.setattr(conversation_pages, "take_over", together)
    path = f"/console/conversations/{conversation_id}/take_over"
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda client: client.post(path).status_code, (sam, priya)))
    assert sorted(answers) == [303, 409]
    assert len(clinic.said(conversation_id)) == 1


def test_person_knows_the_role_where_the_clinic_wants_it_so(clinic, services, sam, priya):
    services.settings.staff_shown_as = "role"
    conversation_id = clinic.conversation()
    sam.post(f"/console/conversations/{conversation_id}/messages", text="Hello")
    assert "A duty clinician from the clinic has joined" in clinic.said(conversation_id)[0][1]
    # Colleagues know who it is; the person, and the page that shows what they see, the role.
    shown = text_of(priya.get(f"/console/conversations/{conversation_id}"))
    assert "Sam Lee is writing with this person" in shown and "A duty clinician, the clinic" in shown
    assert priya.post(f"/console/conversations/{conversation_id}/messages", text="Me").status_code == 409
    assert sam.post(f"/console/conversations/{conversation_id}/messages", text="Still me").status_code == 303


def test_conversation_says_whether_a_message_arrived(clinic, services, sam):
    conversation_id = clinic.conversation()
    sam.post(f"/console/conversations/{conversation_id}/messages", text="Hello")
    page = f"/console/conversations/{conversation_id}"
    assert "Not delivered yet" in text_of(sam.get(page))
    with services.database.write() as session:
        note_delivered(session, [2])
    assert "Delivered " in text_of(sam.get(page)) and "Not delivered yet" not in text_of(sam.get(page))


def test_conversation_shows_that_the_person_is_typing(clinic, services, sam):
    conversation_id = clinic.conversation()
    services.typing.note(conversation_id)
    assert "The person is typing." in text_of(sam.get(f"/console/conversations/{conversation_id}"))
    services.typing.stop(conversation_id)
    assert "typing" not in text_of(sam.get(f"/console/conversations/{conversation_id}"))
