"""Bringing a database to the newest shape."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from clinic.database import Database

_FOLDER = Path(__file__).resolve().parent / "migrations"


def alembic_config() -> Config:
    """alembic's configuration without an .ini file."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def migrate(database: Database, to: str = "head") -> None:
    """Runs the migrations that are missing; safe to run at every start.

    Raises:
        RuntimeError: rows would point at nothing afterwards; nothing is changed then.
    """
    config = alembic_config()
    is_sqlite = database.engine.dialect.name == "sqlite"
    with database.engine.connect() as connection:
        if is_sqlite:
            # SQLite changes a table by making it anew and dropping the old one, which the rows that point at it forbid.
            # Outside a transaction: inside one the pragma does nothing.
            _sqlite_pragma(connection, "foreign_keys=OFF")
        try:
            with connection.begin():
                config.attributes["connection"] = connection
                command.upgrade(config, to)
                if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError("after the migration some rows would point at nothing: it was taken back")
        finally:
            if is_sqlite:
                _sqlite_pragma(connection, "foreign_keys=ON")


def _sqlite_pragma(connection: Connection, pragma: str) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(f"PRAGMA {pragma}")
