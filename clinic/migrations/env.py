"""Runs the migrations on the database of the settings, or on a connection that a test gives."""

from typing import Literal

from alembic import context
from sqlalchemy import Connection

from clinic.database import Base, Database, UtcDateTime
from clinic.encryption import EncryptedJSON, EncryptedText
from clinic.models import ALL_MODELS
from clinic.settings import Settings

assert ALL_MODELS  # importing them is what fills the metadata


def _plain_type(kind: str, obj: object, autogen_context: object) -> str | Literal[False]:
    """Migrations name database types only, so that an old one does not change with today's classes."""
    if kind == "type" and isinstance(obj, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(obj, EncryptedText | EncryptedJSON):
        return "sa.LargeBinary()"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=_plain_type,
    )
    with context.begin_transaction():
        context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    database = Database(Settings().resolved_database_url)
    with database.engine.begin() as connection:
        _run(connection)
    database.dispose()
