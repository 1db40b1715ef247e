"""`python -m clinic export-detector-feedback`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clinic.audit.service import record
from clinic.content.yaml_files import DataFileError
from clinic.database import Database
from clinic.encryption import configure_encryption
from clinic.escalations.outcomes import Outcomes
from clinic.improvement.examples import CommonNames, Improvement
from clinic.models import ALL_MODELS
from clinic.settings import Settings

assert ALL_MODELS  # tables point at each other: every one must be known before the first query


def export_feedback(
    into: Annotated[Path, typer.Argument(dir_okay=False, help="a new file, .jsonl")],
) -> None:
    """Writes false alarms and missed messages, with consent and without identity, into a file for you alone."""
    settings = Settings()
    configure_encryption(settings)
    database = Database(settings.resolved_database_url)
    try:
        improvement = Improvement(names=CommonNames.load(), outcomes=Outcomes.load(), clinic_name=settings.clinic_name)
        with database.write() as session:
            content, count = improvement.as_jsonl(session)
            record(session, actor="command line", action="export", entity="detector_feedback", entity_id=count)
        into.touch(mode=0o600, exist_ok=False)
        into.write_bytes(content)
    except (FileExistsError, DataFileError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    finally:
        database.dispose()
    typer.echo(f"{count} messages written to {into}: read them before anybody else does")
