"""Passkeys in a real browser with an authenticator of its own, by keyboard alone; and answers that prove nothing."""

import json

import pytest
from playwright.sync_api import expect

from clinic.settings import Settings
from clinic.staff.models import StaffPasskey
from clinic.staff.passkeys import Site

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url


@pytest.fixture
def address(address):
    """Browsers know passkeys at names only."""
    return address.replace("127.0.0.1", "localhost")


def log_in(page):
    page.goto("/console/log-in")
    page.get_by_label("User name").fill("sam")
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_passkey_is_set_up_and_opens_the_console_by_keyboard(clinic, new_page, axe_violations):
    clinic.account()
    page = new_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    log_in(page)
    page.goto("/console/account/second-factor")
    assert axe_violations(page) == []
    page.get_by_label("Name of the passkey").focus()
    page.keyboard.type("work laptop")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Passkey: work laptop")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Log out", exact=True).click()
    log_in(page)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Use a passkey").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Waiting for a person")).to_be_visible()
    with clinic.database.read() as session:
        passkey = session.query(StaffPasskey).one()
    assert passkey.last_used_at is not None and passkey.sign_count >= 1


@pytest.mark.parametrize("answer", ["", "{}", "null", "[]", "not json", json.dumps({"id": "x", "rawId": "x"})])
def test_passkey_answers_that_prove_nothing(clinic, new_client, answer):
    client = new_client(clinic.account())
    client.http.base_url = "http://localhost"
    client.get("/console/account/second-factor")
    page = client.post("/console/account/second-factor/passkey", passkey=answer, name="x")
    assert page.status_code == 422
    with clinic.database.read() as session:
        assert session.query(StaffPasskey).count() == 0


@pytest.mark.parametrize(
    ("public_url", "requested", "host"),
    [
        ("https://chat.clinic.example", "https://evil.example", "chat.clinic.example"),
        ("https://192.0.2.1", "https://192.0.2.1", None),
        ("", "http://localhost:8000", "localhost"),
        ("", "http://127.0.0.1:8000", None),
        ("", "http://evil.example", None),
    ],
)
def test_passkey_belongs_to_the_address_of_the_console(public_url, requested, host):
    site = Site.of(Settings(public_url=public_url), requested)
    assert (site.host if site is not None else None) == host
