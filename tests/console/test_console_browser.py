"""The console in a browser: it keeps itself up to date, says when it cannot, and loses nothing half written."""

import json
import re
import threading
import uuid

import httpx
import pytest
from playwright.sync_api import Page, expect

from clinic.console import conversation_pages
from clinic.escalations.views import write_as_staff

pytestmark = pytest.mark.browser
LIVE = re.compile(r"/console/live/")


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url


class Patient:
    """Somebody in the web chat, over the patient API."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=30)
        opened = self._http.post("/api/conversations", json={"channel": "web"}).json()
        self.conversation_id = opened["id"]
        self._http.headers["Authorization"] = f"Bearer {opened['token']}"

    def write(self, text: str) -> None:
        body = {"text": text, "client_message_id": uuid.uuid4().hex}
        self._http.post(f"/api/conversations/{self.conversation_id}/messages", json=body).raise_for_status()

    def types(self) -> None:
        self._http.post(f"/api/conversations/{self.conversation_id}/typing").raise_for_status()

    def read(self) -> list[tuple[str, str]]:
        answer = self._http.get(f"/api/conversations/{self.conversation_id}/messages").json()
        return [(message["sender"], message["text"]) for message in answer["messages"]]


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until the thing with this name has the focus, as somebody without a mouse does."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "() => { const at = document.activeElement; return at.labels?.[0]?.textContent || at.textContent; }"
        )
        if focused.strip() == name:
            return
    raise AssertionError(f"Tab never reached {name!r}")


def test_browser_list_updates_by_itself(clinic, new_page, address):
    page = new_page(clinic.account())
    page.goto("/console")
    expect(page.get_by_text("Nobody is waiting", exact=True)).to_be_visible()
    expect(page).to_have_title("Open escalations - Riverside Talking Therapies")
    Patient(address).write("I have the tablets here.")
    expect(page.get_by_role("link", name="Escalation 1")).to_be_visible()
    expect(page.locator("mark")).to_have_text("tablets")
    expect(page.locator("#summary")).to_contain_text("1 escalation waits for a person")
    expect(page).to_have_title("(1) Open escalations - Riverside Talking Therapies")


def test_browser_two_clinicians_and_a_patient(clinic, new_page, address):
    patient = Patient(address)
    sam, priya = new_page(clinic.account("sam", "Sam Lee")), new_page(clinic.account("priya", "Priya Nair"))
    sam.goto("/console")
    patient.write("I have the tablets here.")
    sam.get_by_role("link", name="Escalation 1").click()
    priya.goto("/console/escalations/1")
    expect(priya.get_by_text("Nobody has seen it yet.")).to_be_visible()
    sam.get_by_role("button", name="I am looking at it").click()
    expect(sam.get_by_text("Seen by you")).to_be_visible()
    expect(priya.get_by_text("Seen by Sam Lee")).to_be_visible()

    priya.get_by_role("link", name="Read the conversation and answer").click()
    priya.get_by_label("Write to the person").fill("I am Priya.")
    sam.get_by_role("link", name="Read the conversation and answer").click()
    sam.get_by_label("Write to the person").fill("I am Sam. Are you alone?")
    sam.get_by_role("button", name="Take over and send").click()
    expect(sam.get_by_text("You are writing with this person.")).to_be_visible()
    expect(priya.get_by_text("Sam Lee is writing with this person.")).to_be_visible()
    assert patient.read()[-1] == ("staff", "I am Sam. Are you alone?")

    priya.get_by_role("button", name="Take over and send").click()
    expect(priya.get_by_role("alert").get_by_text("Sam Lee is in this conversation.")).to_be_visible()
    expect(priya.get_by_label("Write to the person")).to_have_value("I am Priya.")

    patient.types()
    expect(sam.get_by_text("The person is typing.")).to_be_visible()
    expect(sam.get_by_text(re.compile(r"^Delivered \d\d:\d\d$"))).to_be_visible()
    patient.write("my sister is here")
    for page in (sam, priya):
        expect(page.get_by_role("log").get_by_text("my sister is here")).to_be_visible()
    sam.get_by_role("button", name="Hand back to the assistant").click()
    expect(sam.get_by_text("The assistant (a program) is writing with this person.")).to_be_visible()
    assert "Sam Lee has left" in patient.read()[-1][1]
    sam.goto("/console/escalations/1")
    sam.get_by_label("Spoken to the person").check()
    sam.get_by_role("button", name="Close the escalation").click()
    expect(sam.get_by_text("Escalation 1 is closed.")).to_be_visible()
    priya.goto("/console")
    expect(priya.get_by_text("Nobody is waiting", exact=True)).to_be_visible()
    assert not any(sender == "staff" and "Priya" in text for sender, text in patient.read())


def test_browser_persons_own_chat_shows_the_clinician_and_tells_that_it_is_typed_in(clinic, new_page):
    person, sam = new_page(), new_page(clinic.account("sam", "Sam Lee"))
    person.goto("/")
    person.get_by_label("Your message").fill("I have the tablets here.")
    person.get_by_role("button", name="Send").click()
    sam.goto("/console")
    sam.get_by_role("button", name="I am looking at it (escalation 1)").click()
    sam.get_by_role("link", name="Read the conversation and answer").click()
    person.get_by_label("Your message").press_sequentially("I")
    expect(sam.get_by_text("The assistant (a program) is writing")).to_be_visible()
    expect(sam.get_by_text("The person is typing.")).to_be_hidden()
    sam.get_by_role("button", name="Take over first, write later").click()
    expect(person.get_by_text("Sam Lee from the clinic has joined this chat.")).to_be_visible()
    sam.get_by_label("Write to the person").fill("Hello, I am Sam.")
    sam.get_by_role("button", name="Send").click()
    expect(person.get_by_text("Hello, I am Sam.")).to_be_visible()
    expect(sam.get_by_text(re.compile(r"^Delivered \d\d:\d\d$"))).to_be_visible()
    person.get_by_label("Your message").press_sequentially(" am here")
    expect(sam.get_by_text("The person is typing.")).to_be_visible()


def test_browser_says_that_the_connection_is_lost_and_catches_up(clinic, new_page):
    page = new_page(clinic.account())
    page.goto("/console")
    page.route(LIVE, lambda route: route.abort("connectionrefused"))
    expect(page.get_by_text(re.compile(r"may be out of date since \d\d:\d\d\."))).to_be_visible()
    expect(page).to_have_title(re.compile("^Connection lost - Open escalations"))
    clinic.escalation("I have the tablets here.")
    page.unroute(LIVE)
    expect(page.get_by_role("link", name="Escalation 1")).to_be_visible()
    expect(page.get_by_text("Connection lost.")).to_be_hidden()
    expect(page).to_have_title(re.compile(r"^\(1\) Open escalations"))


def count_sounds(page: Page) -> None:
    """Counts the tones that the page's scripts begin, as nobody listens here."""
    page.add_init_script(
        "let tones = 0; const begin = OscillatorNode.prototype.start;"
        "OscillatorNode.prototype.start = function (at) {"
        " document.documentElement.dataset.tones = ++tones; begin.call(this, at); };"
    )


def test_browser_sounds_only_after_somebody_turned_it_on(clinic, new_page):
    page = new_page(clinic.account())
    count_sounds(page)
    page.goto("/console")
    expect(page.get_by_text("Sound is off.")).to_be_visible()
    clinic.escalation()
    expect(page.get_by_role("link", name="Escalation 1")).to_be_visible()
    html = page.locator("html")
    expect(html).not_to_have_attribute("data-tones", re.compile("."))
    page.get_by_role("button", name="Turn the sound on").click()
    expect(page.get_by_text("Sound is on. You hear it")).to_be_visible()
    expect(html).to_have_attribute("data-tones", "4")
    clinic.escalation()
    expect(html).to_have_attribute("data-tones", "8")
    # What nobody has to look at anew makes none.
    page.get_by_role("button", name="I am looking at it (escalation 1)").click()
    expect(page.get_by_text("Seen by you")).to_be_visible()
    clinic.escalation("third")
    expect(html).to_have_attribute("data-tones", "4")
    expect(page.locator("#nav-new")).to_have_text("(2)")


def test_browser_title_says_that_somebody_came_while_it_was_hidden(clinic, new_page):
    page = new_page(clinic.account())
    page.goto("/console")
    expect(page.locator("#nav-new")).to_have_text("")
    page.evaluate("Object.defineProperty(document, 'hidden', {configurable: true, get: () => true})")
    while page.evaluate("sessionStorage.getItem('interlude-arrived')") is None:
        page.wait_for_timeout(50)
    clinic.escalation()
    expect(page).to_have_title("New: (1) Open escalations - Riverside Talking Therapies")
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_title("(1) Open escalations - Riverside Talking Therapies")


def test_browser_goes_on_by_itself_where_no_stream_comes_through(clinic, new_page):
    page = new_page(clinic.account())
    page.route("**/console/live/events*", lambda route: route.abort())
    page.goto("/console")
    clinic.escalation()
    expect(page.get_by_role("link", name="Escalation 1")).to_be_visible()
    expect(page.get_by_text("Connection lost.")).to_be_hidden()


def test_browser_stream_holds_no_words_and_ends_with_the_session(clinic, address):
    cookies = {"staff_session": clinic.session_token(clinic.account())}
    with httpx.stream("GET", f"{address}/console/live/events", cookies=cookies, timeout=20) as stream:
        lines = (line for line in stream.iter_lines() if line.startswith(("event", "data")))
        assert [next(lines), next(lines)] == ["event: changed", 'data: {"new": 0, "arrived": ""}']
        clinic.escalation("I have the tablets here.", minutes_ago=1)
        name, data = next(lines), next(lines)
        while name != "event: changed":
            name, data = next(lines), next(lines)
        at = clinic.stored_escalation(1).created_at.isoformat()
        assert json.loads(data.removeprefix("data: ")) == {"new": 1, "arrived": at}
        clinic.end_all_sessions()
        assert [line for line in lines if line.startswith("event")][-1] == "event: ended"
    assert httpx.get(f"{address}/console/live/events", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("answer", [{"status": 500, "body": "no"}, {"status": 200, "body": "<p>Maintenance</p>"}])
def test_browser_keeps_the_list_when_something_else_answers(clinic, new_page, answer):
    clinic.escalation()
    page = new_page(clinic.account())
    page.goto("/console")
    page.route(LIVE, lambda route: route.fulfill(content_type="text/html", **answer))
    expect(page.get_by_text("Connection lost.")).to_be_visible()
    expect(page.get_by_role("link", name="Escalation 1")).to_be_visible()
    expect(page.get_by_text("Maintenance")).to_have_count(0)


def test_browser_notices_requests_that_hang(clinic, new_page):
    page = new_page(clinic.account())
    page.clock.install()
    page.route(LIVE, lambda route: None)
    page.goto("/console")
    page.clock.fast_forward(5000)
    expect(page.get_by_text("Connection lost.")).to_be_hidden()
    page.clock.fast_forward(8000)
    expect(page.get_by_text("Connection lost.")).to_be_visible()


def test_browser_notices_at_once_that_the_network_is_gone(clinic, new_page):
    page = new_page(clinic.account())
    page.goto("/console")
    page.context.set_offline(True)
    expect(page.get_by_text("Connection lost.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("Connection lost.")).to_be_hidden()


def test_browser_update_takes_no_focus_and_closes_nothing(clinic, new_page):
    one = clinic.escalation("first")
    clinic.answers(one.conversation_id, "phq-9", [1] * 9, total=9)
    page = new_page(clinic.account())
    page.goto("/console")
    page.locator("#open-1").focus()
    clinic.escalation("second", minutes_ago=5)
    expect(page.locator("#open-2")).to_be_visible()
    expect(page.locator("#open-1")).to_be_focused()

    page.goto(f"/console/conversations/{one.conversation_id}")
    page.get_by_text("PHQ-9, ").click()
    page.get_by_label("Write to the person").fill("half a sentence")
    clinic.message(one.conversation_id, "and another thing")
    expect(page.get_by_role("log").get_by_text("and another thing")).to_be_visible()
    expect(page.get_by_text("Total 9 of 27")).to_be_visible()
    expect(page.get_by_label("Write to the person")).to_have_value("half a sentence")
    expect(page.get_by_label("Write to the person")).to_be_focused()


def test_browser_session_that_ended_hides_the_list(clinic, new_page):
    clinic.escalation()
    page = new_page(clinic.account())
    page.goto("/console")
    clinic.end_all_sessions()
    page.wait_for_url("**/console/log-in**")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


def test_browser_session_that_ended_keeps_what_is_being_written(clinic, new_page):
    one = clinic.escalation()
    account = clinic.account()
    page = new_page(account)
    page.goto(f"/console/conversations/{one.conversation_id}")
    page.get_by_label("Write to the person").fill("half a sentence")
    clinic.end_all_sessions()
    expect(page.get_by_text("You are logged out.")).to_be_visible()
    expect(page.get_by_label("Write to the person")).to_have_value("half a sentence")
    # Logged in again in another tab, the page goes on.
    page.context.add_cookies(
        [{"name": "staff_session", "value": clinic.session_token(account), "url": page.url.partition("/console")[0]}]
    )
    expect(page.get_by_text("You are logged out.")).to_be_hidden()
    page.get_by_role("button", name="Take over and send").click()
    expect(page.get_by_role("log").get_by_text("half a sentence")).to_be_visible()


def test_browser_second_press_while_sending_sends_nothing(clinic, new_page, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def slow(*arguments, **named):
        begun.set()
        go_on.wait(10)
        return write_as_staff(*arguments, **named)

    monkeypatch.setattr(conversation_pages, "write_as_staff", slow)
    one = clinic.escalation()
    page = new_page(clinic.account())
    page.goto(f"/console/conversations/{one.conversation_id}")
    page.get_by_label("Write to the person").fill("Hello")
    button = page.get_by_role("button", name="Take over and send")
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    place = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*place)
    assert begun.wait(10)
    page.mouse.click(*place)
    go_on.set()
    expect(page.get_by_text("You are writing with this person.")).to_be_visible()
    assert [text for sender, text in clinic.said(one.conversation_id) if sender == "staff"] == ["Hello"]


def test_browser_keyboard_alone_is_enough(clinic, new_page):
    clinic.account()
    clinic.escalation()
    page = new_page()
    page.goto("/console/log-in")
    tab_to(page, "User name")
    page.keyboard.type("sam")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Open escalations")).to_be_visible()
    tab_to(page, "Escalation 1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Why the clinic was told")).to_be_visible()
    tab_to(page, "I am looking at it")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Seen by you")).to_be_visible()
    tab_to(page, "Give it to a colleague, or take it")
    tab_to(page, "Spoken to the person")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Rang the team.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Escalation 1 is closed.")).to_be_visible()
    expect(page.get_by_text("Nobody is waiting", exact=True)).to_be_visible()
    stored = clinic.stored_escalation(1)
    assert (stored.outcome, stored.note) == ("crisis_team", "Rang the team.")


def test_browser_error_takes_the_focus_to_what_is_wrong(clinic, new_page):
    clinic.escalation(status="acknowledged")
    page = new_page(clinic.account())
    page.goto("/console/escalations/1")
    page.get_by_role("button", name="Close the escalation").click()
    expect(page.locator(".nhsuk-error-summary")).to_be_focused()
    expect(page).to_have_title("Error: Escalation 1 - Riverside Talking Therapies")
    page.get_by_role("link", name="Choose what was done").click()
    expect(page.get_by_label("Spoken to the person")).to_be_focused()


def test_browser_link_to_a_message_shows_it(clinic, new_page):
    conversation_id = clinic.conversation()
    for number in range(40):
        clinic.message(conversation_id, f"number {number}")
    one = clinic.escalation("this one", conversation_id=conversation_id)
    page = new_page(clinic.account(), viewport={"width": 360, "height": 640})
    page.goto(f"/console/escalations/{one.id}")
    page.get_by_role("link", name="Read the conversation and answer").click()
    expect(page.locator(f"#message-{one.message_id}")).to_be_in_viewport()


def test_browser_without_script_says_so_and_works(clinic, new_page):
    clinic.escalation()
    page = new_page(clinic.account(), java_script_enabled=False)
    page.goto("/console")
    # What stands in a noscript is no text to playwright.
    expect(page.locator("noscript p")).to_be_visible()
    page.get_by_role("link", name="Escalation 1").click()
    page.get_by_role("button", name="I am looking at it").click()
    expect(page.get_by_text("Seen by you")).to_be_visible()
