"""The running system in a real browser: a patient and a clinician, and no complaint from axe."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright, expect, sync_playwright

from clinic.settings import ROOT
from tests.system.stack import Stack

pytestmark = [pytest.mark.system, pytest.mark.browser]
CHROMIUM = "/usr/bin/chromium"
FLAGS = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
# `PICTURES=1 make test PYTEST_ARGS=tests/system/test_browser.py` takes the README's pictures anew.
PICTURES = ROOT / "docs" / "pictures" if os.environ.get("PICTURES") else None
PHONE = {"width": 390, "height": 780}
DESKTOP = {"width": 1280, "height": 860}
WAIT_MS = 20_000


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("Debian's chromium is not installed; .ci/run installs it")
    running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
    yield running
    running.close()


def context(browser: Browser, size: dict[str, int]) -> BrowserContext:
    opened = browser.new_context(viewport=size, locale="en-GB", timezone_id="Europe/London")  # type: ignore[arg-type]
    opened.set_default_timeout(WAIT_MS)
    return opened


def picture(page: Page, name: str) -> None:
    if PICTURES is not None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(400)
        page.screenshot(path=PICTURES / f"{name}.png")


def seen(page: Page, text: str) -> Locator:
    """The last place on the screen that shows the text."""
    return page.get_by_text(text).filter(visible=True).last


def no_violations(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def send(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.keyboard.press("Enter")


def log_in(page: Page, stack: Stack) -> None:
    username, password = (stack.folder / "first-login.txt").read_text().split()
    page.goto(f"{stack.base}/console")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Open escalations")).to_be_visible()


def test_browser_patient_asks_fills_in_and_is_heard(stack: Stack, browser: Browser) -> None:
    patient = context(browser, PHONE).new_page()
    outside: list[str] = []
    patient.on("request", lambda request: request.url.startswith(stack.base) or outside.append(request.url))
    complaints: list[str] = []
    patient.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    patient.goto(stack.base)
    expect(seen(patient, "I am a computer program")).to_be_visible()
    no_violations(patient)

    send(patient, "why is my therapist so quiet?")
    expect(seen(patient, "When it goes quiet")).to_be_visible()
    expect(seen(patient, "From the leaflet")).to_be_visible()
    picture(patient, "chat-phone")
    no_violations(patient)

    send(patient, "fill in my questionnaire")
    expect(seen(patient, "1 of 9")).to_be_visible()
    for item in range(2, 10):
        patient.get_by_role("button", name="1 - Several days").click()
        expect(seen(patient, f"{item} of 9")).to_be_visible()
    patient.reload()
    expect(seen(patient, "9 of 9")).to_be_visible()
    patient.get_by_role("button", name="0 - Not at all").click()
    expect(seen(patient, "that was the last question")).to_be_visible()

    clinician = context(browser, DESKTOP).new_page()
    log_in(clinician, stack)
    no_violations(clinician)

    send(patient, "honestly i dont want to be here anymore")
    expect(seen(patient, "116 123")).to_be_visible()
    no_violations(patient)

    # The list updates by itself.
    expect(seen(clinician, "honestly i dont want to be here anymore")).to_be_visible()
    picture(clinician, "console")
    found = stack.http.get("/api/staff/escalations?status=new", headers=stack.staff).json()
    mine = next(one for one in found if one["text"].startswith("honestly i dont"))
    clinician.goto(f"{stack.base}/console/escalations/{mine['id']}")
    expect(seen(clinician, "be here anymore")).to_be_visible()
    no_violations(clinician)
    picture(clinician, "escalation")
    clinician.get_by_role("button", name="I am looking at it").click()
    expect(seen(patient, "Someone at the clinic has read your message")).to_be_visible()

    # A person writes, and the patient sees who.
    clinician.goto(f"{stack.base}/console/conversations/{mine['conversation_id']}")
    no_violations(clinician)
    clinician.get_by_role("textbox").first.fill("Hello, this is Sam. Can I ring you now?")
    clinician.get_by_role("button", name="Take over and send").click()
    expect(seen(patient, "this is Sam")).to_be_visible()
    no_violations(patient)
    assert outside == [] and complaints == []


def test_browser_desktop_and_dark(stack: Stack, browser: Browser) -> None:
    page = context(browser, DESKTOP).new_page()
    page.goto(stack.base)
    send(page, "she never answers my questions")
    expect(seen(page, "From the leaflet")).to_be_visible()
    picture(page, "chat-desktop")
    no_violations(page)
    page.emulate_media(color_scheme="dark")
    no_violations(page)


def test_browser_connection_lost_shows_the_numbers(stack: Stack, browser: Browser) -> None:
    opened = context(browser, PHONE)
    page = opened.new_page()
    page.goto(stack.base)
    expect(seen(page, "I am a computer program")).to_be_visible()
    opened.set_offline(True)
    send(page, "is anybody there")
    expect(seen(page, "116 123")).to_be_visible()
    page.get_by_role("button", name="I need help now").first.click()
    expect(seen(page, "999")).to_be_visible()
    opened.set_offline(False)
    page.keyboard.press("Escape")
    # What could not be sent is kept, and goes when the connection is back.
    expect(seen(page, "is anybody there")).to_be_visible()
