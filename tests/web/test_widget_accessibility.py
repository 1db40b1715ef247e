"""WCAG 2.2 AA: what axe can see in every state, and what it cannot: keyboard, focus, reflow, spacing, no script."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

CRISIS = "If your life is in danger, call 999.\n\nSamaritans: 116 123."
FOCUSED = """() => {
  let at = document.activeElement;
  while (at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
  return at.getAttribute("aria-label") || at.labels?.[0]?.textContent || at.textContent;
}"""
EVERYTHING = """() => {
  const all = (root) => [...root.querySelectorAll("*")].flatMap((e) => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])]);
  return all(document).filter((e) => e.checkVisibility() && e.getBoundingClientRect().width > 1);
}"""
VIEWPORTS = {"phone": (360, 640), "tablet": (768, 1024), "desktop": (1280, 800)}


def send(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_role("button", name="Send").click()


def empty(page, api):
    pass


def answered(page, api):
    choices = [{"label": "What is DIT?", "text": "What is DIT?"}, {"label": "No", "text": "No"}]
    reply = api.message("About silence", id="90", source="What is DIT?", quick_replies=choices)
    api.answer = lambda body: (200, {"messages": [reply]})
    send(page, "Why so quiet?")
    page.get_by_role("button", name="What is DIT?").wait_for()


def staff(page, api):
    api.streamed = [api.message("Hello.", id="90", kind="", sender="staff", sender_name="Sam Lee")]
    page.evaluate("dispatchEvent(new Event('online'))")
    page.locator("li.staff").wait_for()


def crisis(page, api):
    api.answer = lambda body: (200, {"messages": [api.message(CRISIS, id="90", kind="crisis")]})
    send(page, "I want to die")
    page.locator("li.crisis").wait_for()


def offline(page, api):
    api.down = True
    send(page, "hello")
    page.get_by_text("Not sent.", exact=True).wait_for()


def help_open(page, api):
    page.get_by_role("button", name="I need help now").click()
    page.get_by_role("button", name="Tell the clinic now").click()
    page.get_by_text("Your message was sent at").wait_for()


def options_open(page, api):
    page.get_by_role("button", name="Options").click()


def reminder_hour(page, api):
    api.hour = {"hour": 11, "usual_hour": 18, "hours": [9, 10, 11, 12]}
    options_open(page, api)
    page.get_by_label("Hour of the reminder").select_option("9:00")
    page.get_by_text("Your choice is stored.").wait_for()


def own_answers(page, api):
    options_open(page, api)
    text = (
        "Your own answers.\n\nPHQ-9, 24 November 2026 at 18:05\n\n"
        + "1. A question " * 12
        + "\n   2 - More than half the days"
    )
    api.own = {"about": "Your own answers.", "text": text, "responses": [{}]}
    page.get_by_role("button", name="See my questionnaire answers").click()
    page.get_by_role("link", name="Keep them as a file").wait_for()


def too_long(page, api):
    page.get_by_label("Your message").fill("x" * 4012)


def refused(page, api):
    api.answer = lambda body: (422, {"error": {"code": "empty", "message": "Please write a message first."}})
    send(page, "?")
    page.get_by_text("Please write a message first.").wait_for()


def left(page, api):
    options_open(page, api)
    page.get_by_role("button", name="Leave and clear").click()


STATES = [
    empty,
    answered,
    staff,
    crisis,
    offline,
    help_open,
    options_open,
    reminder_hour,
    own_answers,
    too_long,
    refused,
    left,
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", VIEWPORTS)
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_chat_page_has_no_axe_violation(chat, api, axe_violations, state, viewport, scheme):
    width, height = VIEWPORTS[viewport]
    chat.set_viewport_size({"width": width, "height": height})
    chat.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    state(chat, api)
    assert axe_violations(chat) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", VIEWPORTS)
@pytest.mark.parametrize("opened", [False, True])
def test_launcher_has_no_axe_violation(embed, axe_violations, opened, viewport, scheme):
    width, height = VIEWPORTS[viewport]
    embed.set_viewport_size({"width": width, "height": height})
    embed.emulate_media(color_scheme=scheme)
    if opened:
        embed.get_by_role("button", name="Chat about your therapy").click()
        embed.get_by_text("What would you like to know?").wait_for()
    assert axe_violations(embed) == []


@pytest.fixture
def embed(page, api, web_base_url) -> Page:
    """A page of another site, which holds the one script tag."""
    other = web_base_url.replace("127.0.0.1", "localhost") + "/another-site"
    html = f"""<!doctype html><html lang="en"><title>Another site</title>
        <meta name="viewport" content="width=device-width"><style>html {{font-size: 62.5%}}</style>
        <main><h1>Another site</h1><a href="#x">A link</a></main>
        <script src="{web_base_url}/widget/interlude.js" defer></script>"""
    page.route(other, lambda route: route.fulfill(content_type="text/html", body=html))
    page.goto(other)
    page.get_by_role("button", name="Chat about your therapy").wait_for()
    return page


@pytest.mark.parametrize("width, modal", [(1280, False), (360, True)])
def test_launcher_opens_a_dialog_and_gives_the_focus_back(embed, api, width, modal):
    embed.set_viewport_size({"width": width, "height": 800})
    button = embed.get_by_role("button", name="Chat about your therapy")
    button.focus()
    embed.keyboard.press("Enter")
    dialog = embed.get_by_role("dialog", name="Chat about your therapy")
    expect(embed.get_by_label("Your message")).to_be_focused()
    assert dialog.evaluate("dialog => dialog.matches(':modal')") is modal
    embed.keyboard.type("hello")
    embed.keyboard.press("Enter")
    embed.get_by_text("You wrote: hello").wait_for()
    embed.get_by_role("button", name="I need help now").click()
    embed.keyboard.press("Escape")  # first the panel, then the dialog
    expect(embed.get_by_role("region", name="Help now")).to_be_hidden()
    expect(dialog).to_be_visible()
    embed.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    button.click()
    expect(embed.get_by_text("You wrote: hello")).to_be_visible()
    assert api.begun == 1


def test_launcher_says_that_a_message_came_while_it_was_closed(embed, api):
    embed.get_by_role("button", name="Chat about your therapy").click()
    embed.get_by_text("What would you like to know?").wait_for()
    embed.get_by_role("button", name="Close", exact=True).click()
    api.streamed = [api.message("This is Sam.", id="90", kind="", sender="staff", sender_name="Sam Lee")]
    embed.evaluate("dispatchEvent(new Event('online'))")
    embed.get_by_role("button", name="Chat: new message").click()
    expect(embed.get_by_text("This is Sam.")).to_be_visible()


def test_widget_in_the_page_leaves_the_launcher_out(page, api, web_base_url):
    page.goto(web_base_url)
    page.get_by_text("What would you like to know?").wait_for()
    assert page.locator("interlude-launcher").count() == 0


def test_keyboard_alone_reaches_everything_in_reading_order(page, api, web_base_url):
    api.said[0]["quick_replies"] = [{"label": "Yes", "text": "yes"}, {"label": "No", "text": "no"}]
    page.goto(web_base_url)
    page.get_by_role("button", name="Yes").wait_for()
    seen = []
    for _ in range(7):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
    assert seen == ["Options", "I need help now", "Chat", "Yes", "No", "Your message", "Send"]
    for _ in range(3):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")  # Yes
    page.get_by_text("You wrote: yes").wait_for()
    page.keyboard.type("and more")
    page.keyboard.press("Enter")
    page.get_by_text("You wrote: and more").wait_for()
    for _ in range(2):
        page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUSED) == "I need help now"
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Help now")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="I need help now")).to_be_focused()


def test_messages_are_a_log_of_list_items_that_name_their_sender(chat, api):
    answered(chat, api)
    log = chat.get_by_role("log", name="Messages")
    assert log.get_by_role("list").get_by_role("listitem").count() == 3
    senders = log.locator("li > .sr:first-child").all_inner_texts()
    assert senders == ["Assistant said", "You said", "Assistant said"]
    expect(log.locator(".follows")).to_have_text("Suggested answers: 2. They are below.")


def test_history_is_not_read_out_again_after_a_reload(chat, api):
    answered(chat, api)
    chat.reload()
    chat.get_by_text("What would you like to know?").wait_for()
    log = chat.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "off")
    expect(log).to_have_attribute("aria-live", "polite")


@pytest.mark.parametrize("size", [(320, 640), (320, 256), (640, 360)])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_chat_reflows_without_sideways_scrolling_and_stays_usable(chat, api, state, size):
    chat.set_viewport_size({"width": size[0], "height": size[1]})
    state(chat, api)
    wide = chat.evaluate(f"({EVERYTHING})().filter(e => e.scrollWidth > innerWidth).map(e => e.className || e.tagName)")
    assert wide == []
    if state is left:
        return
    expect(chat.get_by_role("button", name="I need help now")).to_be_in_viewport(ratio=0.99)
    if state not in (
        help_open,
        options_open,
        reminder_hour,
        own_answers,
    ):  # these take the composer's room on a narrow screen, until closed
        chat.get_by_label("Your message").click(trial=True)  # nothing lies over it
        chat.get_by_role("button", name="Send").click(trial=True)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_target_is_large_enough(chat, api, state):
    chat.set_viewport_size({"width": 360, "height": 640})
    state(chat, api)
    small = chat.evaluate(f"""({EVERYTHING})().filter(e => e.matches("button, a, textarea, input"))
      .map(e => [e.textContent || e.type, e.matches("label *, p a") ? 24 : 44, e.getBoundingClientRect()])
      .filter(([, least, box]) => box.height < least || box.width < 24).map(([name, , box]) => name + box.height)""")
    assert small == []


@pytest.mark.parametrize("state", [answered, crisis, help_open], ids=lambda state: state.__name__)
def test_text_spacing_cuts_nothing_off(chat, api, state):
    state(chat, api)
    cut = chat.evaluate(f"""() => {{
      const spacing = new CSSStyleSheet();
      spacing.replaceSync("*{{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}}"
        + "p{{margin-bottom:2em!important}}");
      const root = document.querySelector("interlude-chat").shadowRoot;
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, spacing];
      return ({EVERYTHING})().filter((e) => e.matches("button, li.said, li.said *, .panel p, .contacts *"))
        .filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline")
        .map((e) => e.textContent);
    }}""")
    assert cut == []


def test_focus_is_visible_on_every_stop(chat):
    for _ in range(5):
        chat.keyboard.press("Tab")
        style = "getComputedStyle(document.activeElement.shadowRoot.activeElement)"
        assert chat.evaluate(f"[{style}.outlineStyle, {style}.outlineWidth]") == ["solid", "3px"]


def test_page_without_script_says_so_and_gives_the_numbers(new_page, web_base_url):
    page = new_page(java_script_enabled=False)
    page.goto(web_base_url)
    expect(page.locator("noscript p")).to_be_visible()
    expect(page.get_by_text("open here in a moment")).to_be_hidden()
    samaritans = page.get_by_role("complementary").get_by_role("link", name="116 123")
    expect(samaritans).to_have_attribute("href", "tel:116123")


def test_page_names_its_language_and_title(chat):
    assert chat.locator("html").get_attribute("lang") == "en-GB"
    assert "Chat" in chat.title()
    expect(chat.get_by_role("heading", level=1)).to_have_count(1)


def test_nothing_moves_where_less_motion_is_wished(chat, api):
    chat.emulate_media(reduced_motion="reduce")
    api.holding = True
    send(chat, "hello")
    chat.get_by_text("Interlude is looking this up").wait_for()
    assert chat.evaluate("document.getAnimations().length") == 0
    api.release()
