"""Text messages in the running system, through the emulated phone: question, MORE, a number, a questionnaire, danger, STOP."""

from __future__ import annotations

import time
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from tests.system.stack import Stack

pytestmark = [pytest.mark.system]
CHROMIUM = "/usr/bin/chromium"


class Phone:
    """One emulated phone, over real HTTP."""

    def __init__(self, stack: Stack, number: str) -> None:
        self.http, self.url, self.last = stack.http, f"/emulator/phones/{number}", 0

    def say(self, text: str, *, answers: int = 1, within_s: float = 60) -> list[str]:
        """Writes, and waits for so many messages."""
        assert self.http.post(self.url, json={"text": text}).json() == {"status": 200}
        received: list[str] = []
        until = time.monotonic() + within_s
        while len(received) < answers and time.monotonic() < until:
            for one in self.look()["texts"]:
                self.last = one["id"]
                received += [one["text"]] if one["direction"] == "in" else []
            time.sleep(0.2)
        assert len(received) == answers, received
        return received

    def look(self) -> dict[str, Any]:
        return self.http.get(self.url, params={"after": self.last}).json()  # type: ignore[no-any-return]


def test_sms_from_a_question_to_stop(stack: Stack) -> None:
    phone = Phone(stack, "+447700900123")
    answer, welcome = phone.say("Why is my therapist silent?", answers=2)
    assert answer.endswith("Reply MORE for more.") and "computer program" in welcome
    (more,) = phone.say("MORE")
    assert "\n2 Why no straight answers?" in more
    assert "straight answer" in phone.say("2")[0]
    _, item = phone.say("fill in the PHQ-9", answers=2)
    assert "\n1 Little interest" in item and item.endswith("\n3 Nearly every day")
    assert "2 Feeling down" in phone.say("1")[0], "a number is an answer here"
    (crisis,) = phone.say("I want to kill myself")
    assert "116 123" in crisis and "2 I am not safe" in crisis
    assert "999" in phone.say("2")[0]
    phone.say("STOP", answers=0, within_s=0)
    until = time.monotonic() + 30
    found: list[dict[str, Any]] = []
    while time.monotonic() < until and not any("stopped_after_risk" in one["reasons"] for one in found):
        found = stack.http.get("/api/staff/escalations?status=new", headers=stack.staff).json()
        time.sleep(0.2)
    assert any("stopped_after_risk" in one["reasons"] for one in found)
    assert phone.look()["is_blocked"] is True
    assert "900123" not in stack.log("clinic")


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_sms_phone_page_has_no_axe_violation(stack: Stack, width: int) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto(f"{stack.base}/emulator")
        page.get_by_label("Text message").fill("What is DIT?")
        page.get_by_role("button", name="Send").click()
        page.locator("#texts li.text--in").first.wait_for(timeout=60_000)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        browser.close()
