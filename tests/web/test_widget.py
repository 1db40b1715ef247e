"""What the person sees: messages, suggested answers, help, and what is kept on the device."""

import gzip

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>&lt;b&gt;'
CRISIS = (
    "If your life is in danger, call 999.\n116 123 is Samaritans, or NHS 111 (option 2). By text relay 18001 111.\n"
    "Not a call: BSL 111, ref 0116 1234, 1999, 0800 111 222."
)


def send(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send").click()


def bubbles(page: Page) -> list[str]:
    """The texts of the messages, from top to bottom."""
    return page.locator("li.said .text").all_inner_texts()


def stored(page: Page, area: str) -> str:
    return page.evaluate(f"JSON.stringify({area})")


def test_widget_answers_a_message_and_clears_the_box(chat, api):
    send(chat, "Why is my therapist so quiet?")
    chat.get_by_text("You wrote: Why is").wait_for()
    assert bubbles(chat)[1:] == ["Why is my therapist so quiet?", "You wrote: Why is my therapist so quiet?"]
    expect(chat.get_by_label("Your message")).to_have_value("")
    assert [body["text"] for body in api.posted] == ["Why is my therapist so quiet?"]


@pytest.mark.parametrize("key, sends", [("Enter", True), ("Shift+Enter", False)])
def test_widget_enter_sends_and_shift_enter_makes_a_line(chat, api, key, sends):
    chat.get_by_label("Your message").fill("one")
    chat.get_by_label("Your message").press(key)
    if sends:
        chat.get_by_text("You wrote: one").wait_for()
    else:
        expect(chat.get_by_label("Your message")).to_have_value("one\n")
        assert api.posted == []


@pytest.mark.parametrize("where", ["answer", "own text", "suggestion", "source", "name", "error"])
def test_widget_shows_markup_as_text(chat, api, where):
    more = {
        "answer": {"text": HOSTILE},
        "suggestion": {"quick_replies": [{"label": HOSTILE, "text": HOSTILE}]},
        "source": {"source": HOSTILE},
        "name": {"sender": "staff", "sender_name": HOSTILE},
    }.get(where, {})
    refusal = (429, {"error": {"code": "too_fast", "message": HOSTILE}})
    api.answer = lambda body: (
        refusal if where == "error" else (200, {"messages": [{**api.message("ok", id="90"), **more}]})
    )
    send(chat, HOSTILE if where == "own text" else "hello")
    expect(chat.get_by_text("onerror=").first).to_be_visible()
    assert chat.locator("interlude-chat img, interlude-chat script").count() == 0
    assert chat.evaluate("window.hacked") is None


def test_widget_keeps_paragraphs_and_line_breaks(chat, api):
    api.answer = lambda body: (200, {"messages": [api.message("One.\nTwo.\n\nThree.", id="90")]})
    send(chat, "hello")
    expect(chat.locator("li.said").last.locator(".text p")).to_have_text(["One.Two.", "Three."])
    expect(chat.locator("li.said").last.locator("br")).to_have_count(1)


def test_widget_crisis_message_is_marked_in_words_and_only_known_numbers_are_links(chat, api):
    api.answer = lambda body: (200, {"messages": [api.message(CRISIS, id="90", kind="crisis")]})
    send(chat, "call 999")
    crisis = chat.locator("li.crisis")
    expect(crisis.get_by_text("Please read this now")).to_be_visible()
    links = crisis.get_by_role("link").evaluate_all("links => links.map(a => [a.textContent, a.getAttribute('href')])")
    assert links == [
        ["999", "tel:999"],
        ["116 123", "tel:116123"],
        ["111", "tel:111"],
        ["18001 111", "tel:18001111"],
    ]
    assert chat.locator("li.patient a").count() == 0


@pytest.mark.parametrize("by", ["stream and answer", "stream twice"])
def test_widget_shows_a_repeated_delivery_once(chat, api, by):
    again = api.message("Only once", id="90")
    api.streamed = [again] if by == "stream and answer" else [again, again]
    api.answer = lambda body: (200, {"messages": [again] if by == "stream and answer" else []})
    send(chat, "hello")
    chat.get_by_text("Sent", exact=True).wait_for()
    with chat.expect_response("**/events"):
        chat.evaluate("dispatchEvent(new Event('online'))")
    expect(chat.get_by_text("Only once")).to_have_count(1)


def test_widget_orders_by_number_and_not_by_arrival(chat, api):
    api.streamed = [api.message("ten", id="10"), api.message("nine", id="9"), api.message("a hundred", id="100")]
    chat.evaluate("dispatchEvent(new Event('online'))")
    chat.get_by_text("a hundred").wait_for()
    assert bubbles(chat)[1:] == ["nine", "ten", "a hundred"]


def test_widget_own_message_that_the_stream_brings_back_is_shown_once(chat, api):
    api.holding = True
    send(chat, "hello")
    expect(chat.get_by_text("hello", exact=True)).to_have_count(1)
    own = api.message("hello", id="5", sender="patient", client_message_id=api.posted[0]["client_message_id"])
    api.streamed = [own, api.message("And more", id="6")]
    chat.evaluate("dispatchEvent(new Event('online'))")
    chat.get_by_text("And more").wait_for()
    expect(chat.get_by_text("hello", exact=True)).to_have_count(1)


def test_widget_suggested_answers_stand_under_the_last_message_only(page, api, web_base_url):
    api.said[0]["quick_replies"] = [{"label": "Not at all", "text": "0"}, {"label": "Several days", "text": "1"}]
    page.goto(web_base_url)
    assert page.evaluate("document.activeElement === document.body")  # no focus stolen on load
    page.get_by_role("button", name="Several days").click()
    page.get_by_text("You wrote: 1").wait_for()
    assert api.posted[0]["text"] == "1"
    assert bubbles(page)[1:] == ["1", "You wrote: 1"]
    assert page.get_by_role("button", name="Not at all").count() == 0
    expect(page.get_by_label("Your message")).to_be_focused()


def test_widget_says_which_person_is_writing_and_where_an_answer_is_from(chat, api):
    api.streamed = [
        api.message("Hello, this is Sam.", id="90", kind="", sender="staff", sender_name="Sam Lee"),
        api.message("It is 16 sessions.", id="91", source="What is DIT?"),
    ]
    chat.evaluate("dispatchEvent(new Event('online'))")
    expect(chat.locator("li.staff").get_by_text("Sam Lee from the clinic, ")).to_be_visible()
    expect(chat.locator("li.staff .sr").first).to_have_text("Sam Lee from the clinic said")
    expect(chat.get_by_text("From the leaflet: What is DIT?")).to_be_visible()


@pytest.mark.parametrize(
    "text, says",
    [
        ("x" * 3499, ""),
        ("x" * 3500, "Characters left: 500."),
        ("\U0001f622" * 3990, "Characters left: 10."),
        ("x" * 4012, "Characters too many: 12."),
    ],
)
def test_widget_counts_down_before_a_text_is_too_long(chat, text, says):
    chat.get_by_label("Your message").fill(text)
    expect(chat.locator("#count")).to_contain_text(says) if says else expect(chat.locator("#count")).to_be_empty()


def test_widget_gives_a_refused_text_back_and_still_shows_the_crisis_reply(chat, api):
    refusal = {"error": {"code": "too_long", "message": "That was too long. Please send it in two parts."}}
    api.answer = lambda body: (413, {**refusal, "messages": [api.message(CRISIS, id="90", kind="crisis")]})
    send(chat, "x" * 4001)
    expect(chat.get_by_role("alert")).to_have_text("That was too long. Please send it in two parts.")
    expect(chat.get_by_label("Your message")).to_have_value("x" * 4001)
    expect(chat.locator("li.crisis")).to_be_visible()
    assert chat.locator("li.patient").count() == 0


def test_widget_help_button_tells_the_clinic_and_shows_its_answer(chat, api):
    api.answer = lambda body: (200, {"messages": [api.message(CRISIS, id="90", kind="crisis")]})
    chat.get_by_role("button", name="I need help now").click()
    panel = chat.get_by_role("region", name="Help now")
    expect(panel.get_by_role("link", name="Samaritans")).to_have_attribute("href", "tel:116123")
    panel.get_by_role("button", name="Tell the clinic now").click()
    expect(panel.get_by_role("status")).to_contain_text("Your message was sent at")
    expect(panel.get_by_role("status").get_by_role("link", name="999")).to_be_visible()
    assert [body["text"] for body in api.posted] == ["I need help now"]


def test_widget_help_button_does_not_wait_behind_another_message(chat, api):
    api.holding = True
    send(chat, "a slow one")
    chat.get_by_role("button", name="I need help now").click()
    chat.get_by_role("button", name="Tell the clinic now").click()
    expect(chat.get_by_role("region", name="Help now").get_by_role("status")).to_contain_text("Sending")
    assert [body["text"] for body in api.posted] == ["a slow one", "I need help now"]
    api.release()


def test_widget_help_button_says_so_when_no_answer_came_back(chat, api):
    api.answer = lambda body: (200, {"messages": []})
    chat.get_by_role("button", name="I need help now").click()
    chat.get_by_role("button", name="Tell the clinic now").click()
    status = chat.get_by_role("region", name="Help now").get_by_role("status")
    expect(status).to_contain_text("No answer has come yet")


def test_widget_reload_keeps_the_chat_and_what_was_not_sent(chat, api):
    send(chat, "first")
    chat.get_by_text("You wrote: first").wait_for()
    chat.get_by_label("Your message").fill("half a thought")
    chat.reload()
    chat.get_by_text("You wrote: first").wait_for()
    assert bubbles(chat)[1:] == ["first", "You wrote: first"]
    expect(chat.get_by_label("Your message")).to_have_value("half a thought")
    assert api.begun == 1
    kept = stored(chat, "sessionStorage")
    assert "secret" in kept and "You wrote" not in kept  # the key to the chat, never what was said in it
    assert stored(chat, "localStorage") == "{}"


def test_widget_keeps_the_chat_on_the_device_only_when_asked_to(chat, api, web_base_url):
    chat.get_by_role("button", name="Options").click()
    chat.get_by_label("Keep this chat on this device").check()
    assert "secret" in stored(chat, "localStorage") and stored(chat, "sessionStorage") == "{}"
    another = chat.context.new_page()
    another.route("**/api/conversations/**", api.handle)
    another.goto(web_base_url)
    another.get_by_text("What would you like to know?").wait_for()
    assert api.begun == 1
    another.get_by_role("button", name="Options").click()
    another.get_by_label("Keep this chat on this device").uncheck()
    assert stored(another, "localStorage") == "{}"


def test_widget_leave_and_clear_empties_the_device_and_every_tab_at_once(chat, api, web_base_url):
    send(chat, "private words")
    chat.get_by_text("You wrote: private words").wait_for()
    chat.get_by_role("button", name="Options").click()
    chat.get_by_label("Keep this chat on this device").check()
    another = chat.context.new_page()
    another.route("**/api/conversations/**", api.handle)
    another.goto(web_base_url)
    another.get_by_text("You wrote: private words").wait_for()
    chat.get_by_role("button", name="Leave and clear").click()
    for tab in (chat, another):
        expect(tab.get_by_role("heading", name="You have left the chat")).to_be_visible()
        expect(tab.get_by_text("private words")).to_have_count(0)
        assert stored(tab, "localStorage") == stored(tab, "sessionStorage") == "{}"
    chat.get_by_role("button", name="Start a new chat").click()
    chat.get_by_text("What would you like to know?").wait_for()
    assert api.begun == 2


def test_widget_works_where_storage_is_blocked(page, api, web_base_url):
    page.add_init_script(
        "for (const area of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, area, {get() { throw new DOMException('blocked', 'SecurityError') }})"
    )
    page.goto(web_base_url)
    send(page, "hello")
    page.get_by_text("You wrote: hello").wait_for()


def test_widget_asks_no_other_server(page, web_base_url):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(web_base_url)
    for _ in range(4):  # the real system may first ask for consent, or show what it can do
        page.locator("li.said").first.wait_for()
        if page.get_by_label("Suggested answers").get_by_role("button").count() == 0:
            break
        before = page.locator("li.said").count()
        page.get_by_label("Suggested answers").get_by_role("button").first.click()
        expect(page.locator("li.assistant")).not_to_have_count(before)
    page.get_by_role("button", name="I need help now").click()
    page.get_by_role("button", name="Tell the clinic now").click()
    expect(page.get_by_role("region", name="Help now").get_by_role("status")).to_contain_text("sent at")
    expect(page.locator("li.crisis").last).to_contain_text("116 123")
    assert len(asked) > 6 and [url for url in asked if not url.startswith(f"{web_base_url}/")] == []


def test_widget_script_is_small_and_plain(page, web_base_url):
    script = page.request.get(f"{web_base_url}/widget/interlude.js").body()
    assert script.isascii()  # straight quotes and hyphens only
    assert len(gzip.compress(script)) < 18_000
    for unsafe in (b"innerHTML", b"insertAdjacentHTML", b"document.write", b"eval("):
        assert unsafe not in script


def test_widget_shows_the_person_s_own_answers_and_keeps_them_as_a_file(chat, api):
    chat.get_by_role("button", name="Options").click()
    chat.get_by_role("button", name="See my questionnaire answers").click()
    expect(chat.get_by_text("None yet.")).to_be_visible()
    text = "These are your own answers.\n\n1. A question\n   2 - More than half the days\n"
    api.own = {"about": "These are your own answers.", "text": text, "responses": [{}]}
    chat.get_by_role("button", name="See my questionnaire answers").click()
    expect(chat.get_by_text("2 - More than half the days")).to_be_visible()
    expect(chat.get_by_role("group", name="See my questionnaire answers")).to_be_focused()
    with chat.expect_download() as kept:
        chat.get_by_role("link", name="Keep them as a file").click()
    assert kept.value.suggested_filename == "my-answers.txt"
    assert kept.value.path().read_text() == text
    api.down = True
    chat.get_by_role("button", name="See my questionnaire answers").click()
    expect(chat.get_by_text("could not be fetched")).to_be_visible()
    expect(chat.get_by_text("2 - More than half the days")).to_have_count(0)


def test_widget_lets_who_is_reminded_choose_the_hour(chat, api):
    chat.get_by_role("button", name="Options").click()
    expect(chat.get_by_label("Hour of the reminder")).to_have_count(0)
    chat.get_by_role("button", name="Options").click()
    api.hour = {"hour": 11, "usual_hour": 18, "hours": [9, 10, 11, 12]}
    chat.get_by_role("button", name="Options").click()
    choice = chat.get_by_label("Hour of the reminder")
    expect(choice).to_have_value("11")
    choice.select_option("9:00")
    expect(chat.get_by_text("Your choice is stored.")).to_be_visible()
    assert api.hour["hour"] == 9
    choice.select_option("The usual hour (18:00)")
    expect(chat.get_by_text("Your choice is stored.")).to_be_visible()
    assert api.hour["hour"] is None
