"""The chat while the connection, the clinic or the conversation is gone: nothing is lost, and help stays in reach."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

REFUSED = {"error": {"code": "too_fast", "message": "That was a lot at once. Please wait a moment."}}


def send(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send").click()


def banner(page: Page):
    return page.get_by_role("region", name="No connection")


def lose(page: Page, api) -> None:
    api.down = True
    page.evaluate("dispatchEvent(new Event('offline'))")


def come_back(page: Page, api) -> None:
    api.down = False
    page.evaluate("dispatchEvent(new Event('online'))")


def test_connection_lost_is_said_with_the_crisis_numbers_and_so_is_its_return(chat, api):
    expect(banner(chat)).to_be_hidden()
    lose(chat, api)
    expect(banner(chat)).to_contain_text(re.compile("no connection", re.IGNORECASE))
    expect(banner(chat).get_by_role("link", name="116 123")).to_have_attribute("href", "tel:116123")
    spoken = chat.locator("p.sr[role=status]")
    expect(spoken).to_contain_text(re.compile("no connection", re.IGNORECASE))
    come_back(chat, api)
    expect(banner(chat)).to_be_hidden()
    expect(spoken).not_to_contain_text(re.compile("no connection", re.IGNORECASE))


def test_help_panel_opens_without_network_and_says_what_did_not_arrive(chat, api):
    chat.context.set_offline(True)
    api.down = True
    chat.get_by_role("button", name="I need help now").click()
    panel = chat.get_by_role("region", name="Help now")
    expect(panel.get_by_role("link", name="999")).to_be_visible()
    panel.get_by_role("button", name="Tell the clinic now").click()
    expect(panel.get_by_role("status")).to_contain_text("NOT reached the clinic")
    api.down = False
    chat.context.set_offline(False)  # the call for help is still sent, and the panel then says so
    expect(panel.get_by_role("status")).to_contain_text("Your message was sent at")
    assert len({body["client_message_id"] for body in api.posted}) == 1


def test_clinic_that_cannot_be_reached_from_the_start_shows_the_numbers(page, api, web_base_url):
    api.down = True
    page.goto(web_base_url)
    expect(banner(page).get_by_role("link", name="999")).to_be_visible()
    send(page, "hello")
    expect(page.get_by_text("Not sent.", exact=True)).to_be_visible()
    come_back(page, api)
    page.get_by_text("You wrote: hello").wait_for()


@pytest.mark.parametrize("how", ["refused connection", "server error", "another site answers"])
def test_failed_message_is_kept_over_a_reload_and_sent_again_under_the_same_id(chat, api, how):
    working = api.answer
    api.down = how == "refused connection"
    api.answer = lambda body: (502, {}) if how == "server error" else (200, {"hotel": "please log in"})
    send(chat, "please read this")
    expect(chat.get_by_text("Not sent.", exact=True)).to_be_visible()
    expect(banner(chat)).to_be_visible()
    first = api.posted[0]["client_message_id"]
    chat.reload()
    chat.get_by_text("please read this").wait_for()
    expect(chat.get_by_text("Not sent.", exact=True)).to_be_visible()
    api.down, api.answer = False, working
    chat.get_by_role("button", name="Try again").click()
    chat.get_by_text("You wrote: please read this").wait_for()
    expect(chat.get_by_text("please read this", exact=True)).to_have_count(1)
    assert {body["client_message_id"] for body in api.posted} == {first}
    assert [message["text"] for message in api.said].count("please read this") == 1
    expect(banner(chat)).to_be_hidden()


def test_waiting_messages_are_sent_in_order_by_themselves(page, api, web_base_url):
    page.clock.install()
    page.goto(web_base_url)
    page.get_by_text("What would you like to know?").wait_for()
    lose(page, api)
    for text in ("one", "two", "three"):
        send(page, text)
    expect(page.get_by_text("Not sent.", exact=True)).to_have_count(3)
    api.down = False
    page.clock.fast_forward(40_000)  # nobody presses anything
    page.get_by_text("You wrote: three").wait_for()
    said = page.locator("li.said .text").all_inner_texts()[1:]
    assert said == ["one", "You wrote: one", "two", "You wrote: two", "three", "You wrote: three"]


def test_answer_lost_on_the_way_is_fetched_and_stands_after_its_question(chat, api):
    reply = api.reply_ok

    def lost(body):
        reply(body)
        return 504, {}

    api.answer = lost
    send(chat, "hello")
    expect(banner(chat)).to_be_visible()
    api.answer = lambda body: (200, {"messages": api.said[-1:]})
    chat.get_by_role("button", name="Try to connect now").click()
    expect(banner(chat)).to_be_hidden()
    assert chat.locator("li.said .text").all_inner_texts()[1:] == ["hello", "You wrote: hello"]


def test_too_fast_is_explained_and_the_message_sent_later(page, api, web_base_url):
    page.clock.install()
    page.goto(web_base_url)
    page.get_by_text("What would you like to know?").wait_for()
    working, api.answer = api.answer, lambda body: (429, {**REFUSED, "messages": [api.message("Call 999", id="90")]})
    send(page, "hello")
    expect(page.get_by_role("alert")).to_have_text(REFUSED["error"]["message"])
    expect(page.get_by_role("link", name="999").first).to_be_visible()  # what came with the refusal is shown
    expect(banner(page)).to_be_hidden()
    api.answer = working
    page.clock.fast_forward(60_000)
    page.get_by_text("You wrote: hello").wait_for()
    assert len({body["client_message_id"] for body in api.posted}) == 1


def test_waiting_is_shown_and_after_six_seconds_said_again(page, api, web_base_url):
    page.clock.install()
    page.goto(web_base_url)
    page.get_by_text("What would you like to know?").wait_for()
    api.holding = True
    send(page, "hello")
    page.clock.fast_forward(500)
    expect(page.locator(".typing")).to_have_text("Interlude is looking this up")
    page.clock.fast_forward(6_000)
    expect(page.locator(".typing")).to_contain_text("still trying")
    api.release()
    page.get_by_text("You wrote: hello").wait_for()
    expect(page.locator(".typing")).to_be_empty()


def test_an_answer_that_never_comes_counts_as_not_sent(page, api, web_base_url):
    page.clock.install()
    page.goto(web_base_url)
    page.get_by_text("What would you like to know?").wait_for()
    api.holding = True
    send(page, "hello")
    page.clock.fast_forward(31_000)
    expect(page.get_by_text("Not sent.", exact=True)).to_be_visible()
    expect(banner(page)).to_be_visible()


def test_events_that_cannot_be_read_are_reported_and_messages_still_sent(page, api, web_base_url):
    api.streams = False
    page.goto(web_base_url)
    expect(banner(page)).to_be_visible()
    send(page, "hello")
    page.get_by_text("You wrote: hello").wait_for()
    api.streams = True
    page.get_by_role("button", name="Try to connect now").click()
    expect(banner(page)).to_be_hidden()


@pytest.mark.parametrize("when", ["at the next visit", "while writing"])
def test_conversation_that_is_gone_is_explained_and_a_new_one_takes_the_unsent_text(chat, api, when):
    if when == "at the next visit":
        lose(chat, api)
        send(chat, "not yet sent")
        expect(chat.get_by_text("Not sent.", exact=True)).to_be_visible()
        api.down = False
    api.known = False
    chat.get_by_label("Your message").fill("a draft")
    if when == "at the next visit":
        chat.reload()
    else:
        send(chat, "not yet sent")
        chat.get_by_label("Your message").fill("a draft")
    expect(chat.get_by_text("Your earlier chat can no longer be opened")).to_be_visible()
    chat.get_by_text("You wrote: not yet sent").wait_for()
    expect(chat.get_by_label("Your message")).to_have_value("a draft")
    assert api.begun == 2


def test_new_message_does_not_pull_down_who_reads_further_up(chat, api):
    api.answer = lambda body: (200, {"messages": [api.message("long\n\n" * 40, id="90")]})
    send(chat, "hello")
    chat.get_by_text("long").first.wait_for()
    chat.get_by_role("region", name="Chat").evaluate("middle => { middle.scrollTop = 0 }")
    api.streamed = [api.message("This is Sam.", id="91", sender="staff", sender_name="Sam Lee")]
    chat.evaluate("dispatchEvent(new Event('online'))")
    chat.get_by_role("button", name="New message below").click()
    expect(chat.get_by_text("This is Sam.")).to_be_in_viewport()
    expect(chat.get_by_role("region", name="Chat")).to_be_focused()
