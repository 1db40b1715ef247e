"""Bringing a database to the newest shape."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from clinic.database import Database

_FOLDER = Path(__file__).resolve().parent / "migrations"


def alembic_config() -> Config:
    """alembic's configuration without an .ini file."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def migrate(database: Database) -> None:
    """Runs the migrations that are missing; safe to run at every start."""
    config = alembic_config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
