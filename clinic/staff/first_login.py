"""The first account of a development machine, so that `make run` can print a log-in."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sqlalchemy import func, select

from clinic.database import Database
from clinic.settings import Settings
from clinic.staff.models import StaffAccount
from clinic.staff.service import create_account

_USERNAME = "duty"


def first_login_file(settings: Settings) -> Path:
    """Where the development log-in is written; delete the file once you have your own account."""
    return settings.var_folder / "first-login.txt"


def ensure_first_account(database: Database, settings: Settings) -> None:
    """Makes an account when there is none, and keeps its log-in in a file that only this user can read."""
    with database.write() as session:
        if session.scalar(select(func.count()).select_from(StaffAccount)):
            return
        password = secrets.token_urlsafe(12)
        create_account(session, username=_USERNAME, name="Duty clinician", password=password, role="duty")
        path = first_login_file(settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(f"{_USERNAME} {password}\n")
