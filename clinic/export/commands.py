"""`python -m clinic export`: files for other systems and for the service's own reporting."""

from __future__ import annotations

import getpass
import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from clinic.content.paths import QUESTIONNAIRES
from clinic.content.yaml_files import DataFileError
from clinic.database import Database
from clinic.encryption import configure_encryption
from clinic.export.service import FILE_NAMES, Export, What
from clinic.patients.models import Patient
from clinic.questionnaires.definitions import Questionnaires
from clinic.settings import Settings

export_cli = typer.Typer(no_args_is_help=True, help=__doc__)
_Folder = Annotated[Path, typer.Argument(help="folder for the files; it is made when it is missing")]
_One = Annotated[str | None, typer.Option("--patient", help="only of the patient with this id")]
_Since = Annotated[
    datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="only what was filled in from this day on")
]


@export_cli.command("fhir")
def export_fhir(folder: _Folder, patient: _One = None, since: _Since = None) -> None:
    """FHIR R4, one resource a line: QuestionnaireResponse.ndjson and Observation.ndjson."""
    _write(folder, ("questionnaire_responses", "observations"), patient=patient, since=since)


@export_cli.command("csv")
def export_csv(folder: _Folder, since: _Since = None) -> None:
    """scores.csv (one row a response; --since counts here) and courses.csv (one row a course, with its change)."""
    _write(folder, ("scores", "courses"), patient=None, since=since)


def _write(folder: Path, files: tuple[What, ...], *, patient: str | None, since: datetime | None) -> None:
    settings = Settings()
    configure_encryption(settings)
    database = Database(settings.resolved_database_url)
    try:
        questionnaires = Questionnaires.load(QUESTIONNAIRES)
    except DataFileError as error:
        raise typer.BadParameter(str(error)) from error
    if patient is not None:
        with database.read() as session:
            if session.get(Patient, patient) is None:
                raise typer.BadParameter(f"there is no patient '{patient}'", param_hint="--patient")
    export = Export(
        database=database,
        questionnaires=questionnaires,
        base_url=settings.base_url,
        rule=settings.reliable_change_rule,
    )
    folder.mkdir(parents=True, exist_ok=True)
    moment = since.replace(tzinfo=settings.zone) if since is not None else None
    for what in files:
        count = _write_one(folder / FILE_NAMES[what], export, what, patient=patient, since=moment)
        typer.echo(f"{folder / FILE_NAMES[what]}: {count} lines", err=True)
    database.dispose()


def _write_one(path: Path, export: Export, what: What, *, patient: str | None, since: datetime | None) -> int:
    count = 0
    lines = export.lines(
        what,
        by=f"command line ({getpass.getuser()})",
        patient_id=patient,
        since=since if what != "courses" else None,
    )
    # People's answers: for the one who asked for them, and nobody else on this machine.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        for line in lines:
            file.write(line)
            count += 1
    return count
