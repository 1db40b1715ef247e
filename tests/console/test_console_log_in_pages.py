"""Log-in, second step, own account and the page Staff: what axe sees in every state, at three widths, light and dark."""

import os
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import expect

from clinic.clock import now
from clinic.settings import Settings

pytestmark = pytest.mark.browser
PASSWORD = "correct horse battery"
SET_UP = "/console/account/second-factor"


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url


@pytest.fixture
def settings(settings):
    """A clinic with a single sign-on; nobody asks it anything here."""
    given = {"oidc_issuer": "https://login.clinic.example", "oidc_client_id": "i", "oidc_roles": "duty=d"}
    return Settings(**{**settings.model_dump(exclude_unset=True), **given, "oidc_name": "NHSmail"})


def log_in(page, username="sam"):
    page.goto("/console/log-in")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.get_by_role("button", name="Log in").click()


def logging_in(page, clinic):
    page.goto("/console")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in with NHSmail")).to_be_visible()


def account(page, clinic):
    clinic.session_token(clinic.accounts["sam"])
    page.goto("/console/account")


def account_refused(page, clinic):
    account(page, clinic)
    page.get_by_text("Change your password").click()
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def setting_up(page, clinic):
    page.goto(SET_UP)


def set_up_refused(page, clinic):
    setting_up(page, clinic)
    page.get_by_label("Code from the app").fill("000000")
    page.get_by_role("button", name="Set up the app").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def recovery_codes(page, clinic):
    setting_up(page, clinic)
    secret = page.locator("code.key").inner_text().replace(" ", "")
    page.get_by_label("Code from the app").fill(pyotp.TOTP(secret).at(int(now().timestamp())))
    page.get_by_role("button", name="Set up the app").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()


def account_with_an_app(page, clinic):
    recovery_codes(page, clinic)
    page.goto("/console/account")
    page.get_by_text("Remove one").click()


def second_step_refused(page, clinic):
    recovery_codes(page, clinic)
    page.get_by_role("button", name="Log out").click()
    log_in(page)
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def own_password(page, clinic):
    clinic.account("kim", "Kim Park", is_password_temporary=True)
    page.goto("/console")
    page.get_by_role("button", name="Log out").click()
    log_in(page, "kim")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()


def staff(page, clinic):
    clinic.account("gone", "Somebody Who Left", disabled_at=now())
    clinic.account("robin", "Robin Day", role="therapist")
    page.goto("/console/staff")


def not_for_this_role(page, clinic):
    page.goto("/console/closed")


def single_sign_on_refused(page, clinic):
    page.goto("/console/log-in/single-sign-on/callback?state=x")


STATES = {
    "duty": [
        logging_in,
        account,
        account_refused,
        setting_up,
        set_up_refused,
        recovery_codes,
        account_with_an_app,
        second_step_refused,
        own_password,
        single_sign_on_refused,
    ],
    "administrator": [staff, not_for_this_role],
}


@pytest.mark.parametrize(
    ("role", "state"),
    [(role, state) for role, states in STATES.items() for state in states],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_accessibility_of_logging_in(clinic, new_page, axe_violations, role, state):
    sam = clinic.account(role=role)
    clinic.accounts = {"sam": sam}
    page = new_page(sam)
    state(page, clinic)
    found, pictures = {}, os.environ.get("PICTURES_OF_LOG_IN")
    for scheme, width, height in (("light", 1280, 800), ("dark", 360, 640), ("light", 320, 256)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})
        found[scheme, width] = axe_violations(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if pictures:
            page.screenshot(path=Path(pictures) / f"{state.__name__}-{width}.png", full_page=True)
    assert found == {key: [] for key in found}
