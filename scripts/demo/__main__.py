"""`make demo`: a made-up clinic to look at, in var/demo, and the service running on it. Nothing leaves the machine.

    python -m scripts.demo [--fill-only] [--database-url URL]

With a database of your own it must be empty; then it is filled and nothing is started.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import time

import structlog

from clinic.database import Database
from clinic.encryption import configure_encryption
from clinic.migrate import migrate
from clinic.operations.logging import configure_logging
from clinic.services import Services
from clinic.settings import ROOT, Settings
from clinic.staff.first_login import first_login_file
from risk import Detector
from scripts.demo.filling import NotEmpty, fill
from scripts.progress import console

FOLDER = ROOT / "var" / "demo"


def main() -> None:
    """Fills, then runs the service on it."""
    parser = argparse.ArgumentParser(prog="make demo")
    parser.add_argument("--fill-only", action="store_true", help="do not start the service afterwards")
    parser.add_argument("--database-url", help="an empty database to fill, instead of the one in var/demo")
    given = parser.parse_args()
    settings = _own_settings() if given.database_url is None else Settings(database_url=given.database_url)
    configure_logging(as_json=False)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    configure_encryption(settings)
    database = Database(settings.resolved_database_url)
    migrate(database)
    database.dispose()
    console.print("* making a clinic up: 60 people, their sessions, scores, conversations and escalations")
    started = time.monotonic()
    # Made-up alerts and text messages reach nobody, whatever .env says.
    quiet = settings.model_copy(update={"alert_urls": [], "sms_provider": "emulator"})
    detector = Detector.load()
    services = Services.build(quiet, detector=detector)
    try:
        filled = fill(services, detector)
    except NotEmpty as error:
        console.print(f"[red]{error}[/red]")
        sys.exit(1)
    finally:
        services.database.dispose()
    console.print(
        f"* {filled.patients} people, {filled.conversations} conversations and {filled.escalations} escalations "
        f"in {time.monotonic() - started:.0f} s",
        highlight=False,
    )
    console.print(
        f"* every account of scripts/demo/cast.yml has the password {filled.password} (try {filled.username}, quill, "
        "clover, looker)",
        highlight=False,
    )
    if given.fill_only or given.database_url is not None:
        return
    path = first_login_file(settings)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{filled.username} {filled.password}\n")
    env = {
        **os.environ,
        "VAR_FOLDER": str(FOLDER),
        "DATABASE_URL": settings.resolved_database_url,
        "ALERT_URLS": "",
        "SMS_PROVIDER": "emulator",
    }
    os.execve(sys.executable, [sys.executable, "-m", "scripts.run"], env)


def _own_settings() -> Settings:
    """The demo's own folder, made anew each time: everything in it was made up."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    return Settings(var_folder=FOLDER, database_url=f"sqlite:///{FOLDER / 'interlude.db'}")


if __name__ == "__main__":
    main()
