"""Databases to test on: SQLite always, PostgreSQL where TEST_DATABASE_URL names one (`.ci/run` sees to that)."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from clinic.database import Base, Database
from clinic.encryption import configure_encryption
from clinic.migrate import migrate
from clinic.models import ALL_MODELS
from clinic.settings import Settings

POSTGRES = os.environ.get("TEST_DATABASE_URL")
assert ALL_MODELS  # importing them is what fills the metadata
REDIS = os.environ.get("TEST_REDIS_URL")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of the developer's own shell must not change a test."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "interlude.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    # Closing the last connection moves the write-ahead log into the file.
    database.dispose()
    return path


@pytest.fixture(scope="session")
def migrated_postgres() -> Iterator[str]:
    """A schema of this run's own on the PostgreSQL of TEST_DATABASE_URL, migrated."""
    if not POSTGRES:
        pytest.skip("TEST_DATABASE_URL names no PostgreSQL; .ci/run starts one")
    schema = f"test_{uuid.uuid4().hex}"
    admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    url = make_url(POSTGRES).update_query_dict({"options": f"-csearch_path={schema}"})
    rendered = url.render_as_string(hide_password=False)
    database = Database(rendered)
    migrate(database)
    database.dispose()
    yield rendered
    with admin.connect() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated database of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "interlude.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("migrated_postgres")
    engine = create_engine(url)
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
    engine.dispose()
    return url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of a development machine, with everything in a temporary folder."""
    return Settings(
        var_folder=tmp_path,
        database_url=database_url,
        staff_api_token="staff-token",  # type: ignore[arg-type]
        internal_token="internal-token",  # type: ignore[arg-type]
        screen_timeout_s=0.2,
        rate_limit="off",
    )


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The migrated database."""
    configure_encryption(settings)
    database = Database(settings.resolved_database_url)
    yield database
    database.dispose()
