"""Joining in a real browser: the page for the code, the link behind the "#", and the waiting list's pages; axe on each."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from clinic.patients.models import Patient
from clinic.patients.service import NewPatient, add_patient
from tests.console.test_console_waiting_list import BAD, CSV

pytestmark = pytest.mark.browser


@pytest.fixture
def database_url(sqlite_url):
    return sqlite_url


@pytest.fixture
def code(clinic):
    with clinic.database.write() as session:
        patient = add_patient(session, NewPatient("Ines", "Okafor", date(1984, 3, 12), "RV77", "+447700900123"))
        session.flush()
        return clinic.services.invitations.invite(session, patient, way="letter", by="sam")[1]


def write(page, text):
    page.get_by_label("Your message").fill(text)
    page.get_by_label("Your message").press("Enter")


def join(page):
    expect(page.get_by_text("please send your date of birth")).to_be_visible()
    write(page, "12 March 1984")
    expect(page.get_by_text("Hello Ines, thank you, that matches.")).to_be_visible()


def test_browser_joins_by_the_letters_link_and_the_code_leaves_the_address(new_page, code):
    page = new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/join#{code}")
    join(page)
    assert page.url.endswith("/") and not [url for url in asked if code in url]
    page.get_by_role("button", name="Yes, I agree").click()
    expect(page.get_by_text("How may messages reach you")).to_be_visible()
    # Loaded again, the chat goes on where it was.
    page.reload()
    expect(page.get_by_text("How may messages reach you")).to_be_visible()


def test_browser_joins_by_typing_the_code(new_page, code, axe_violations):
    page = new_page(viewport={"width": 390, "height": 780})
    page.goto("/join")
    assert axe_violations(page) == [] and page.locator("interlude-launcher").count() == 0
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Type the code first.")).to_be_visible()
    page.get_by_label("Code").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Go on").click()
    join(page)
    assert axe_violations(page) == []


def test_browser_joins_although_a_chat_is_open_on_the_device(new_page, code):
    page = new_page()
    page.goto("/")
    expect(page.get_by_label("Your message")).to_be_visible()
    page.goto(f"/join#{code}")
    join(page)


def test_browser_imports_a_list_and_every_page_passes_axe(clinic, new_page, axe_violations):
    page = new_page(clinic.account())
    found = {}

    def look(name):
        for scheme, width in (("light", 1280), ("dark", 360), ("light", 320)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 700})
            found[name, width] = axe_violations(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    page.goto("/console/waiting-list")
    look("nobody")
    page.get_by_role("link", name="Import a list").click()
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    look("no file")
    file = {"name": "list.csv", "mimeType": "text/csv", "buffer": CSV + BAD.split(b"\n", 1)[1]}
    page.get_by_label("File").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_text("What would be done")).to_be_visible()
    look("check")
    page.get_by_role("button", name="Import 3 without the wrong rows").click()
    expect(page.get_by_text("3 people were added.")).to_be_visible()
    look("done")
    page.get_by_role("link", name="Invite people").click()
    page.get_by_role("checkbox", name="Choose Ines Okafor").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Make letters for the chosen").click()
    assert download.value.suggested_filename == "invitations.pdf"
    page.goto("/console/waiting-list?shown=invited")
    look("invited")
    page.get_by_role("link", name="Ines Okafor").click()
    expect(page.get_by_text("How to reach the person")).to_be_visible()
    look("person")
    with clinic.database.read() as session:
        assert session.query(Patient).count() == 3
    assert found == {key: [] for key in found}
