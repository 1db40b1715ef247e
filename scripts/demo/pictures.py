"""`python -m scripts.demo.pictures`: pictures of the console with the made-up clinic, to look at and for the docs.

python -m scripts.demo --fill-only        # once: fills var/demo
python -m scripts.demo.pictures           # docs/pictures/console-*.png
python -m scripts.demo.pictures --all DIR # every page in DIR, at three widths, dark and with forced colours
"""

from __future__ import annotations

import argparse
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from clinic.app import create_app
from clinic.database import Database
from clinic.encryption import configure_encryption
from clinic.migrate import migrate
from clinic.questionnaires.models import QuestionnaireResponse
from clinic.services import Services
from clinic.settings import ROOT, Settings
from clinic.staff.access import COOKIE
from clinic.staff.models import StaffAccount
from clinic.staff.sessions import open_session
from risk import Detector
from scripts.demo.__main__ import FOLDER
from scripts.progress import console

PICTURES = ROOT / "docs" / "pictures"
CHROMIUM = "/usr/bin/chromium"
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
WIDTHS = (360, 768, 1280)
PAGES = {
    "service": "/console/service?days=90",
    "content": "/console/content",
    "content-topic": "/console/content/therapist_silence",
    "patients": "/console/patients",
    "patient": "/console/patients/{patient}",
    "open": "/console",
    "waiting": "/console/waiting-list?shown=all",
    "questions": "/console/questions",
}
# Those that stand in the docs; the demo's own figures, at a desk.
IN_DOCS = ("service", "content", "patient")


def main() -> None:
    """Takes the pictures."""
    parser = argparse.ArgumentParser(prog="python -m scripts.demo.pictures")
    parser.add_argument("--all", type=Path, metavar="DIR", help="every page, width and scheme, into DIR")
    parser.add_argument("--only", nargs="*", choices=list(PAGES), help="these pages")
    given = parser.parse_args()
    if not (FOLDER / "interlude.db").is_file():
        console.print("There is no made-up clinic yet: python -m scripts.demo --fill-only")
        sys.exit(1)
    with _running() as (base, token, patient), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        context = browser.new_context(base_url=base, locale="en-GB", timezone_id="Europe/London")
        context.set_default_timeout(120_000)
        context.add_cookies([{"name": COOKIE, "value": token, "url": base}])
        page = context.new_page()
        for name in given.only or (PAGES if given.all else IN_DOCS):
            page.set_viewport_size({"width": 1280, "height": 860})
            page.goto(PAGES[name].format(patient=patient))
            if name == "service":
                page.locator(".parts__one").first.wait_for()
            if given.all is None:
                # The figures: no Rasa runs here, and the picture should not say that it is broken.
                if name == "service":
                    page.get_by_role("navigation", name="Period").evaluate("one => one.scrollIntoView()")
                page.screenshot(path=PICTURES / f"console-{name}.png")
            else:
                given.all.mkdir(parents=True, exist_ok=True)
                _every_kind(page, given.all / name)
        browser.close()


def _every_kind(page: Page, stem: Path) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=f"{stem}-{width}.png", full_page=True)
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=f"{stem}-dark.png", full_page=True)
    page.emulate_media(color_scheme="light", forced_colors="active")
    page.screenshot(path=f"{stem}-forced.png", full_page=True)
    page.emulate_media(forced_colors="none")


@contextmanager
def _running() -> Iterator[tuple[str, str, str]]:
    """The service on var/demo. Gives its address, a log-in, and a patient with a long course. Tells nobody anything."""
    settings = Settings(
        var_folder=FOLDER,
        database_url=f"sqlite:///{FOLDER / 'interlude.db'}",
        alert_urls=[],
        sms_provider="emulator",
        clinic_name="Riverside Talking Therapies",
    )
    configure_encryption(settings)
    database = Database(settings.resolved_database_url)
    migrate(database)
    database.dispose()
    services = Services.build(settings, detector=Detector.load())
    with services.database.write() as session:
        account = session.scalars(select(StaffAccount).where(StaffAccount.username == "wren")).one()
        token = open_session(session, account)
        patient = session.scalars(select(QuestionnaireResponse.patient_id)).first()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(services), port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}", token, str(patient)
    finally:
        server.should_exit = True
        thread.join(20)


if __name__ == "__main__":
    main()
