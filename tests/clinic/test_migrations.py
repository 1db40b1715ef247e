"""A database of yesterday becomes one of today with everything that is in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from sqlalchemy import text

from clinic.database import Database
from clinic.migrate import migrate

_ROWS = """
INSERT INTO conversation (id, token_hash, channel, status, created_at) VALUES ('c', 'h', 'web', 'open', '2026-11-01');
INSERT INTO message (id, conversation_id, at, direction, sender, kind, text, details)
    VALUES (1, 'c', '2026-11-01', 'incoming', 'patient', 'patient', x'00', '{}');
INSERT INTO questionnaire_response (id, conversation_id, questionnaire, version, status, started_at)
    VALUES (1, 'c', 'phq-9', '1', 'in_progress', '2026-11-01');
INSERT INTO questionnaire_answer (response_id, item, value, message_id, at) VALUES (1, 1, x'00', 1, '2026-11-01')
"""


def test_migrations_keep_the_rows_of_an_older_database(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    migrate(database, to="0001")
    with database.write() as session:
        for statement in _ROWS.split(";"):
            session.execute(text(statement))

    migrate(database)

    with database.read() as session:
        for table in ("conversation", "message", "questionnaire_response", "questionnaire_answer"):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 1, table
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert session.execute(text("SELECT patient_id FROM conversation")).scalar() is None
    database.dispose()


def test_models_the_service_alone_knows_every_table() -> None:
    # In a process of its own: the tests themselves import every model, the running service may not.
    program = "import clinic.services; from clinic.database import Base; print(len(Base.metadata.sorted_tables))"
    assert int(subprocess.check_output([sys.executable, "-c", program], text=True)) >= 16
